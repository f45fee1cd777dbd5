using System.Text.Json;
using NodaTime;
using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
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

    public async ValueTask InitializeAsync() => await StartAsync("auth: jwt, role: rotator");

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_step_s_token_suffices_to_rotate_a_secret_and_a_database_role_and_no_token_is_left()
    {
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
    public async Task A_plan_reads_no_password()
    {
        (await RunAsync("plan")).Should().Be(0, Said);

        Calls("ReadStaticCredential").Should().Be(0);
    }

    private int Calls(string operation) =>
        _sandbox.Host.Calls.Snapshot().Count(call => call.Service == "hashicorp" && call.Operation == operation);

    private async Task StartAsync(string auth)
    {
        await File.WriteAllTextAsync(InventoryPath, Yaml.Replace("AUTH", auth, StringComparison.Ordinal), Stop);
        var read = InventoryFile.Read(InventoryPath, InventoryKinds.All);
        read.Problems.Should().BeEmpty();
        _sandbox = await RunningSandbox.StartAsync(
            read.Inventory!,
            new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, Stop);
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
