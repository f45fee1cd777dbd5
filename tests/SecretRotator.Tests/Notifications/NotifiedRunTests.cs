using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Tests.Hostile;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Notifications;

/// <summary>The whole program against emulators, with receivers on sockets of their own.</summary>
public sealed class NotifiedRunTests : IAsyncLifetime
{
    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: "arn:aws:iam::123456789012:role/secret-rotator" }
        limits: { share-of-inventory: 100% }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: payments-db
            vault: prod
            path: prod/payments/db
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: DB_PASSWORD } ]
        notify:
          - { name: on-call, kind: slack, url: "vault://prod/ci/n#url" }
        heartbeat: vault://prod/ci/n#beat
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-notified-");
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly RawServer _slack = RawServer.Always(RawServer.Http("200 OK", "ok"));
    private readonly RawServer _beats = RawServer.Always(RawServer.Http("200 OK", ""));
    private RunningSandbox _sandbox = null!;
    private TestTerminal _terminal = new();

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(PathOf("rotation.yaml"), Yaml);
        var inventory = Inventory;
        _sandbox = await RunningSandbox.StartAsync(
            inventory,
            new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance, Faults = ["bitbucket.put#1=403"] },
            TestContext.Current.CancellationToken);
        await KeepAsync(_slack.Address);
        foreach (var (name, value) in _sandbox.Settings)
            _environment[name] = value;
        await File.WriteAllTextAsync(PathOf("ca.pem"), _sandbox.CaCertificate);
        _environment["SECRET_ROTATOR__TLS__CABUNDLE"] = PathOf("ca.pem");
    }

    public async ValueTask DisposeAsync()
    {
        await _slack.DisposeAsync();
        await _beats.DisposeAsync();
        await _sandbox.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_failure_is_told_then_the_recovery_and_the_good_run_and_never_a_value()
    {
        (await RunAsync("rotate")).Should().Be(4, _terminal.Out + _terminal.Error);

        Texts().Should().ContainSingle().Which.Should().StartWith("*SecretRotator in acme: 1 failed, 1 overdue*\n").And
            .Contain("- payments-db: access-denied, owner platform@acme.example\n");
        _beats.Requests.Should().BeEmpty();

        (await RunAsync("rotate")).Should().Be(0, _terminal.Out + _terminal.Error);

        Texts().Should().HaveCount(2);
        Texts()[1].Should().StartWith("*SecretRotator in acme: 1 recovered*\n").And.Contain("- payments-db, owner");
        _beats.Requests.Should().ContainSingle().Which.Path.Should().Be("/worthless-beat");

        (await RunAsync("rotate")).Should().Be(0);

        Texts().Should().HaveCount(2, "nothing happened");
        _beats.Requests.Should().HaveCount(2);
        var sent = string.Concat(_slack.Requests.Concat(_beats.Requests).Select(request => request.Body));
        (await ValuesAsync()).Should().HaveCountGreaterThan(1).And.NotContain(value => sent.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_leaves_the_exit_code_and_its_address_is_nowhere()
    {
        await KeepAsync(new("http://127.0.0.1:1/"));

        (await RunAsync("rotate", "--log-level", "debug")).Should().Be(4, _terminal.Out + _terminal.Error);

        _terminal.Error.Should().Contain("notification-lost");
        (_terminal.Out + _terminal.Error).Should().NotContain("worthless-url").And.NotContain("127.0.0.1:1/");
    }

    private RotationInventory Inventory => InventoryFile.Read(PathOf("rotation.yaml"), InventoryKinds.All).Inventory!;

    private Task KeepAsync(Uri slack) => _sandbox.Host.Store.ChangeAsync(state =>
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var vault = new SandboxSeed(state, Inventory, now, new SystemRandom(), []).Vault("prod");
        var content = $$"""{"url":"{{slack}}worthless-url","beat":"{{_beats.Address}}worthless-beat"}""";
        if (vault.Find("ci/n") is null)
            vault.Create("ci/n", new SeededSecret(content, now, "What receivers need"));
        else
            vault.Replace("ci/n", content);
    });

    private List<string> Texts() =>
        [.. _slack.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("text").GetString()!)];

    private Task<List<string>> ValuesAsync() => _sandbox.Host.Store.ReadAsync(state => state.SecretsManager.Secrets.Values
        .SelectMany(secret => secret.Versions).Select(version => version.SecretString!).ToList());

    private async Task<int> RunAsync(params string[] arguments)
    {
        _terminal = new TestTerminal();
        var runner = new CommandRunner(
            _terminal.Terminal, _environment, _directory.FullName, new SessionFactory(new SkippingTime(), VaultProviders.All),
            new Interruption(_ => { }));
        return (int)await runner.RunAsync(
            [.. arguments, "--evidence", PathOf("evidence"), "--inventory", PathOf("rotation.yaml")]);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
