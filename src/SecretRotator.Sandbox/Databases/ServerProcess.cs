using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Databases;

/// <summary>A server that is installed on this machine (Linux), on a free port, with its files in a folder.</summary>
/// <remarks>
/// It runs in a session of its own, where Ctrl+C doesn't reach it, beside a shell that stops it once the shell's input ends: that is when
/// this process ends, even if it is killed. Both hold the folder's lock until they have ended, and the next start waits for it.
/// </remarks>
internal sealed class ServerProcess(string folder) : IAsyncDisposable
{
    private const string LogFile = "server.log";
    private const string InUse = "75";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private Process? _process;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; } = FreePort();

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>What the server tells of itself: it is written before a client gets its answer.</summary>
    public string Log => PathOf(LogFile);

    /// <summary>A file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The program of that name, in a folder of <c>PATH</c> or in one of those; null where it isn't installed.</summary>
    public static string? Find(string name, params IEnumerable<string> folders) =>
        !OperatingSystem.IsLinux()
            ? null
            : SearchPath.Split(Path.PathSeparator).Concat(folders)
                .Select(each => Path.Combine(each, name)).FirstOrDefault(File.Exists);

    /// <summary>Has a program make the server's data where there are none yet; one that didn't get to its end leaves none.</summary>
    /// <param name="user">Whose rights it has where this is root, which some servers refuse to be.</param>
    /// <param name="command">The program and its arguments, for the folder that it is to make.</param>
    /// <returns>The folder of the data.</returns>
    /// <exception cref="SandboxFailureException">It failed.</exception>
    public async Task<string> MakeDataAsync(string? user, Func<string, IEnumerable<string>> command)
    {
        var (data, draft) = (PathOf("data"), PathOf("data.new"));
        if (Directory.Exists(data))
            return data;
        Directory.CreateDirectory(Folder);
        if (Directory.Exists(draft))
            Directory.Delete(draft, recursive: true);
        using var process = Start(As(user).Concat(command(draft)));
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new SandboxFailureException($"{command(draft).First()} failed: {(await output + await errors).Trim()}");
        Directory.Move(draft, data);
        return data;
    }

    /// <summary>Runs the server, and waits until it listens.</summary>
    /// <param name="user">As in <see cref="MakeDataAsync"/>.</param>
    /// <param name="stop">The signal that stops it, such as <c>TERM</c>.</param>
    /// <param name="socket">The path of the socket that it makes after its port.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="SandboxFailureException">It ended instead, or another process has the folder.</exception>
    public async Task StartAsync(string? user, string stop, string socket, params IEnumerable<string> command)
    {
        string[] supervised =
        [
            "setsid", "flock", "--no-fork", "--wait", "20", "--conflict-exit-code", InUse, PathOf("lock"), "sh", "-c",
            $"exec 3<&0; (read -r end <&3; kill -{stop} $$) > /dev/null 2>&1 & exec \"$@\" > '{LogFile}' 2>&1 < /dev/null 3<&-", "sh",
        ];
        var process = _process = Start(supervised.Concat(As(user)).Concat(command));
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        for (var patience = Stopwatch.StartNew(); !await ListensAsync(socket);)
        {
            if (process.HasExited && process.ExitCode.ToString(CultureInfo.InvariantCulture) == InUse)
                throw new SandboxFailureException($"Another command uses the server in {Folder}. Wait until it has ended.");
            if (process.HasExited || patience.Elapsed > StartLimit)
                throw new SandboxFailureException(
                    $"{command.First()} doesn't start: {(File.Exists(Log) ? File.ReadLines(Log).LastOrDefault() : null)} See {Log}.");
            await Task.Delay(10);
        }
    }

    /// <summary>Stops the server; its data stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not { } process)
            return;
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    // The right to pass through folders that are for root alone stays.
    private static IEnumerable<string> As(string? user) => user is null || Environment.UserName != "root"
        ? []
        : ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];

    private Process Start(IEnumerable<string> command) => Process.Start(new ProcessStartInfo(command.First(), command.Skip(1))
    {
        WorkingDirectory = Folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["LC_ALL"] = "C.UTF-8" },
    })!;

    // The port could be another's by now, a file in the folder can't.
    private static async Task<bool> ListensAsync(string socket)
    {
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

#pragma warning disable RS0030 // Programs are looked for where a shell looks for them: that is no setting.
    private static string SearchPath => Environment.GetEnvironmentVariable("PATH") ?? "";
#pragma warning restore RS0030

    // Below the ports that Linux gives to whoever asks for any: one of those may be given away before the server binds it.
    private static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_768);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another has it.
            }
        }
    }
}
