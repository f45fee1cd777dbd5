using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Tests.Backends.PostgreSql;

namespace SecretRotator.ServerTests.PostgreSql;

public sealed class RealPostgreSqlTests(RealPostgreSql server) : PostgreSqlContract, IClassFixture<RealPostgreSql>
{
    private protected override IPostgreSqlServer Server => server;

    [Theory]
    [InlineData("by_trust")]
    [InlineData("by_password")]
    [InlineData("by_md5")]
    public async Task A_server_that_asks_for_another_way_to_log_in_gets_nothing_and_proves_nothing(string user)
    {
        await Server.ResetAsync(Administrator, InUse with { Name = user }, Idle);
        if (user == "by_md5")
            await server.ExecuteAsync($"SET password_encryption = md5; ALTER ROLE {user} PASSWORD '{PostgreSqlFixture.OldPassword}'");
        await using var other = new PostgreSqlFixture(Server, isOwn: false, user, Idle.Name);

        foreach (var content in new[] { other.Current(), other.With(other.Current(), "wrong") })
        {
            var proof = await other.Connect().ProveAsync(Keep(content), Cancellation);

            (proof.Acceptance, Told(proof.Why).Kind).Should().Be((Acceptance.Unknown, FailureKind.Unsupported));
            proof.Why!.Message.Should().Contain("SCRAM-SHA-256");
        }
    }

    [Fact]
    public async Task A_machine_that_is_not_let_in_says_nothing_of_the_password()
    {
        await Server.ResetAsync(Administrator, InUse with { Name = "by_no_one" }, Idle);
        await using var other = new PostgreSqlFixture(Server, isOwn: false, "by_no_one", Idle.Name);

        var proof = await other.Connect().ProveAsync(Keep(other.Current()), Cancellation);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        Told(proof.Why).Hint.Should().Contain("pg_hba.conf");
    }

    [Fact]
    public async Task A_change_that_waits_for_a_lock_ends_at_the_servers_limit_and_never_happens()
    {
        var staged = Prepared(Fresh());
        await using (var root = await server.OpenRootAsync())
        {
            await using var transaction = await root.BeginTransactionAsync(Cancellation);
            await using var held = new Npgsql.NpgsqlCommand("LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE", root);
            await held.ExecuteNonQueryAsync(Cancellation);

            var set = () => Backend.SetAsync(default, staged, Cancellation);

            var failure = Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which);
            (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Rejected));
        }

        (await ProveAsync(staged)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task The_script_of_the_documentation_gives_the_rights_that_suffice_and_a_common_owner()
    {
        await Server.ResetAsync();
        await server.ExecuteAsync(PostgreSqlDocumentation.Script, PostgreSqlFixture.Database);
        await server.ExecuteAsync($"""
            ALTER ROLE secret_rotator PASSWORD '{PostgreSqlFixture.AdminPassword}';
            ALTER ROLE payments_a PASSWORD '{PostgreSqlFixture.OldPassword}'
            """);

        await Backend.InspectAsync(Current, Cancellation);
        var staged = await SetAsync();
        await RunAsync(Current, "CREATE TABLE orders (id int)");
        await RunAsync(staged, "ALTER TABLE orders ADD COLUMN paid bool; DROP TABLE orders");
        await Backend.DisableAsync(new("payments_a"), new("payments_b"), Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
    }

    private async Task RunAsync(SecretValue content, string statement)
    {
        using var login = ServerLogin.Of(content, "username", "password");
        await using var session = ((PostgreSqlFixture)Fixture).Session(login.User, login.Password);
        await session.OpenAsync(Cancellation);
        await session.WriteAsync(statement, Cancellation);
    }
}

public sealed class OwnRealPostgreSqlTests(RealPostgreSql server) : OwnPostgreSqlContract, IClassFixture<RealPostgreSql>
{
    private protected override IPostgreSqlServer Server => server;

    [Fact]
    public async Task A_role_that_becomes_another_one_at_login_changes_its_own_password()
    {
        await server.ExecuteAsync("CREATE ROLE owner; GRANT owner TO payments; ALTER ROLE payments SET role = owner");

        var staged = await SetAsync();

        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
    }
}
