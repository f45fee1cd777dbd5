using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.PostgreSql;

namespace SecretRotator.Tests.Backends.PostgreSql;

/// <summary>The emulator.</summary>
public sealed class EmulatedPostgreSql : IPostgreSqlServer, IAsyncLifetime
{
    private SandboxHost? _host;

    internal SandboxHost Host => _host!;

    string IPostgreSqlServer.Authority => AuthorityFile;

    ServerAddress IPostgreSqlServer.Way =>
        new(Host.Servers[0].Address.Host, Host.Servers[0].Address.Port);

    private string AuthorityFile { get; } = Path.GetTempFileName();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance }, [],
            servers: [new PostgreSqlEmulator(PostgreSqlFixture.Address)]);
        await File.WriteAllTextAsync(AuthorityFile, Host.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        File.Delete(AuthorityFile);
    }

    /// <summary>Injects faults.</summary>
    internal void Fault(params string[] specs) => Host.Faults.Add([.. specs.Select(FaultSpec.Parse)]);

    /// <summary>Changes the server.</summary>
    internal Task ChangeAsync(Action<PostgreSqlState> change) =>
        Host.Store.ChangeAsync(state => change(state.PostgreSql[PostgreSqlFixture.Address.ToString()]), Cancellation);

    Task IPostgreSqlServer.ResetAsync(params TestRole[] roles)
    {
        Host.Faults.Clear();
        return Host.Store.ChangeAsync(
            state =>
            {
                var server = new PostgreSqlState { Databases = { PostgreSqlFixture.Database } };
                foreach (var role in roles)
                    server.Roles[role.Name] = StateOf(role);
                state.PostgreSql[PostgreSqlFixture.Address.ToString()] = server;
            },
            Cancellation);
    }

    Task IPostgreSqlServer.ChangeAsync(TestRole role) => ChangeAsync(server => server.Roles[role.Name] = StateOf(role));

    Task IPostgreSqlServer.RemoveAsync(string role) => ChangeAsync(server => server.Roles.Remove(role));

    Task IPostgreSqlServer.MakeReadOnlyAsync(string role) => ChangeAsync(server => server.IsReplica = true);

    Task<string> IPostgreSqlServer.LookAsync() => Host.Store.ReadAsync(
        state => string.Join('\n', state.PostgreSql[PostgreSqlFixture.Address.ToString()].Roles.Select(
            role => $"{role.Key} {role.Value.MayLogIn} {role.Value.Verifier}")),
        Cancellation);

    Task<int> IPostgreSqlServer.CountLoginsAsync() => Task.FromResult(Host.Calls.Snapshot().Count(call => call.Operation == "login"));

    // It acts under the lock of its state, in the order in which calls arrive.
    Task IPostgreSqlServer.SettleAsync() => Host.Store.ReadAsync(_ => true, Cancellation);

    Task<string> IPostgreSqlServer.ReadLogsAsync()
    {
        var calls = Host.Calls.Snapshot();
        calls.Select(call => call.Defect).Should().AllSatisfy(defect => defect.Should().BeNull());
        return Task.FromResult(string.Join('\n', calls));
    }

    private static PostgreSqlRoleState StateOf(TestRole role) => new()
    {
        Verifier = role.Password is null ? null : VerifierOf(role.Password),
        MayLogIn = role.MayLogIn,
        IsSuper = role.IsSuper,
        MayCreateRoles = role.MayCreateRoles,
        Replicates = role.Replicates,
        ValidUntil = role.HasEnded ? DateTimeOffset.UnixEpoch : null,
        ConnectionLimit = role.ConnectionLimit,
    };

    private static string VerifierOf(string password)
    {
        using var value = SecretValue.FromText(password);
        return ScramVerifier.Of(value);
    }
}
