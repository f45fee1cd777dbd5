using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MySqlConnector;
using SecretRotator.Backends;
using SecretRotator.Inventory;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Vaults;

namespace SecretRotator.ServerTests.MySql;

/// <summary>What the backend promises, over MariaDB itself.</summary>
public sealed class MariaDbTests : IClassFixture<MariaDbServer>, IAsyncLifetime
{
    private const string AdminRights = "GRANT CREATE USER ON *.* TO";
    private const string ReadRights = "GRANT SELECT ON mysql.global_priv TO";

    private readonly MariaDbServer _server;
    private readonly List<string> _values = [];
    private readonly string _name = "u" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly string _admin;
    private readonly string _adminPassword;

    public MariaDbTests(MariaDbServer server)
    {
        Assert.SkipUnless(MariaDbServer.IsInstalled, "MariaDB isn't installed.");
        _server = server;
        (_admin, _adminPassword) = (_name + "_admin", NewValue());
    }

    private string A => _name + "_a";

    private string B => _name + "_b";

    public async ValueTask InitializeAsync() => await _server.RunSqlAsync(
        $"CREATE USER {_admin}@'%' IDENTIFIED VIA mysql_native_password USING '{Hash(_adminPassword)}' REQUIRE SSL",
        $"{AdminRights} {_admin}@'%'",
        $"{ReadRights} {_admin}@'%'");

