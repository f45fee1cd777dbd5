using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.HashiCorp;
using SecretRotator.Settings;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>
/// Whole commands with nothing but a step's token, against a vault that allows what <c>doctor trust</c> prints and nothing else.
/// </summary>
public sealed class HashiCorpRunTests : IAsyncLifetime
{
    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator, credential: "vault://prod/ci/bitbucket#token" }
        vaults: { prod: { kind: hashicorp-vault, address: "https://vault.acme.example:8200", mount: kv, AUTH } }
        limits: { share-of-inventory: 100% }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: webhook
            vault: prod
            path: payments/webhook
            value: { kind: base64url, bytes: 32, field: key }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: WEBHOOK_KEY, field: key } ]
          - name: payments-db
            vault: prod
            path: database/static-creds/payments
            value: { kind: vault-managed }
            targets: [ { repository: payments-api, variable: DB_PASSWORD, field: password } ]
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-hashicorp-");
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private RunningSandbox _sandbox = null!;
    private TestTerminal _terminal = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string InventoryPath => Path.Combine(_directory.FullName, "rotation.yaml");

    private string Said => _terminal.Out + _terminal.Error;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_step_s_token_suffices_to_rotate_a_secret_and_a_database_role_and_no_token_is_left()
    {
        await StartAsync();
        var before = await PasswordAsync();

        (await RunAsync("rotate", "--force", "webhook", "--force", "payments-db", "--reason", "test")).Should().Be(0, Said);

        (await PasswordAsync()).Should().NotBe(before);
        (await TargetAsync("DB_PASSWORD")).Should().Be(await PasswordAsync());
        (await TargetAsync("WEBHOOK_KEY")).Should().HaveLength(43);
        (await RunAsync("verify")).Should().Be(0, Said);
        (await TokensAsync()).Should().Be(0);
        Calls("Login").Should().BePositive().And.Be(Calls("RevokeSelf"));
        Calls("RotateStaticRole").Should().Be(1);
    }

    [Fact]
    public async Task A_plan_announces_the_calls_of_a_database_role()
    {
        await StartAsync();
        string[] forced = ["--force", "payments-db", "--reason", "test"];
        (await RunAsync(["plan", .. forced, "--output", "json"])).Should().Be(0, Said);
        using var plan = JsonDocument.Parse(_terminal.Out);
        var role = plan.RootElement.GetProperty("secrets").EnumerateArray()
            .Single(secret => secret.GetProperty("name").ValueEquals("payments-db"));
        var before = CallsOfRole();

        (await RunAsync(["rotate", .. forced])).Should().Be(0, Said);

        const int Observation = 2;
        (CallsOfRole() - before - Observation).Should().Be(role.GetProperty("calls").GetProperty("vault").GetInt32());

        int CallsOfRole() => _sandbox.Host.Calls.Snapshot().Count(
            call => call.Service == "hashicorp" && call.Resource.Contains("database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_reads_no_password()
    {
        await StartAsync();

        (await RunAsync("plan")).Should().Be(0, Said);

        Calls("ReadStaticCredential").Should().Be(0);
    }

    [Fact]
    public async Task A_run_that_fails_leaves_no_token_either()
    {
        await StartAsync(faults: ["bitbucket.put#1..=403"]);

        (await RunAsync("rotate")).Should().NotBe(0, Said);

        (await TokensAsync()).Should().Be(0);
        Calls("Login").Should().BePositive().And.Be(Calls("RevokeSelf"));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_leaves_no_token_either()
    {
        await StartAsync();
        using var cancellation = new CancellationTokenSource();
        var settings = SettingsReader.ReadEnvironment(_environment, VaultProviders.All);
        var inventory = InventoryFile.Read(InventoryPath, InventoryKinds.All).Inventory!;
        using var network = Network.Open(settings.CaBundle, proxies: null);
        using (var vaults = new VaultConnections(
            settings.Providers, inventory, network.Handler, new NoClaims(), _sandbox.Clock, new SystemRandom(), TimeProvider.System))
        {
            var vault = vaults.Create(inventory.Vaults["prod"]);
            await vault.DescribeAsync("payments/webhook", cancellation.Token);
            _sandbox.Host.Faults.Add([FaultSpec.Parse("hashicorp.ReadMetadata#1..=hold")]);
            var describing = vault.DescribeAsync("payments/webhook", cancellation.Token);
            await cancellation.CancelAsync();
            await FluentActions.Awaiting(() => describing).Should().ThrowAsync<OperationCanceledException>();
            (await TokensAsync()).Should().Be(1);
        }

        (await TokensAsync()).Should().Be(0);
    }

    [Fact]
    public async Task An_AppRole_does_the_same()
    {
        await StartAsync("auth: approle");

        (await RunAsync("rotate")).Should().Be(0, Said);

        (await TokensAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_token_of_the_environment_outlives_the_run()
    {
        await StartAsync("auth: token");

        (await RunAsync("rotate")).Should().Be(0, Said);

        (await TokensAsync()).Should().Be(1);
        (Calls("Login"), Calls("RevokeSelf")).Should().Be((0, 0));
    }

    [Fact]
    public async Task No_token_and_no_password_is_in_what_a_run_says_or_keeps()
    {
        await StartAsync(faults: ["hashicorp.RevokeSelf#1..=403"]);

        (await RunAsync("rotate", "--log-level", "debug")).Should().Be(0, Said);

        var tokens = await _sandbox.Host.Store.ReadAsync(state => state.HashiCorp["prod"].Tokens.Keys.ToArray(), Stop);
        var kept = string.Concat(Directory.EnumerateFiles(_directory.FullName, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        tokens.Should().NotBeEmpty();
        foreach (var secret in tokens.Append((await PasswordAsync())!))
            (Said + kept).Should().NotContain(secret);
        Said.Should().Contain("could not be revoked");
    }

    [Fact]
    public async Task A_refused_rotation_of_a_role_is_asked_for_again_by_the_next_run()
    {
        await StartAsync(faults: ["hashicorp.RotateStaticRole#1=403"]);

        (await RunAsync("rotate", "--only", "payments-db")).Should().NotBe(0, Said);
        (await RunAsync("rotate", "--only", "payments-db")).Should().Be(0, Said);

        Calls("RotateStaticRole").Should().Be(2);
    }

    [Fact]
    public async Task A_rotation_of_a_role_whose_answer_was_lost_is_asked_for_once_and_delivered()
    {
        await StartAsync(faults: ["hashicorp.RotateStaticRole#1=lost"]);

        (await RunAsync("rotate", "--only", "payments-db")).Should().Be(0, Said);

        Calls("RotateStaticRole").Should().Be(1);
        (await TargetAsync("DB_PASSWORD")).Should().Be(await PasswordAsync());
    }

    [Fact]
    public async Task What_the_vault_rotated_by_itself_is_delivered()
    {
        await StartAsync();
        (await RunAsync("rotate")).Should().Be(0, Said);
        await _sandbox.Host.Store.ChangeAsync(
            state => state.HashiCorp["prod"].StaticRoles["database/payments"] = new StaticRoleState
            {
                Username = "payments",
                Password = "worthless-of-the-vault",
                LastRotation = _sandbox.Clock.GetCurrentInstant().ToDateTimeOffset(),
            },
            Stop);

        (await RunAsync("rotate")).Should().Be(0, Said);

        (await TargetAsync("DB_PASSWORD")).Should().Be("worthless-of-the-vault");
        Calls("RotateStaticRole").Should().Be(1);
    }

    [Fact]
    public async Task A_role_can_not_be_rolled_back()
    {
        await StartAsync();
        (await RunAsync("rotate")).Should().Be(0, Said);

        (await RunAsync("rollback", "payments-db", "--to", "previous", "--reason", "test")).Should().NotBe(0);
        Said.ReplaceLineEndings(" ").Should().Contain("an older one would not work there");
    }

    [Fact]
    public async Task Contenders_that_saw_the_same_version_ask_for_one_rotation()
    {
        await StartAsync();
        var settings = SettingsReader.ReadEnvironment(_environment, VaultProviders.All);
        var inventory = InventoryFile.Read(InventoryPath, InventoryKinds.All).Inventory!;
        using var network = Network.Open(settings.CaBundle, proxies: null);
        var rotation = new RotationId("7a1f0e52-3c4b-4d5e-8f60-718293a4b5c6");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            using var vaults = new VaultConnections(
                settings.Providers, inventory, network.Handler, new NoClaims(), _sandbox.Clock, new SystemRandom(), TimeProvider.System);
            var vault = (ISelfRotatingVault)vaults.Create(inventory.Vaults["prod"]);
            await vault.RequestRotationAsync("database/static-creds/payments", rotation, Stop);
        }));

        Calls("RotateStaticRole").Should().Be(1);
    }

    private int Calls(string operation) =>
        _sandbox.Host.Calls.Snapshot().Count(call => call.Service == "hashicorp" && call.Operation == operation);

    private async Task StartAsync(string auth = "auth: jwt, role: rotator", params string[] faults)
    {
        await File.WriteAllTextAsync(InventoryPath, Yaml.Replace("AUTH", auth, StringComparison.Ordinal), Stop);
        var read = InventoryFile.Read(InventoryPath, InventoryKinds.All);
        read.Problems.Should().BeEmpty();
        _sandbox = await RunningSandbox.StartAsync(
            read.Inventory!,
            new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance, Faults = faults }, Stop);
        _environment.Clear();
        foreach (var (name, value) in _sandbox.Settings)
            _environment[name] = value;
        var authority = Path.Combine(_directory.FullName, "ca.pem");
        await File.WriteAllTextAsync(authority, _sandbox.CaCertificate, Stop);
        _environment["SECRET_ROTATOR__TLS__CABUNDLE"] = authority;
    }

    private async Task<string?> PasswordAsync() => (await StateAsync(
        "hashicorpRoles", role => role.GetProperty("role").GetString() == "database/payments")).GetProperty("password").GetString();

    private async Task<string?> TargetAsync(string key) =>
        (await StateAsync("variables", variable => variable.GetProperty("key").GetString() == key)).GetProperty("value").GetString();

    private Task<int> TokensAsync() => _sandbox.Host.Store.ReadAsync(state => state.HashiCorp["prod"].Tokens.Count, Stop);

    private async Task<JsonElement> StateAsync(string list, Func<JsonElement, bool> isIt)
    {
        using var client = new HttpClient();
        using var state = JsonDocument.Parse(await client.GetStringAsync(new Uri(_sandbox.Control, "_sandbox/state"), Stop));
        return state.RootElement.GetProperty(list).EnumerateArray().Single(isIt).Clone();
    }

    private async Task<int> RunAsync(params string[] arguments)
    {
        _terminal = new TestTerminal();
        var sessions = new SessionFactory(TimeProvider.System, VaultProviders.All);
        var runner = new CommandRunner(_terminal.Terminal, _environment, _directory.FullName, sessions, new Interruption(_ => { }));
        string[] evidence = arguments[0] is "rotate" or "plan" ? ["--evidence", Path.Combine(_directory.FullName, "evidence")] : [];
        return (int)await runner.RunAsync([.. arguments, .. evidence, "--inventory", InventoryPath]);
    }
}
