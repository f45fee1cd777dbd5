using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Sandbox;
using SecretRotator.Tests.Hostile;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Providers.Http;

/// <summary>The whole program with the vendors' own addresses, which only a proxy reaches: it wants a login, and opens TLS.</summary>
public sealed class ProxiedRunTests : IAsyncLifetime
{
    private const string Password = "p@ss:w/rd-worthless";
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";

    private const string Yaml = $$"""
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: {{Role}} }
          azure: { kind: azure-key-vault, uri: https://acme-prod.vault.azure.net/ }
          google: { kind: google-secret-manager, project: acme-prod }
          hashicorp: { kind: hashicorp-vault, address: "https://vault.acme.test:8200", auth: jwt, role: secret-rotator }
        limits: { share-of-inventory: 100% }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: payments-db
            vault: prod
            path: prod/payments/db
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: DB_PASSWORD } ]
          - name: grid-api
            vault: azure
            path: grid-api
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: grid-console, variable: GRID_API_KEY } ]
          - name: telemetry
            vault: google
            path: telemetry
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: TELEMETRY_KEY } ]
          - name: ledger
            vault: hashicorp
            path: payments/ledger
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: LEDGER_KEY } ]
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-proxied-");
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private RunningSandbox _sandbox = null!;
    private RawServer _collector = null!;
    private CorporateProxy _proxy = null!;
    private TestTerminal _terminal = new();

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(PathOf("rotation.yaml"), Yaml);
        _sandbox = await RunningSandbox.StartAsync(
            InventoryFile.Read(PathOf("rotation.yaml"), InventoryKinds.All).Inventory!,
            new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, TestContext.Current.CancellationToken);
        _collector = RawServer.Always(RawServer.Http("200 OK", ""));
        _proxy = new CorporateProxy("rotator:" + Password, new Dictionary<string, Uri>(StringComparer.Ordinal)
        {
            ["api.bitbucket.org"] = _sandbox.Host.EndpointOf("bitbucket"),
            ["secretsmanager.eu-west-1.amazonaws.com"] = _sandbox.Host.EndpointOf("aws"),
            ["sts.eu-west-1.amazonaws.com"] = _sandbox.Host.EndpointOf("sts"),
            ["s3.acme.test"] = _sandbox.Host.EndpointOf("s3"),
            ["acme-prod.vault.azure.net"] = _sandbox.Host.EndpointOf("azure:azure"),
            ["login.microsoftonline.com"] = _sandbox.Host.EndpointOf("entra"),
            ["secretmanager.googleapis.com"] = _sandbox.Host.EndpointOf("google"),
            ["sts.googleapis.com"] = _sandbox.Host.EndpointOf("google-sts"),
            ["vault.acme.test"] = _sandbox.Host.EndpointOf("hashicorp:hashicorp"),
            ["telemetry.acme.test"] = _collector.Address,
        });
        await File.WriteAllTextAsync(PathOf("ca.pem"), _proxy.AuthorityPem);
        foreach (var (name, value) in _sandbox.Settings.Where(
            each => !each.Key.Contains("ENDPOINTS", StringComparison.Ordinal) && !each.Key.StartsWith("AWS_", StringComparison.Ordinal)))
            _environment[name] = value;
        _environment["SECRET_ROTATOR__TLS__CABUNDLE"] = PathOf("ca.pem");
        _environment["SECRET_ROTATOR__ENDPOINTS__S3"] = "https://s3.acme.test/";
        _environment["SECRET_ROTATOR__S3__ROLE"] = Role;
        UseProxy(Password);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _collector.DisposeAsync();
        await _sandbox.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_rotation_reaches_every_service_through_a_proxy_that_wants_a_login_and_opens_TLS()
    {
        _environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://telemetry.acme.test/";

        var exitCode = await RunAsync("rotate", "--evidence", "s3://acme-evidence/proxied");

        exitCode.Should().Be(0, _terminal.Out + _terminal.Error);
        _proxy.Tunnels.Should().Equal(
            "acme-prod.vault.azure.net:443",
            "api.bitbucket.org:443",
            "login.microsoftonline.com:443",
            "s3.acme.test:443",
            "secretmanager.googleapis.com:443",
            "secretsmanager.eu-west-1.amazonaws.com:443",
            "sts.eu-west-1.amazonaws.com:443",
            "sts.googleapis.com:443",
            "telemetry.acme.test:443",
            "vault.acme.test:8200");
        _collector.Requests.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Doctor_goes_the_same_way_and_says_so()
    {
        var exitCode = await RunAsync("doctor", "--area", "network", "bitbucket", "vaults", "--output", "json");

        exitCode.Should().Be(0, _terminal.Out + _terminal.Error);
        var endpoints = Results().Where(result => result.GetProperty("id").GetString() == "endpoint")
            .Select(result => result.GetProperty("observed").GetString()!).ToList();
        endpoints.Should().HaveCount(8).And
            .OnlyContain(
                observed => observed.Contains($"through the proxy http://{_proxy.Authority} (HTTPS_PROXY)")
                    && observed.Contains("certificate by Acme proxy authority"));
        (_terminal.Out + _terminal.Error).Should().NotContain(Password);
    }

    [Theory]
    [InlineData("plan --exit-code")]
    [InlineData("rotate")]
    [InlineData("doctor")]
    public async Task A_wrong_password_is_told_with_the_proxy_and_without_the_password(string command)
    {
        UseProxy("hunter2-worthless");

        (await RunAsync([.. command.Split(' '), "--log-level", "debug"])).Should().NotBe(0);

        var said = System.Text.RegularExpressions.Regex.Replace(
            _terminal.Out + _terminal.Error, "\\s+", " ", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
        said.Should().Contain($"http://{_proxy.Authority}").And.Contain("HTTPS_PROXY").And.Contain("407");
        said.Should().NotContain("hunter2").And.NotContain(Convert.ToBase64String("rotator:hunter2-worthless"u8));
        _proxy.Tunnels.Should().BeEmpty();
    }

    [Fact]
    public async Task A_refused_login_is_shown_once_a_connection_and_not_tried_again()
    {
        UseProxy("hunter2-worthless");

        await RunAsync("plan", "--only", "payments-db");

        // One listing and one look for the vault's identity; each asks without the login first.
        _proxy.Heads.Count(head => head.Contains("Proxy-Authorization", StringComparison.Ordinal)).Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_proxy_whose_authority_no_one_trusts_is_told_with_the_setting_that_fixes_it()
    {
        _environment.Remove("SECRET_ROTATOR__TLS__CABUNDLE");

        (await RunAsync("doctor", "--area", "network", "--output", "json")).Should().Be(3);

        var failed = Results().Where(result => result.GetProperty("id").GetString() == "tls").ToList();
        failed.Should().HaveCount(8);
        failed[0].GetProperty("observed").GetString().Should().Contain("Acme proxy authority");
        failed[0].GetProperty("fix").GetString().Should().Contain("tls.caBundle");
    }

    [Fact]
    public async Task An_address_that_the_proxy_does_not_admit_is_told_as_that()
    {
        _environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = "https://elsewhere.acme.test/2.0";

        (await RunAsync("doctor", "--area", "network", "--output", "json")).Should().Be(3);

        var failed = Results().Single(result => result.GetProperty("id").GetString() == "proxy");
        failed.GetProperty("observed").GetString().Should().Contain("elsewhere.acme.test").And.Contain("403");
        failed.GetProperty("fix").GetString().Should().Contain("NO_PROXY");
    }

    private void UseProxy(string password) =>
        _environment["HTTPS_PROXY"] = $"http://rotator:{Uri.EscapeDataString(password)}@{_proxy.Authority}";

    private IEnumerable<JsonElement> Results() => JsonDocument.Parse(_terminal.Out).RootElement.GetProperty("results").EnumerateArray();

    private async Task<int> RunAsync(params string[] arguments)
    {
        _terminal = new TestTerminal();
        var runner = new CommandRunner(
            _terminal.Terminal, _environment, _directory.FullName, new SessionFactory(TimeProvider.System, VaultProviders.All),
            new Interruption(_ => { }));
        string[] places = arguments[0] is "doctor" || arguments.Contains("--evidence", StringComparer.Ordinal)
            ? []
            : ["--evidence", PathOf("evidence")];
        return (int)await runner.RunAsync([.. arguments, .. places, "--inventory", PathOf("rotation.yaml")]);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
