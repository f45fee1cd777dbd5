using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NodaTime;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.ServerTests;

/// <summary>A real server on a free port, in a folder of its own with its own certificate authority.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("server-");
    private Process? _process;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; } = FreePort();

    /// <summary>The folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>A file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The program of that name, in a folder of <c>PATH</c> or in one of those; null where it isn't installed.</summary>
    public static string? Find(string name, params IEnumerable<string> folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(folders)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Makes <c>ca.pem</c>, <c>server.pem</c> and <c>server-key.pem</c> for that name.</summary>
    public async Task CertifyAsync(string host) => (await SandboxCertificates.InAsync(
        new StateFolder(Folder, TimeProvider.System), SystemClock.Instance.GetCurrentInstant(), CancellationToken.None, host)).Dispose();

    /// <summary>
    /// Runs a program to its end. Where this is root, which some servers refuse to be, it runs as that user, who owns the folder.
    /// </summary>
    public async Task RunAsync(string? user, string program, params string[] arguments)
    {
        using var process = Start(user, program, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} says {1} {2}", program, await output, await errors);
    }

    /// <summary>What the server tells of itself: it is written before a client gets its answer.</summary>
    public string Log => PathOf("server.log");

    /// <summary>Runs the server, and waits until it listens.</summary>
    public async Task StartAsync(string? user, string program, params string[] arguments)
    {
        _process = Start(user, "sh", ["-c", "exec \"$0\" \"$@\" > server.log 2>&1", program, .. arguments]);
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (patience.Elapsed < TimeSpan.FromSeconds(20) && !_process.HasExited)
            {
                await Task.Delay(10);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private Process Start(string? user, string program, string[] arguments)
    {
        IEnumerable<string> command = [program, .. arguments];
        if (user is not null && Environment.UserName == "root")
            command = ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", .. command];
        return Process.Start(new ProcessStartInfo(command.First(), command.Skip(1))
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        })!;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
