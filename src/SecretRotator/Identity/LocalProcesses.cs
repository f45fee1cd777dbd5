using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SecretRotator.Vaults;

namespace SecretRotator.Identity;

/// <summary>
/// Names this process as the holder of a claim, and tells whether a process that held one is alive, as far as it ran
/// on this machine, since its last start and in the same process namespace. Reads Linux's <c>/proc</c> (proc(5)).
/// </summary>
/// <param name="proc">Where the process file system is mounted.</param>
internal sealed class LocalProcesses(string proc = "/proc")
{
    private const string NoMachine = "0000000000000000";
    private const int LongestName = 60;

    private readonly string _machine = Machine(proc);

    /// <summary>This process.</summary>
    /// <param name="userAndHost">For people; characters that a mark can't hold become dashes.</param>
    public Holder.Process Self(string userAndHost)
    {
        var name = string.Concat(userAndHost.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-' ? c : '-').Take(LongestName));
        var number = OwnNumber();
        return new(_machine, number, StartOf(number) ?? 0, name.Length > 0 ? name : "unknown");
    }

    /// <summary>Whether a process is alive; unknown for one of another machine.</summary>
    public HolderState StateOf(Holder.Process process)
    {
        if (_machine == NoMachine || process.Machine != _machine)
            return HolderState.Unknown;
        try
        {
            return StartOf(process.Number) == process.Start ? HolderState.Running : HolderState.Ended;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return HolderState.Unknown;
        }
    }

    // Container and host, or two containers, may share a boot id; the process namespace tells them apart.
    private static string Machine(string proc)
    {
        try
        {
            var boot = File.ReadAllText(Path.Combine(proc, "sys/kernel/random/boot_id")).Trim();
            return new FileInfo(Path.Combine(proc, "self/ns/pid")).LinkTarget is { Length: > 0 } space && boot.Length > 0
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{boot}\n{space}")))[..16]
                : NoMachine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return NoMachine;
        }
    }

    private int OwnNumber() => _machine == NoMachine ? 0 : Environment.ProcessId;

    // Field 22 of /proc/PID/stat, in clock ticks since the machine started; null where there is no such process.
    // Field 2, the name in parentheses, may itself hold blanks and parentheses. A zombie (state Z) or a dead one has ended.
    private long? StartOf(int number)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(Path.Combine(proc, number.ToString(CultureInfo.InvariantCulture), "stat"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X" or "x")
            && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : null;
    }
}
