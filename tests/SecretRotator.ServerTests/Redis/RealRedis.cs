using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;
using SecretRotator.Tests.Backends.Redis;

namespace SecretRotator.ServerTests.Redis;

/// <summary>A Redis server on a free port in a folder of its own, which logs all that it can.</summary>
internal sealed class RealRedis : RedisServerUnderTest
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-");
    private Process? _process;

    private RealRedis() => Address = new("localhost", FreePort());

    public override ServerAddress Address { get; }

    public override string Authority => PathOf("ca.pem");

    public static async Task<RealRedis> StartAsync(bool hasAclFile)
    {
        var server = new RealRedis();
        (await SandboxCertificates.InAsync(
            new StateFolder(server._folder.FullName, TimeProvider.System), SystemClock.Instance.GetCurrentInstant(),
            TestContext.Current.CancellationToken)).Dispose();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RootPassword)));
        string[] users = ["user default off", $"user {Root} on #{hash} ~* &* +@all"];
        await File.WriteAllTextAsync(server.PathOf("users.acl"), string.Join('\n', users) + "\n");
        await File.WriteAllTextAsync(
            server.PathOf("redis.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                port 0
                tls-port {server.Address.Port}
                bind 127.0.0.1
                tls-cert-file {server.PathOf("server.pem")}
                tls-key-file {server.PathOf("server-key.pem")}
                tls-ca-cert-file {server.PathOf("ca.pem")}
                tls-auth-clients no
                dir {server._folder.FullName}
                save ""
                loglevel debug
                logfile {server.PathOf("redis.log")}
                slowlog-log-slower-than 0
                slowlog-max-len 10000
                {(hasAclFile ? $"aclfile {server.PathOf("users.acl")}" : string.Join('\n', users))}

                """));
        await server.RunServerAsync();
        return server;
    }

    public override async Task RestartAsync()
    {
        await StopAsync();
        await RunServerAsync();
    }

    public override async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public override async Task<int> CountLoginsAsync()
    {
        var counted = Regex.Match((await RunAsync("INFO", "commandstats")).AsText!, @"cmdstat_auth:calls=(\d+)");
        return int.Parse(counted.Groups[1].Value, CultureInfo.InvariantCulture) - OwnLogins;
    }

    public override async Task<string> ReadLogsAsync()
    {
        var slow = await RunAsync("SLOWLOG", "GET", "10000");
        slow.Parts.Should().NotBeEmpty("the log of commands must be on");
        return Flat(slow) + await File.ReadAllTextAsync(PathOf("redis.log"));
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    private static string Flat(RedisReply reply) => reply.AsText ?? string.Join(' ', reply.Parts.Select(Flat));

    private async Task RunServerAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", [PathOf("redis.conf")]) { RedirectStandardOutput = true })!;
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Address.Port, TestContext.Current.CancellationToken);
                return;
            }
            catch (SocketException) when (patience.Elapsed < TimeSpan.FromSeconds(20) && !_process.HasExited)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