    public ValueTask DisposeAsync()
    {
        var logs = _server.Logs();
        logs.Should().Contain("Query");
        _values.Where(value => logs.Contains(value, StringComparison.Ordinal)).Should().BeEmpty("no log has a value");
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Of_two_users_the_idle_one_gets_the_value_and_the_other_keeps_its_own()
    {
        var (backend, current) = await PairAsync();
        using var next = backend.Prepare(current, Content(A, NewValue()));

        await backend.SetAsync(default, next, default);
        await backend.SetAsync(default, next, default);

        backend.SlotOf(next).Value.Should().Be(B);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, current)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, Content(B, NewValue()))).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_disabled_user_is_refused_until_it_is_enabled_again()
    {
        var (backend, current) = await PairAsync();
        using var other = backend.Prepare(current, Content(A, NewValue()));
        await backend.SetAsync(default, other, default);

        for (var times = 0; times < 2; times++)
            await backend.DisableAsync(new SlotId(B), new SlotId(A), default);

        (await ProveAsync(backend, other)).Should().Be(Acceptance.Refused);
        (await ProveAsync(backend, current)).Should().Be(Acceptance.Accepted);
        (await backend.InspectAsync(current, default)).Find(new SlotId(B))!.Enabled.Should().BeFalse();

        await backend.EnableAsync(new SlotId(B), other, default);
        (await ProveAsync(backend, other)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task What_is_gone_is_disabled_and_what_is_in_use_is_left_alone()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync($"DROP USER {B}");

        await backend.DisableAsync(new SlotId(B), new SlotId(A), default);
        var disable = () => backend.DisableAsync(new SlotId(A), new SlotId(A), default);

        await disable.Should().ThrowAsync<InvalidOperationException>();
        (await ProveAsync(backend, current)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task One_user_has_two_passwords_until_the_old_one_is_disabled()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, default);
        await backend.SetAsync(default, next, default);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await backend.InspectAsync(old, default)).Slots.Select(slot => slot.Id)
            .Should().BeEquivalentTo([backend.SlotOf(old), backend.SlotOf(next)]);

        for (var times = 0; times < 2; times++)
            await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), default);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);

        await backend.EnableAsync(backend.SlotOf(old), old, default);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task Of_two_passwords_the_new_one_can_be_taken_away_again()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, default);

        await backend.DisableAsync(backend.SlotOf(next), backend.SlotOf(old), default);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_third_password_never_displaces_one_of_two()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, default);

        var failure = await FailureAsync(() => backend.SetAsync(default, Content(A, NewValue()), default));

        failure.Should().BeEquivalentTo(new { Kind = FailureKind.Conflict, Effect = Effect.Rejected });
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task The_last_password_of_an_account_is_not_taken_away()
    {
        var (backend, old, next) = await TwoPasswordsAsync();

        (await FailureAsync(() => backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), default))).Kind
            .Should().Be(FailureKind.Conflict);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_user_changes_its_own_password_without_any_right()
    {
        var (old, next) = (Content(A, NewValue()), Content(A, NewValue()));
        await CreateAsync(A, old);
        var backend = Backend(Server() with { Users = [], AdminAt = null }, old);

        await backend.InspectAsync(old, default);
        await backend.SetAsync(default, next, default);
        await backend.SetAsync(default, next, default);

        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task Inspecting_and_proving_change_nothing()
    {
        var (backend, current) = await PairAsync();
        var before = await KeptAsync();

        await backend.InspectAsync(current, default);
        await backend.ProveAsync(current, default);
        await backend.ProveAsync(Content(A, NewValue()), default);

        (await KeptAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task A_server_that_TLS_does_not_prove_is_unknown_and_gets_no_login()
    {
        var (_, current) = await PairAsync();
        foreach (var backend in new[]
        {
            Backend(Server() with { Host = "other.test" }),
            Backend(Server(), ca: _server.ForeignCa),
            Backend(Server(), port: 1),
        })
        {
            var logins = Logins();

            var proof = await backend.ProveAsync(current, default);

            proof.Acceptance.Should().Be(Acceptance.Unknown);
            proof.Why!.Kind.Should().Be(FailureKind.Unavailable);
            (await FailureAsync(() => backend.SetAsync(default, current, default))).Effect.Should().Be(Effect.Rejected);
            Logins().Should().Be(logins);
        }
    }

    [Fact]
    public async Task Every_printable_character_may_be_in_a_value()
    {
        var (backend, current) = await PairAsync();
        foreach (var value in new[] { string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)), "pä\u4e2d🔑x", new string('x', 255) })
        {
            using var next = backend.Prepare(current, Content(A, Used(value + NewValue())[..Math.Min(value.Length + 8, 255)]));

            await backend.SetAsync(default, next, default);

            (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted, value);
        }
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("back\\slash")]
    [InlineData("per%cent_")]
    [InlineData("two words")]
    [InlineData("back`tick")]
    [InlineData("dou\"ble")]
    [InlineData("grün")]
    [InlineData("a'@'%' IDENTIFIED BY 'x")]
    public async Task Any_printable_name_is_quoted(string name)
    {
        var user = $"{name}{_name}";
        var old = Content(user, NewValue());
        await CreateAsync(user, old);
        var backend = Backend(Server() with { Users = [user] });
        var next = Content(user, NewValue());

        await backend.InspectAsync(old, default);
        await backend.SetAsync(default, next, default);
        await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), default);

        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
    }

    [Theory]
    [InlineData(AdminRights, "CREATE USER ON *.*")]
    [InlineData(ReadRights, "SELECT ON mysql.global_priv")]
    public async Task A_right_that_is_missing_is_named(string right, string named)
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync(right.Replace("GRANT", "REVOKE", StringComparison.Ordinal).Replace(" TO", " FROM", StringComparison.Ordinal)
            + $" {_admin}@'%'");

        var failure = await FailureAsync(() => backend.InspectAsync(current, default));

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        failure.Hint.Should().Contain(named);
    }

    [Fact]
    public async Task A_missing_user_is_named_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync($"DROP USER {B}");

        var failure = await FailureAsync(() => backend.InspectAsync(current, default));

        failure.Kind.Should().Be(FailureKind.NotFound);
        failure.Message.Should().Contain(B);
    }

    [Fact]
    public async Task A_user_of_another_host_is_not_touched()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync($"RENAME USER {B}@'%' TO {B}@'10.0.0.%'");
        var before = await KeptAsync();

        await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default));
        await backend.DisableAsync(new SlotId(B), new SlotId(A), default);

        (await KeptAsync()).Should().Equal(before);
        await Backend(Server() with { AccountHost = "10.0.0.%", Users = [B] }).SetAsync(default, Content(B, NewValue()), default);
        (await KeptAsync()).Should().NotEqual(before);
    }

    [Fact]
    public async Task A_plugin_that_refuses_hashes_is_found_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync("INSTALL SONAME 'simple_password_check'");
        try
        {
            (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should().Contain("strict_password_validation");
            (await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default)))
                .Should().BeEquivalentTo(new { Kind = FailureKind.Conflict, Effect = Effect.Rejected });
            await _server.RunSqlAsync("SET GLOBAL strict_password_validation=OFF");
            await backend.InspectAsync(current, default);
        }
        finally
        {
            await _server.RunSqlAsync("SET GLOBAL strict_password_validation=ON", "UNINSTALL SONAME 'simple_password_check'");
        }
    }

    [Fact]
    public async Task A_replica_is_found_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync("SET GLOBAL read_only=ON");
        try
        {
            (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should().Contain("primary");
        }
        finally
        {
            await _server.RunSqlAsync("SET GLOBAL read_only=OFF");
        }
    }

    [Fact]
    public async Task A_user_of_another_plugin_is_found_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync(
            "INSTALL SONAME 'auth_ed25519'", $"ALTER USER {B} IDENTIFIED VIA ed25519 USING 'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY'");

        (await FailureAsync(() => backend.InspectAsync(current, default))).Message.Should().Contain("ed25519");
        (await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default))).Effect.Should().Be(Effect.Rejected);
        (await backend.ProveAsync(Content(B, NewValue()), default)).Acceptance.Should().Be(Acceptance.Unknown);
    }

    [Fact]
    public async Task The_other_product_is_named()
    {
        var (_, current) = await PairAsync();
        var backend = Backend(Server() with { IsMariaDb = false });

        (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should().Contain("kind: mariadb");
    }

    [Fact]
    public async Task A_wrong_administrator_is_no_refused_credential()
    {
        var (_, current) = await PairAsync();
        var backend = Backend(Server(), Content(_admin, NewValue()));

        (await FailureAsync(() => backend.InspectAsync(current, default))).Kind.Should().Be(FailureKind.Unauthenticated);
    }

    [Fact]
    public async Task Cancelled_before_anything_is_sent_nothing_happens()
    {
        var (backend, _) = await PairAsync();
        var before = await KeptAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var set = () => backend.SetAsync(default, Content(B, NewValue()), cancelled.Token);

        await set.Should().ThrowAsync<OperationCanceledException>();
        (await KeptAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task What_has_no_answer_never_lands_once_it_has_settled()
    {
        var (backend, _) = await PairAsync();
        var before = await KeptAsync();
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
        (await KeptAsync()).Should().Equal(before);
    }

    private async Task<(MySqlBackend Backend, SecretValue Current)> PairAsync()
    {
        var current = Content(A, NewValue());
        await CreateAsync(A, current);
        await CreateAsync(B, Content(B, NewValue()));
        return (Backend(Server()), current);
    }

    private async Task<(MySqlBackend Backend, SecretValue Old, SecretValue Next)> TwoPasswordsAsync()
    {
        var old = Content(A, NewValue());
        await CreateAsync(A, old);
        return (Backend(Server() with { Users = [A] }), old, Content(A, NewValue()));
    }

    private Task CreateAsync(string user, SecretValue content) => _server.RunSqlAsync(
        $"CREATE USER {MySqlAccount.Quote(user, "%")} IDENTIFIED VIA mysql_native_password USING '{Hash(PasswordIn(content))}'");

    private MySqlDefinition Server() =>
        new(IsMariaDb: true, MariaDbServer.Name, 3306, [A, B]) { AdminAt = new VaultReference("prod", "admin", null) };

    private MySqlBackend Backend(MySqlDefinition server, SecretValue? changer = null, string? ca = null, int? port = null) => new(
        server,
        new MySqlNetwork(ServerTrust.Of(ca ?? _server.Ca), (_, _) => ("127.0.0.1", port ?? _server.Port)),
        _ => Task.FromResult((changer ?? Content(_admin, _adminPassword)).Copy()));

    private static async Task<Acceptance> ProveAsync(MySqlBackend backend, SecretValue content) =>
        (await backend.ProveAsync(content, default)).Acceptance;

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> call) =>
        (await call.Should().ThrowAsync<RemoteFailureException>()).Which;

    private async Task<List<string>> KeptAsync()
    {
        await using var root = await _server.RootAsync();
        await using var query = new MySqlCommand($"SELECT CONCAT(Host, User, Priv) FROM mysql.global_priv WHERE User LIKE '%{_name}%'", root);
        await using var reader = await query.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private int Logins() => _server.Logs().Split("Connect").Length;

    private string NewValue() => Used(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    private string Used(string value)
    {
        _values.Add(value);
        return value;
    }

    private static SecretValue Content(string user, string password) =>
        SecretValue.FromText(new JsonObject { ["username"] = user, ["password"] = password, ["port"] = 3306 }.ToJsonString());

    private static string PasswordIn(SecretValue content) => JsonNode.Parse(content.RevealText())!["password"]!.GetValue<string>();

    private static string Hash(string password) => PasswordHash.Native(System.Text.Encoding.UTF8.GetBytes(password));
}
