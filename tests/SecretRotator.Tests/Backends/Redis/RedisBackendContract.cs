using System.Net.Security;
using System.Text.Json.Nodes;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.Redis;

namespace SecretRotator.Tests.Backends.Redis;

/// <summary>What the backend for Redis promises, over the emulator and over a real server.</summary>
public abstract class RedisBackendContract : CredentialBackendContract
{
    private const string AdminPassword = "an administrator's password";
    private const string First = "the first password";
    private const string Second = "the second password";

    private RedisServerUnderTest _server = null!;

    private RedisBackend TwoUsers => Open(["app_a", "app_b"]);

    private RedisBackend OneUser => Open(["app_a"]);

    private protected abstract Task<RedisServerUnderTest> StartAsync(bool hasAclFile);

    protected override async Task<BackendFixture> OpenAsync()
    {
        await BeginAsync(hasAclFile: true);
        return new RedisFixture(this);
    }

    [Fact]
    public async Task Of_two_users_the_idle_one_gets_the_new_password_and_the_other_keeps_its_own()
    {
        var (old, staged) = await SetAsync(TwoUsers);

        (SlotIn(TwoUsers, old), SlotIn(TwoUsers, staged)).Should().Be(("app_a", "app_b"));
        (await AcceptanceAsync(old), await AcceptanceAsync(staged)).Should().Be((Acceptance.Accepted, Acceptance.Accepted));
        (await AcceptanceAsync(Content("app_b", "left over"))).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task One_user_has_two_passwords_for_a_while()
    {
        var (old, staged) = await SetAsync(OneUser);

        (await AcceptanceAsync(old, OneUser), await AcceptanceAsync(staged, OneUser)).Should()
            .Be((Acceptance.Accepted, Acceptance.Accepted));
        (await OneUser.InspectAsync(old, Cancellation)).Slots.Select(slot => slot.Id).Should()
            .BeEquivalentTo([OneUser.SlotOf(old), OneUser.SlotOf(staged)]);
        OneUser.SlotOf(old).Value.Should().MatchRegex("^app_a#[0-9a-f]{6}$");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_restart_keeps_what_was_set_and_what_was_disabled(bool hasAclFile, bool two)
    {
        if (!hasAclFile)
            await BeginAsync(hasAclFile);
        var backend = two ? TwoUsers : OneUser;
        var (old, staged) = await SetAsync(backend);

        await _server.RestartAsync();
        (await AcceptanceAsync(staged, backend)).Should().Be(Acceptance.Accepted);

        await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(staged), Cancellation);
        await _server.RestartAsync();
        (await AcceptanceAsync(old, backend), await AcceptanceAsync(staged, backend)).Should()
            .Be((Acceptance.Refused, Acceptance.Accepted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disabling_refuses_it_twice_is_once_and_enabling_accepts_it_again(bool two)
    {
        var backend = two ? TwoUsers : OneUser;
        var (old, staged) = await SetAsync(backend);
        var (slot, inUse) = (backend.SlotOf(old), backend.SlotOf(staged));

        await backend.DisableAsync(slot, inUse, Cancellation);
        await backend.DisableAsync(slot, inUse, Cancellation);
        await backend.DeleteAsync(slot, inUse, Cancellation);

        (await AcceptanceAsync(old, backend), await AcceptanceAsync(staged, backend)).Should()
            .Be((Acceptance.Refused, Acceptance.Accepted));

        await backend.EnableAsync(slot, old, Cancellation);

        (await AcceptanceAsync(old, backend), await AcceptanceAsync(staged, backend)).Should()
            .Be((Acceptance.Accepted, Acceptance.Accepted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disabling_what_is_gone_is_done(bool two)
    {
        var backend = two ? TwoUsers : OneUser;
        var gone = two ? "app_b" : "app_a#000000";
        if (two)
            await _server.RunAsync("ACL", "DELUSER", "app_b");

        await backend.DisableAsync(new(gone), backend.SlotOf(Content("app_a", First)), Cancellation);

        (await _server.RunAsync("ACL", "GETUSER", "app_b")).Should().Match<RedisReply>(reply => !two || reply is RedisReply.Nothing);
    }

    [Fact]
    public async Task Connections_that_are_logged_in_outlast_their_disabling()
    {
        await using var job = await RedisConnection.OpenAsync(_server.Address, _server.Network(), TimeProvider.System, Cancellation);
        using var password = SecretValue.FromText(First);
        await job.LogInAsync("app_a", password, Cancellation);
        var (old, staged) = await SetAsync(TwoUsers);

        await TwoUsers.DisableAsync(TwoUsers.SlotOf(old), TwoUsers.SlotOf(staged), Cancellation);

        (await job.AskAsync("testing", writes: false, Cancellation, new RedisCommand("ACL", "WHOAMI")))[0].AsText.Should().Be("app_a");
    }

    [Fact]
    public async Task A_wrong_password_and_a_user_that_is_off_are_refused()
    {
        (await AcceptanceAsync(Content("app_a", "wrong"))).Should().Be(Acceptance.Refused);
        await _server.RunAsync("ACL", "SETUSER", "app_a", "off");
        (await AcceptanceAsync(Content("app_a", First))).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task An_inspection_tells_which_users_can_log_in()
    {
        await _server.RunAsync("ACL", "SETUSER", "app_b", "off", "resetpass");

        var state = await TwoUsers.InspectAsync(Content("app_a", First), Cancellation);

        state.Slots.Select(slot => (slot.Id.Value, slot.Enabled)).Should().Equal(("app_a", true), ("app_b", false));
        state.Server.Should().Be(_server.Address.ToString());
    }

    [Theory]
    [InlineData("info", true)]
    [InlineData("config|get", true)]
    [InlineData("acl|getuser", true)]
    [InlineData("acl|setuser", true)]
    [InlineData("acl|save", true)]
    [InlineData("config|rewrite", false)]
    [InlineData("multi", true)]
    public async Task Each_right_that_is_missing_is_named(string right, bool hasAclFile)
    {
        if (!hasAclFile)
            await BeginAsync(hasAclFile);
        await _server.RunAsync("ACL", "SETUSER", "secret-rotator", "-" + right);

        var failure = (await TwoUsers.Awaiting(backend => backend.InspectAsync(Content("app_a", First), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Hint.Should().EndWith($"+{right}");
    }

    [Fact]
    public async Task A_right_that_is_missing_changes_nothing()
    {
        await _server.RunAsync("ACL", "SETUSER", "secret-rotator", "-acl|save");
        var before = await UsersAsync();

        await TwoUsers.Awaiting(backend => backend.SetAsync(default, Content("app_b", Second), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>().Where(failure => failure.Effect == Effect.Rejected);

        (await UsersAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task A_user_that_takes_any_password_is_none_that_proves_something()
    {
        await _server.RunAsync("ACL", "SETUSER", "app_b", "nopass");

        await FailsAsync(FailureKind.Conflict, "takes any password");
    }

    [Fact]
    public async Task A_user_that_is_missing_is_named_and_never_made()
    {
        await _server.RunAsync("ACL", "DELUSER", "app_b");

        await FailsAsync(FailureKind.NotFound, "has no user app_b");
        await TwoUsers.Awaiting(backend => backend.SetAsync(default, Content("app_b", Second), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>().Where(failure => failure.Kind == FailureKind.NotFound);
        (await _server.RunAsync("ACL", "GETUSER", "app_b")).Should().BeOfType<RedisReply.Nothing>();
    }

    [Fact]
    public async Task The_administrator_is_none_of_the_users()
    {
        await Open(["app_a", "secret-rotator"]).Awaiting(backend => backend.InspectAsync(Content("app_a", First), Cancellation))
            .Should().ThrowAsync<SecretContentException>();
    }

    [Fact]
    public async Task A_wrong_administrator_is_told_with_what_to_do()
    {
        await _server.RunAsync("ACL", "SETUSER", "secret-rotator", "off");

        await FailsAsync(FailureKind.Unauthenticated, "refused logging in as secret-rotator: WRONGPASS");
    }

    [Fact]
    public async Task Any_character_may_be_in_a_password()
    {
        var all = new string([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]) + "äß€😀\r\n";
        foreach (var backend in new[] { TwoUsers, OneUser })
        {
            var staged = Keep(backend.Prepare(Content("app_a", First), Content("app_a", all)));
            await backend.SetAsync(default, staged, Cancellation);
            (await AcceptanceAsync(staged, backend)).Should().Be(Acceptance.Accepted);
        }
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("a\"b")]
    [InlineData("back\\slash")]
    [InlineData("100%")]
    [InlineData("größe-😀")]
    [InlineData("a#b")]
    [InlineData(">x")]
    public async Task A_user_may_have_any_name_that_Redis_takes(string name)
    {
        await _server.RunAsync("ACL", "SETUSER", name, "on", ">" + First);
        var backend = Open([name]);
        var (old, staged) = await SetAsync(backend, name);

        await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(staged), Cancellation);

        (await AcceptanceAsync(old, backend), await AcceptanceAsync(staged, backend)).Should()
            .Be((Acceptance.Refused, Acceptance.Accepted));
        await _server.RestartAsync();
        (await AcceptanceAsync(staged, backend)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_password_is_set_by_its_hash()
    {
        var before = await _server.PlainPasswordsAsync();

        await SetAsync(TwoUsers);
        await SetAsync(OneUser);
        await TwoUsers.EnableAsync(new("app_b"), Content("app_b", Second), Cancellation);

        (await _server.PlainPasswordsAsync()).Should().Be(before);
    }

    [Fact]
    public async Task No_password_is_in_the_server_s_logs_or_in_a_failure()
    {
        var said = new List<string>();
        var (old, staged) = await SetAsync(TwoUsers);
        await SetAsync(OneUser);
        await TwoUsers.DisableAsync(TwoUsers.SlotOf(old), TwoUsers.SlotOf(staged), Cancellation);
        said.Add((await TwoUsers.ProveAsync(old, Cancellation)).Why!.ToString());
        await _server.RunAsync("ACL", "SETUSER", "secret-rotator", "-acl|setuser");
        said.Add((await TwoUsers.Awaiting(backend => backend.SetAsync(default, Content("app_a", First), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which.ToString());
        said.Add(await _server.ReadLogsAsync());

        string.Join('\n', said).Should().NotContain(First).And.NotContain(Second).And.NotContain(AdminPassword);
    }

    [Fact]
    public void A_content_that_names_no_user_of_the_backend_is_refused()
    {
        TwoUsers.Invoking(backend => backend.SlotOf(Content("stranger", First))).Should().Throw<SecretContentException>();
        TwoUsers.Invoking(backend => backend.Prepare(Content("stranger", First), Content("stranger", Second))).Should()
            .Throw<SecretContentException>();
    }

    [Fact]
    public async Task Several_servers_are_all_changed_and_must_all_accept()
    {
        await using var replica = await StartAsync(hasAclFile: true);
        await FurnishAsync(replica);
        var backend = Open(["app_a", "app_b"], nodes: [replica.Address], authorities: [_server.Authority, replica.Authority]);
        var (old, staged) = await SetAsync(backend);
        (await AcceptanceAsync(staged, backend)).Should().Be(Acceptance.Accepted);

        await replica.RunAsync("ACL", "SETUSER", "app_b", "off");
        var halved = await backend.ProveAsync(staged, Cancellation);
        (halved.Acceptance, halved.Why!.Message.StartsWith("Some servers accept", StringComparison.Ordinal)).Should()
            .Be((Acceptance.Unknown, true));

        await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(staged), Cancellation);
        (await AcceptanceAsync(old, backend)).Should().Be(Acceptance.Refused);
        await replica.StopAsync();
        (await AcceptanceAsync(old, backend)).Should().Be(Acceptance.Unknown);
    }

    [Fact]
    public async Task What_one_server_took_and_another_refused_is_not_told_as_refused()
    {
        await using var replica = await StartAsync(hasAclFile: true);
        await FurnishAsync(replica);
        await _server.RunAsync("ACL", "SETUSER", "secret-rotator", "-acl|setuser");
        var backend = Open(["app_a", "app_b"], nodes: [replica.Address], authorities: [_server.Authority, replica.Authority]);

        await backend.Awaiting(one => one.SetAsync(default, Content("app_b", Second), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()
            .Where(failure => failure.Effect == Effect.Unknown && failure.Kind == FailureKind.AccessDenied);
    }

    private async Task BeginAsync(bool hasAclFile)
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = await StartAsync(hasAclFile);
        await FurnishAsync(_server);
    }

    private static async Task FurnishAsync(RedisServerUnderTest server)
    {
        await server.RunAsync(["ACL", "SETUSER", "secret-rotator", "on", ">" + AdminPassword, .. RedisDocumentation.Rights]);
        await server.RunAsync("ACL", "SETUSER", "app_a", "on", ">" + First, "+@all");
        await server.RunAsync("ACL", "SETUSER", "app_b", "on", ">left over", "+@all");
        await server.RunAsync("ACL", "SAVE");
        await server.RunAsync("CONFIG", "REWRITE");
    }

    private RedisBackend Open(
        ImmutableArray<string> users, ServerAddress? address = null, ServerNetwork? network = null,
        ImmutableArray<ServerAddress> nodes = default, string[]? authorities = null)
    {
        var trusts = (authorities ?? [_server.Authority]).Select(ServerTrust.Of).ToList();
        return new(
            new RedisDefinition(address ?? _server.Address, nodes.IsDefault ? [] : nodes, null, users, "username", "password")
            {
                AdminCredential = new VaultReference("prod", "redis-admin", null),
            },
            network ?? new(
                (sender, certificate, chain, errors) => trusts.Exists(trust => trust(sender, certificate, chain, errors)),
                ServerRoutes.None),
            _ => Task.FromResult(SecretValue.FromText(Json("secret-rotator", AdminPassword))),
            TimeProvider.System);
    }

    private async Task<(SecretValue Old, SecretValue Staged)> SetAsync(RedisBackend backend, string user = "app_a")
    {
        var old = Content(user, First);
        var staged = Keep(backend.Prepare(old, Content(user, Second)));
        await backend.SetAsync(default, staged, Cancellation);
        return (old, staged);
    }

    private async Task FailsAsync(FailureKind kind, string said)
    {
        var failure = (await TwoUsers.Awaiting(backend => backend.InspectAsync(Content("app_a", First), Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;
        failure.Kind.Should().Be(kind);
        failure.Message.Should().Contain(said);
        failure.Hint.Should().NotBeNull();
    }

    private async Task<Acceptance> AcceptanceAsync(SecretValue content, RedisBackend? backend = null) =>
        (await (backend ?? TwoUsers).ProveAsync(content, Cancellation)).Acceptance;

    private async Task<List<string>> UsersAsync()
    {
        var users = new List<string>();
        foreach (var name in new[] { "app_a", "app_b", "secret-rotator" })
        {
            var user = await _server.RunAsync("ACL", "GETUSER", name);
            users.AddRange(user.Of("flags")!.Parts.Concat(user.Of("passwords")!.Parts).Select(part => part.AsText!));
        }

        return users;
    }

    private SecretValue Content(string user, string password) => Keep(SecretValue.FromText(Json(user, password)));

    private static string Json(string user, string password) => new JsonObject
    {
        ["host"] = "cache.internal",
        ["username"] = user,
        ["password"] = password,
    }.ToJsonString();

    private static string SlotIn(RedisBackend backend, SecretValue content) => backend.SlotOf(content).Value;

    /// <summary>Two users that take turns.</summary>
    private sealed class RedisFixture(RedisBackendContract contract) : BackendFixture
    {
        private readonly OtherAuthority _other = new();

        public override BackendTraits Traits =>
            new(BackendFamily.Set, Overlaps: true, TellsLastUse: false, Duration.Zero, Duration.FromSeconds(30));

        public override ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven =>
        [
            ("no server", () => Over(contract._server.Network(ClosedPort()))),
            ("another authority", () => Over(contract._server.Network() with { IsTrusted = ServerTrust.Of(_other.File) })),
            ("the machine's authorities", () => Over(
                contract._server.Network() with { IsTrusted = (_, _, _, errors) => errors == SslPolicyErrors.None })),
            ("another name", () => contract.Open(
                ["app_a", "app_b"], Elsewhere,
                contract._server.Network() with { Routes = RedisServerUnderTest.Routes(Elsewhere, contract._server.Address) })),
        ];

        private static ServerAddress Elsewhere => new("cache.internal", 6379);

        public override SecretValue Current() => SecretValue.FromText(Json("app_a", First));

        public override SecretValue With(SecretValue content, string value)
        {
            using var fresh = SecretValue.FromText(value);
            return JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = fresh });
        }

        public override ICredentialBackend Connect() => contract.TwoUsers;

        internal override ServerAddress Way => new("127.0.0.1", contract._server.Address.Port);

        public override ICredentialBackend ConnectThrough(CuttingRelay relay) => Over(contract._server.Network(relay.Address));

        public override Task<int> CountLoginsAsync() => contract._server.CountLoginsAsync();

        public override async Task<string> LookAsync() => string.Join('\n', await contract.UsersAsync());

        public override Task SettleAsync() => contract.UsersAsync();

        public override Task<string> ReadLogsAsync() => contract._server.ReadLogsAsync();

        public override async ValueTask DisposeAsync()
        {
            _other.Dispose();
            await contract._server.DisposeAsync();
            await base.DisposeAsync();
        }

        private RedisBackend Over(ServerNetwork network) => contract.Open(["app_a", "app_b"], network: network);
    }
}
