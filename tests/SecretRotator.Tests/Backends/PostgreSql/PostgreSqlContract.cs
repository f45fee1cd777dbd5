using SecretRotator.Backends;
using SecretRotator.Providers.Backends.PostgreSql;

namespace SecretRotator.Tests.Backends.PostgreSql;

/// <summary>What the backend for PostgreSQL promises besides, where two roles take turns.</summary>
public abstract class PostgreSqlContract : CredentialBackendContract
{
    private const string First = "payments_a";
    private const string Second = "payments_b";

    private protected static readonly TestRole Administrator =
        new(PostgreSqlFixture.Administrator, PostgreSqlFixture.AdminPassword) { MayCreateRoles = true };

    private protected static readonly TestRole InUse = new(First, PostgreSqlFixture.OldPassword);

    private protected static readonly TestRole Idle = new(Second, null) { MayLogIn = false };

    private protected abstract IPostgreSqlServer Server { get; }

    private PostgreSqlFixture Roles => (PostgreSqlFixture)Fixture;

    protected override async Task<BackendFixture> OpenAsync()
    {
        await Server.ResetAsync(Administrator, InUse, Idle);
        return new PostgreSqlFixture(Server, isOwn: false, First, Second);
    }

    [Theory]
    [InlineData("a \"quoted\" name")]
    [InlineData("it's \\ 100 % $1 {0}")]
    [InlineData("größe-日本")]
    [InlineData("UPPER; DROP ROLE secret_rotator")]
    [InlineData("63-bytes-123456789012345678901234567890123456789012345678901234")]
    public async Task A_role_may_have_any_name(string name)
    {
        await Server.ResetAsync(Administrator, InUse with { Name = name }, Idle);
        await using var named = new PostgreSqlFixture(Server, isOwn: false, name, Second);
        var (backend, current) = (named.Connect(), Keep(named.Current()));
        (await backend.ProveAsync(current, Cancellation)).Should().Be(Proof.Accepted);

        var staged = Keep(backend.Prepare(current, current));
        await backend.SetAsync(default, staged, Cancellation);
        await backend.DisableAsync(new(name), new(Second), Cancellation);

        (await backend.ProveAsync(current, Cancellation)).Acceptance.Should().Be(Acceptance.Refused);
        (await backend.InspectAsync(staged, Cancellation)).Slots.Should().BeEquivalentTo(
            [new Slot(new(name), Enabled: false), new Slot(new(Second), Enabled: true)]);
        await backend.EnableAsync(new(name), current, Cancellation);
        (await backend.ProveAsync(current, Cancellation)).Should().Be(Proof.Accepted);
    }

    [Fact]
    public async Task A_role_that_may_not_log_in_or_has_ended_or_is_gone_is_refused()
    {
        await Server.ChangeAsync(InUse with { MayLogIn = false });
        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
        await Server.ChangeAsync(InUse with { HasEnded = true });
        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
        await Server.RemoveAsync(First);
        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_role_without_a_connection_left_says_nothing_of_its_password()
    {
        await Server.ChangeAsync(InUse with { ConnectionLimit = 0 });

        var proof = await Backend.ProveAsync(Current, Cancellation);

        (proof.Acceptance, Told(proof.Why).Kind).Should().Be((Acceptance.Unknown, FailureKind.Throttled));
    }

    [Fact]
    public async Task A_database_that_is_not_there_says_nothing_of_the_password()
    {
        await using var misnamed = new PostgreSqlFixture(Server, isOwn: false, First, Second);
        var proof = await new PostgreSqlBackend(
            misnamed.Definition with { Database = "paymnets" }, misnamed.Network, admin: null,
            _ => throw new InvalidOperationException())
            .ProveAsync(Current, Cancellation);

        (proof.Acceptance, Told(proof.Why).Kind).Should().Be((Acceptance.Unknown, FailureKind.NotFound));
    }

    [Fact]
    public async Task To_prove_is_one_login()
    {
        var before = await Fixture.CountLoginsAsync();

        await ProveAsync(With(Current, "wrong"));

        (await Fixture.CountLoginsAsync()).Should().Be(before + 1);
    }

    [Fact]
    public async Task A_missing_right_to_create_roles_is_named()
    {
        await Server.ChangeAsync(Administrator with { MayCreateRoles = false });

        (await NotFitAsync(FailureKind.AccessDenied)).Should().Contain("CREATEROLE");
        var set = () => Backend.SetAsync(default, Prepared("never set"), Cancellation);
        var failure = Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which);
        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Hint.Should().Contain("CREATEROLE");
    }

