using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Providers.Toy;

/// <summary>A kind of vault that only its own file and one line of a list know goes through the commands like any other.</summary>
public sealed class ToyCommandTests : IAsyncLifetime
{
    private const string Old = "worthless-old-51c0";

    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults: { box: { kind: toy, shelf: upper } }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: teddy
            vault: box
            path: teddy
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: TEDDY } ]
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-toy-");
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly ToyStore _store = new();
    private RunningSandbox _sandbox = null!;
    private TestTerminal _terminal = new();

    private IReadOnlyList<IVaultProvider> Registered => [.. VaultProviders.All, new ToyProvider(_store)];

    private string Inventory => Path.Combine(_directory.FullName, "rotation.yaml");

    public async ValueTask InitializeAsync()
    {
        await WriteAsync(Yaml);
        _store.Secrets["teddy"] = new ToySecret();
        _store.Secrets["teddy"].Add(Old, SystemClock.Instance.GetCurrentInstant() - Duration.FromDays(40));

        // The sandbox has no emulator of the toy box, and needs none: it is here for Bitbucket.
        var inventory = InventoryFile.Read(Inventory, InventoryKinds.With(Registered)).Inventory!;
        inventory = inventory with { Vaults = inventory.Vaults.SetItem("box", new AwsVaultDefinition("box", "eu-west-1", Role: null)) };
        _sandbox = await RunningSandbox.StartAsync(
            inventory, new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, TestContext.Current.CancellationToken);
        foreach (var (name, value) in _sandbox.Settings)
            _environment[name] = value;
        var authority = Path.Combine(_directory.FullName, "ca.pem");
        await File.WriteAllTextAsync(authority, _sandbox.CaCertificate, TestContext.Current.CancellationToken);
        _environment["SECRET_ROTATOR__TLS__CABUNDLE"] = authority;
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task An_inventory_that_names_it_is_valid() => (await RunAsync("validate")).Should().Be(0, Said);

    [Fact]
    public async Task What_is_wrong_with_it_is_told_by_its_own_grammar()
    {
        await WriteAsync(Yaml.Replace("path: teddy", "path: teddy bear", StringComparison.Ordinal));

        (await RunAsync("validate")).Should().Be(2);

        Said.ReplaceLineEndings(" ").Should().Contain("Write it without blanks.");
    }

    [Fact]
    public async Task A_kind_that_is_registered_nowhere_is_told_with_those_that_are()
    {
        await WriteAsync(Yaml.Replace("kind: toy", "kind: box", StringComparison.Ordinal));

        (await RunAsync("validate")).Should().Be(2);

        var kinds = VaultProviders.All.Select(provider => provider.Keys.Schema).Append("toy");
        string.Join(' ', Said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Should().Contain(string.Join(", ", kinds));
    }

    [Fact]
    public async Task Its_secrets_are_adopted_planned_and_rotated()
    {
        (await RunAsync("rotate", "--adopt")).Should().Be(0, Said);
        (await TargetAsync()).Should().Be(Old);
        ForgetTime();

        (await RunAsync("plan", "--output", "json")).Should().Be(0, Said);
        Json.GetProperty("secrets").EnumerateArray().Single().GetProperty("decision").GetString().Should().Be("due");

        (await RunAsync("rotate")).Should().Be(0, Said);
        var current = _store.Secrets["teddy"].Current.Value;
        current.Should().NotBe(Old).And.HaveLength(64);
        (await TargetAsync()).Should().Be(current);
        _store.Secrets["teddy"].Open.Should().BeNull();
    }

    [Fact]
    public async Task Doctor_looks_at_its_secrets()
    {
        await RunAsync("doctor", "--area", "vaults", "--output", "json");

        var found = Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString());
        found.Should().Contain(["secret-described", "secret-readable"], Said);
    }

    private string Said => _terminal.Out + _terminal.Error;

    private JsonElement Json => JsonDocument.Parse(_terminal.Out).RootElement;

    private Task WriteAsync(string yaml) => File.WriteAllTextAsync(Inventory, yaml, TestContext.Current.CancellationToken);

    // As if its value were as old as it is, and had been delivered then.
    private void ForgetTime()
    {
        var secret = _store.Secrets["teddy"];
        var then = secret.Current.Created;
        secret.Delivered = secret.Delivered! with { ValueSince = then, DeliveredAt = then };
    }

    private async Task<string?> TargetAsync()
    {
        using var client = new HttpClient();
        var state = await client.GetStringAsync(new Uri(_sandbox.Control, "_sandbox/state"), TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(state);
        var variables = document.RootElement.GetProperty("variables").EnumerateArray();
        return variables.Single(variable => variable.GetProperty("key").GetString() == "TEDDY").GetProperty("value").GetString();
    }

    private async Task<int> RunAsync(params string[] arguments)
    {
        _terminal = new TestTerminal();
        var sessions = new SessionFactory(TimeProvider.System, Registered);
        var runner = new CommandRunner(_terminal.Terminal, _environment, _directory.FullName, sessions, new Interruption(_ => { }));
        string[] evidence = arguments[0] is "rotate" or "plan" ? ["--evidence", Path.Combine(_directory.FullName, "evidence")] : [];
        return (int)await runner.RunAsync([.. arguments, .. evidence, "--inventory", Inventory]);
    }
}
