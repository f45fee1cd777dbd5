using MySqlConnector;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Tests.Backends.MySql;

namespace SecretRotator.ServerTests.MySql;

/// <summary>The contract over MariaDB itself.</summary>
public sealed class MariaDbTests : MySqlContract, IClassFixture<MariaDbServer>
{
    private readonly MariaDbServer _server;

    public MariaDbTests(MariaDbServer server)
    {
        Assert.SkipUnless(MariaDbServer.IsInstalled, "MariaDB isn't installed.");
        _server = server;
    }

    private protected override IMySqlServer Under => _server;

    [Fact]
    public async Task What_has_no_answer_never_lands_once_it_has_settled()
    {
        var (backend, _) = await PairAsync();
        var before = await _server.KeptAsync(B);
        await using var root = await _server.RootAsync();
        await using (var block = new MySqlCommand("FLUSH TABLES WITH READ LOCK", root))
            await block.ExecuteNonQueryAsync();
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        var failure = await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), cancelled.Token));

        failure.Effect.Should().Be(Effect.Unknown);
        await Task.Delay(MySqlDefinition.StatementLimit.ToTimeSpan());
        await using (var unblock = new MySqlCommand("UNLOCK TABLES", root))
            await unblock.ExecuteNonQueryAsync();
        await Task.Delay(1_000);
        (await _server.KeptAsync(B)).Should().Equal(before);
    }
}

/// <summary>The contract of all backends over MariaDB itself, with two accounts.</summary>
public sealed class MariaDbPairTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.TwoAccounts);

/// <summary>The same with two passwords of one account.</summary>
public sealed class MariaDbTwoPasswordsTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.TwoPasswords);

/// <summary>The same with an account that changes its own password.</summary>
public sealed class MariaDbOwnTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.Own);

/// <summary>One server for the facts of one mode.</summary>
public abstract class MariaDbBackendContract : MySqlBackendContract, IClassFixture<MariaDbServer>
{
    private readonly MariaDbServer _server;

    protected MariaDbBackendContract(MariaDbServer server, MySqlMode mode)
        : base(mode)
    {
        Assert.SkipUnless(MariaDbServer.IsInstalled, "MariaDB isn't installed.");
        _server = server;
    }

    private protected override IMySqlServer Under => _server;
}