    [Theory]
    [InlineData(true, "SUPERUSER")]
    [InlineData(false, "REPLICATION")]
    public async Task A_role_that_only_superusers_may_change_is_named(bool isSuper, string word)
    {
        await Server.ChangeAsync(Idle with { IsSuper = isSuper, Replicates = !isSuper });

        (await NotFitAsync(FailureKind.AccessDenied)).Should().Contain(word).And.Contain(Second);
        var set = () => Backend.SetAsync(default, Prepared("never set"), Cancellation);
        Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which).Kind.Should().Be(FailureKind.AccessDenied);
    }

    [Fact]
    public async Task A_superuser_may_change_every_role()
    {
        await Server.ChangeAsync(Administrator with { IsSuper = true, MayCreateRoles = false });
        await Server.ChangeAsync(Idle with { IsSuper = true });

        await Backend.InspectAsync(Current, Cancellation);

        (await ProveAsync(await SetAsync())).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task An_administrator_whose_password_is_wrong_is_named()
    {
        await Server.ChangeAsync(Administrator with { Password = "another one" });

        (await NotFitAsync(FailureKind.Unauthenticated)).Should().Contain(PostgreSqlFixture.Administrator);
    }

    [Fact]
    public async Task A_missing_role_is_named_with_the_statement_that_makes_it()
    {
        await Server.RemoveAsync(Second);

        (await NotFitAsync(FailureKind.NotFound)).Should().Contain("CREATE ROLE \"payments_b\"");
        var set = () => Backend.SetAsync(default, Prepared("never set"), Cancellation);
        Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which).Kind.Should().Be(FailureKind.NotFound);
        await Backend.DisableAsync(new(Second), new(First), Cancellation);
    }

    [Fact]
    public async Task An_idle_role_that_would_refuse_every_password_is_named()
    {
        await Server.ChangeAsync(Idle with { HasEnded = true });
        (await NotFitAsync(FailureKind.Conflict)).Should().Contain("VALID UNTIL 'infinity'");
        await Server.ChangeAsync(Idle with { ConnectionLimit = 0 });
        (await NotFitAsync(FailureKind.Conflict)).Should().Contain("CONNECTION LIMIT -1");
    }

    [Fact]
    public async Task A_server_that_takes_no_changes_is_named()
    {
        await Server.MakeReadOnlyAsync(PostgreSqlFixture.Administrator);

        (await NotFitAsync(FailureKind.Conflict)).Should().Contain("primary");
        var set = () => Backend.SetAsync(default, Prepared("never set"), Cancellation);
        var failure = Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which);
        (failure.Kind, failure.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
    }

    [Fact]
    public async Task Sessions_outlast_the_disabling_of_their_role()
    {
        using var password = SecretValue.FromText(PostgreSqlFixture.OldPassword);
        await using var job = Roles.Session(First, password);
        await job.OpenAsync(Cancellation);
        await SetAsync();

        await Backend.DisableAsync(new(First), new(Second), Cancellation);

        (await job.ReadAsync(PostgreSqlBackend.ServerQuery, Cancellation)).Should().ContainSingle();
        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_password_outside_ASCII_is_proven_but_never_set()
    {
        var staged = Prepared("größer als sechzehn");

        var set = () => Backend.SetAsync(default, staged, Cancellation);

        (await set.Should().ThrowAsync<SecretContentException>()).Which.Hint.Should().Contain("ASCII");
        (await ProveAsync(staged)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public void A_content_of_another_user_is_none_of_this_backend()
    {
        var slot = () => Backend.SlotOf(Keep(SecretValue.FromText(PostgreSqlFixture.ContentOf("payments", "x"))));

        slot.Should().Throw<SecretContentException>().WithMessage("*payments_a, payments_b*");
    }

    [Fact]
    public async Task A_user_is_no_administrator_of_itself()
    {
        var backend = new PostgreSqlBackend(
            Roles.Definition, Roles.Network,
            _ => Task.FromResult(SecretValue.FromText(PostgreSqlFixture.ContentOf(First, PostgreSqlFixture.OldPassword))),
            _ => throw new InvalidOperationException());

        var inspect = () => backend.InspectAsync(Current, Cancellation);

        await inspect.Should().ThrowAsync<UsageException>().WithMessage("*payments_a*");
    }

    /// <summary>What a look says against a rotation: message and hint.</summary>
    private protected async Task<string> NotFitAsync(FailureKind kind)
    {
        var inspect = () => Backend.InspectAsync(Current, Cancellation);
        var failure = Told((await inspect.Should().ThrowAsync<RemoteFailureException>()).Which);
        failure.Kind.Should().Be(kind);
        return $"{failure.Message} {failure.Hint}";
    }
}

/// <summary>The same where a role changes its own password.</summary>
public abstract class OwnPostgreSqlContract : CredentialBackendContract
{
    private const string Role = "payments";

    private protected abstract IPostgreSqlServer Server { get; }

    protected override async Task<BackendFixture> OpenAsync()
    {
        await Server.ResetAsync(new TestRole(Role, PostgreSqlFixture.OldPassword));
        return new PostgreSqlFixture(Server, isOwn: true, Role, Role);
    }

    [Fact]
    public async Task The_old_password_can_be_set_again_with_the_one_that_is_staged()
    {
        var staged = await SetAsync();

        await Backend.SetAsync(default, Current, Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(staged)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_password_that_the_vault_does_not_know_is_said_to_be_refused()
    {
        await Server.ChangeAsync(new TestRole(Role, "changed by hand"));

        var set = () => Backend.SetAsync(default, Prepared(Fresh()), Cancellation);

        var failure = Told((await set.Should().ThrowAsync<RemoteFailureException>()).Which);
        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unauthenticated, Effect.Rejected));
    }
}
