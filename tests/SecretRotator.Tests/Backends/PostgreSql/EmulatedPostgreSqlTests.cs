using SecretRotator.Backends;

namespace SecretRotator.Tests.Backends.PostgreSql;

public sealed class EmulatedPostgreSqlTests(EmulatedPostgreSql server) : PostgreSqlContract, IClassFixture<EmulatedPostgreSql>
{
    private protected override IPostgreSqlServer Server => server;

    [Theory]
    [InlineData("lost", true)]
    [InlineData("garbage", false)]
    public async Task A_change_without_an_answer_has_an_unknown_effect(string fault, bool hasHappened)
    {
        server.Fault($"postgresql.alter-role@payments_b={fault}");
        var staged = Prepared(Fresh());

        var set = () => Backend.SetAsync(default, staged, Cancellation);

        var failure = Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which);
        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Unknown));
        (await ProveAsync(staged)).Should().Be(hasHappened ? Acceptance.Accepted : Acceptance.Refused);
    }

    [Theory]
    [InlineData("connect=503", FailureKind.Unavailable)]
    [InlineData("connect=429", FailureKind.Throttled)]
    [InlineData("connect=lost", FailureKind.Unavailable)]
    [InlineData("login=503", FailureKind.Unavailable)]
    [InlineData("login=garbage", FailureKind.Unavailable)]
    public async Task A_server_in_trouble_says_nothing_of_a_password(string fault, FailureKind kind)
    {
        server.Fault($"postgresql.{fault}");

        var proof = await Backend.ProveAsync(Current, Cancellation);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        Told(proof.Why).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task A_role_that_was_banned_after_wrong_passwords_is_neither_accepted_nor_refused()
    {
        await server.ChangeAsync(each => each.Roles["payments_a"].IsBanned = true);

        var proof = await Backend.ProveAsync(Current, Cancellation);

        (proof.Acceptance, Told(proof.Why).Kind).Should().Be((Acceptance.Unknown, FailureKind.AccessDenied));
        proof.Why!.Hint.Should().Contain("pg_banned_role_reset");
    }

    [Fact]
    public async Task A_change_that_is_refused_by_a_server_that_stops_is_unknown()
    {
        server.Fault("postgresql.alter-role=503");

        var set = () => Backend.SetAsync(default, Prepared(Fresh()), Cancellation);

        Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which).Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_change_may_land_when_no_one_waits_for_it_any_more()
    {
        server.Fault("postgresql.alter-role#1=late:50ms");
        var staged = Prepared(Fresh());

        var set = () => Backend.SetAsync(default, staged, Cancellation);

        Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which).Effect.Should().Be(Effect.Unknown);
        while (await ProveAsync(staged) != Acceptance.Accepted)
            await Task.Yield();
    }

    [Fact]
    public async Task A_change_that_is_held_lands_once_it_is_let_go()
    {
        server.Fault("postgresql.alter-role@payments_b=hold-before");
        var staged = Prepared(Fresh());

        var set = Backend.SetAsync(default, staged, Cancellation);
        while (server.Host.Faults.Held == 0)
            await Task.Yield();
        (await ProveAsync(staged)).Should().Be(Acceptance.Refused);
        server.Host.Faults.Clear();
        await set;

        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task The_call_log_tells_logins_and_statements_by_role()
    {
        server.Host.Calls.Clear();

        await SetAsync();

        server.Host.Calls.Snapshot().Select(call => $"{call.Listener} {call.Operation} {call.Resource} {call.Depth} {call.Status}").Should()
            .Equal(
            "postgresql:db.internal:5432 connect secret_rotator 1 200",
            "postgresql:db.internal:5432 login secret_rotator 2 200",
            "postgresql:db.internal:5432 alter-role payments_b 3 200");
    }

    [Fact]
    public async Task From_PostgreSQL_16_on_the_admin_option_is_needed_and_named()
    {
        await server.ChangeAsync(each => each.Version = 160_004);
        (await NotFitAsync(FailureKind.AccessDenied))
            .Should()
            .Contain("ADMIN OPTION").And
            .Contain("GRANT \"payments_a\" TO \"secret_rotator\"");
        await server.ChangeAsync(each => each.Roles["secret_rotator"].Administers.UnionWith(["payments_a", "payments_b"]));

        await Backend.InspectAsync(Current, Cancellation);

        (await ProveAsync(await SetAsync())).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task From_PostgreSQL_16_on_a_role_that_replicates_may_be_changed()
    {
        await server.ChangeAsync(each =>
        {
            (each.Version, each.Roles["payments_b"].Replicates) = (170_000, true);
            each.Roles["secret_rotator"].Administers.UnionWith(["payments_a", "payments_b"]);
        });

        await Backend.InspectAsync(Current, Cancellation);

        (await ProveAsync(await SetAsync())).Should().Be(Acceptance.Accepted);
    }
}

public sealed class OwnEmulatedPostgreSqlTests(EmulatedPostgreSql server) : OwnPostgreSqlContract, IClassFixture<EmulatedPostgreSql>
{
    private protected override IPostgreSqlServer Server => server;
}
