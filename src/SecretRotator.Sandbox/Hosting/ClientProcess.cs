using System.Diagnostics;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>Finds the process at the other end of a loopback connection, in order to end it for the fault <c>kill</c>.</summary>
internal static class ClientProcess
{
    /// <summary>Kills the process (SIGKILL) that called <paramref name="serverPort"/> from <paramref name="clientPort"/>.</summary>
    /// <returns>False where no such process was found; Linux shows only those of the same user.</returns>
    public static bool Kill(int clientPort, int serverPort)
    {
        if (Find(clientPort, serverPort) is not { } number)
            return false;
        try
        {
            using var process = Process.GetProcessById(number);
            process.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The process whose socket has these ports, or null. A port may serve several connections, so both count.</summary>
    internal static int? Find(int clientPort, int serverPort)
    {
        var inodes = Inodes("/proc/net/tcp", clientPort, serverPort)
            .Concat(Inodes("/proc/net/tcp6", clientPort, serverPort))
            .Select(inode => $"socket:[{inode}]")
            .ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0)
            return null;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && Holds(folder, inodes))
                return number;
        }

        return null;
    }

    // Lines: number, local address:port, remote address:port, state, …, the tenth column is the inode (proc(5)).
    private static List<string> Inodes(string file, int localPort, int remotePort)
    {
        if (!File.Exists(file))
            return [];
        var local = ":" + localPort.ToString("X4", CultureInfo.InvariantCulture);
        var remote = ":" + remotePort.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines(file)
            .Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > 9 && columns[9] != "0")
            .Where(columns => columns[1].EndsWith(local, StringComparison.Ordinal) && columns[2].EndsWith(remote, StringComparison.Ordinal))
            .Select(columns => columns[9])
            .ToList();
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }
}
