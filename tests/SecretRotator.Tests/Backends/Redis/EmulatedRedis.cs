using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Redis;

namespace SecretRotator.Tests.Backends.Redis;

/// <summary>The emulator in a sandbox.</summary>
internal sealed class EmulatedRedis : RedisServerUnderTest
{
    private static readonly ServerAddress Listening = new("localhost", 0);

    private readonly SandboxHost _host;
    private readonly string _authority = Path.GetTempFileName();
    private bool _stopped;

    private EmulatedRedis(SandboxHost host)
    {
        _host = host;
        File.WriteAllText(_authority, host.AuthorityPem);
        Address = new("localhost", host.Servers[0].Address.Port);
    }

    public override ServerAddress Address { get; }

    public override string Authority => _authority;

    public override Task<int> CountLoginsAsync() =>
        Task.FromResult(_host.Calls.Snapshot().Count(call => call.Operation == "auth") - OwnLogins);

    public override Task<string> ReadLogsAsync() =>
        Task.FromResult(string.Join('\n', _host.Calls.Snapshot().Select(call => call.ToString())));

    public static async Task<EmulatedRedis> StartAsync(bool hasAclFile)
    {
        var host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance }, [],
            seed: state =>
            {
                state.Redis[Listening.ToString()] = new()
                {
                    HasAclFile = hasAclFile,
                    Users = { [Root] = RedisUserState.Of(RootPassword, ["@all"]) },
                };
                return true;
            },
            servers: [new RedisEmulator(Listening)],
            cancellation: TestContext.Current.CancellationToken);
        return new(host);
    }

    public override Task<int?> PlainPasswordsAsync() =>
        _host.Store.ReadAsync(state => (int?)state.Redis[Listening.ToString()].PlainPasswords);

    public override Task RestartAsync() => _host.Store.ChangeAsync(state => state.Redis[Listening.ToString()].Restart());

    public override async Task StopAsync()
    {
        if (!_stopped)
            await _host.DisposeAsync();
        _stopped = true;
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        File.Delete(_authority);
    }
}
