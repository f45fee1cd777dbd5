using SecretRotator.Configuration;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Tests.Processes;

/// <summary>The program in a step that was given its token and nothing else: it reaches all kinds of vaults, and Bitbucket.</summary>
public sealed class KeylessTests : IAsyncLifetime
{
    private const string Inventory = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator, credential: "vault://prod/ci/bitbucket#token" }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: "arn:aws:iam::123456789012:role/secret-rotator" }
          azure: { kind: azure-key-vault, uri: "https://acme-prod.vault.azure.net/" }
          google: { kind: google-secret-manager, project: acme-prod }
          hashicorp: { kind: hashicorp-vault, address: "https://vault.acme.example:8200", auth: jwt, role: secret-rotator }
        limits: { share-of-inventory: 100% }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - { name: payments-db, vault: prod, path: prod/payments/db, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: payments-api, variable: DB_PASSWORD } ] }
          - { name: grid-api, vault: azure, path: grid-api, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: grid-console, variable: GRID_API_KEY } ] }
          - { name: telemetry, vault: google, path: telemetry, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: payments-api, variable: TELEMETRY } ] }
          - { name: ledger, vault: hashicorp, path: payments/ledger, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: payments-api, variable: LEDGER } ] }
        """;

    private static readonly string[] StoredKeys =
        [
            "BITBUCKET_ACCESS_TOKEN",
            "BITBUCKET_API_TOKEN",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AZURE_CLIENT_SECRET",
            "SECRET_ROTATOR__AZURE__CLIENTSECRET",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "VAULT_TOKEN",
        ];

    private readonly Rotator _rotator = new();
    private RotationInventory _inventory = null!;
    private RunningSandbox _sandbox = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), Inventory, Stop);
        _inventory = InventoryFile.Read(_rotator.PathOf("rotation.yaml"), InventoryKinds.All).Inventory!;
        _sandbox = await RunningSandbox.StartAsync(
            _inventory, new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true, StateFolder = _rotator.PathOf("state") },
            Stop);
        foreach (var (name, value) in _sandbox.Settings)
            _rotator.Environment[name] = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _rotator.Dispose();
    }

    [Fact]
    public async Task A_step_s_token_alone_rotates_in_every_kind_of_vault_and_delivers_to_Bitbucket()
    {
        _rotator.Environment.Keys.Should().Contain("BITBUCKET_STEP_OIDC_TOKEN").And.NotContain(StoredKeys);

        var ended = await _rotator.RunAsync("rotate", "--output", "json");

        ended.ExitCode.Should().Be(0, ended.Error);
        Outcomes(ended).Should().Equal("rotated", "rotated", "rotated", "rotated");
        _sandbox.Host.Calls.Snapshot().Select(call => call.Operation).Should()
            .Contain(["AssumeRoleWithWebIdentity", "GetWebIdentityToken", "token", "PutSecretValue", "PutSecret", "put"])
            .And.Contain(["AddVersion", "Login", "WriteSecret", "RevokeSelf"])
            .And.NotContain("AssumeRole");
    }

    [Theory]
    [InlineData("prod", "ci/azure")]
    [InlineData("google", "azure")]
    [InlineData("hashicorp", "ci/azure")]
    public async Task Azure_s_client_secret_may_lie_in_any_vault_that_the_token_opens(string vault, string path)
    {
        await KeepAsync(vault, path, state => $$"""{"secret":"{{state.Entra.ClientSecret}}","expires":"2099-01-01"}""");
        UseClientSecretAt($"vault://{vault}/{path}#secret");

        var ended = await _rotator.RunAsync("rotate", "--only", "grid-api", "--output", "json");

        ended.ExitCode.Should().Be(0, ended.Error);
        _sandbox.Host.Calls.Snapshot().Should().NotContain(call => call.Operation == "GetWebIdentityToken");
    }

    [Fact]
    public async Task A_client_secret_that_has_ended_is_told_with_its_place()
    {
        await KeepAsync("prod", "ci/azure", state => $$"""{"secret":"{{state.Entra.ClientSecret}}","expires":"2020-01-01"}""");
        UseClientSecretAt("vault://prod/ci/azure#secret");

        var ended = await _rotator.RunAsync("rotate", "--only", "grid-api");

        ended.ExitCode.Should().Be(6);
        ended.Out.ReplaceLineEndings(" ").Should().Contain("vault://prod/ci/azure#secret").And.Contain("2020-01-02");
        _sandbox.Host.Calls.Snapshot().Should().NotContain(call => call.Operation == "token");
    }

    [Fact]
    public async Task A_bitbucket_token_that_has_ended_ends_the_run_before_Bitbucket_is_called()
    {
        await _sandbox.Host.Store.ChangeAsync(
            state => state.SecretsManager.Secrets.Values.Single(secret => secret.Name == "ci/bitbucket").Versions[0].SecretString =
                """{"token":"any","expires":"2020-01-01"}""", Stop);

        var ended = await _rotator.RunAsync("rotate", "--output", "json");

        ended.ExitCode.Should().Be(2);
        ended.Out.Should().Contain(
                "The Bitbucket credential vault://prod/ci/bitbucket#token ended at 2020-01-02 00:00 UTC. Nothing was read or changed "
                    + "with it.");
        _sandbox.Host.Calls.Snapshot().Should().NotContain(call => call.Service == "bitbucket");
    }

    [Theory]
    [InlineData("vault://azure/ci-azure", "which is in a Key Vault: it can't be opened without that very secret")]
    [InlineData("vault://nowhere/ci/azure", "which the inventory doesn't have")]
    public async Task A_client_secret_that_can_not_lie_there_is_refused(string reference, string says)
    {
        UseClientSecretAt(reference);

        var ended = await _rotator.RunAsync("rotate", "--only", "grid-api", "--output", "json");

        ended.ExitCode.Should().Be(2);
        ended.Out.Should().Contain(says);
    }

    [Fact]
    public async Task Entra_refuses_another_role_and_the_step_is_told_what_to_compare()
    {
        await _sandbox.Host.Store.ChangeAsync(state => state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/another", Stop);

        var ended = await _rotator.RunAsync("rotate", "--only", "grid-api", "--output", "json");

        ended.ExitCode.Should().Be(6);
        ended.Out.Should().Contain("AADSTS700213");
    }

    [Fact]
    public async Task Entra_refuses_the_tokens_of_another_account()
    {
        await _sandbox.Host.Store.ChangeAsync(state => state.Entra.FederatedIssuer = "https://other.tokens.sts.global.api.aws", Stop);

        (await _rotator.RunAsync("rotate", "--only", "grid-api", "--output", "json")).Out.Should().Contain("AADSTS700211");
    }

    private void UseClientSecretAt(string reference)
    {
        _rotator.Environment.Remove("SECRET_ROTATOR__AZURE__FEDERATEDFROM");
        _rotator.Environment["SECRET_ROTATOR__AZURE__CLIENTSECRET"] = reference;
    }

    private Task KeepAsync(string vault, string path, Func<SandboxState, string> content) => _sandbox.Host.Store.ChangeAsync(
        state =>
        {
            // HashiCorp's policy names every path, and the sandbox's is made of the inventory alone.
            foreach (var policy in state.HashiCorp.Values.SelectMany(server => server.Policies.Values))
                foreach (var read in new[] { $"data/{path}", $"data/{path}-staged/marks", $"metadata/{path}" })
                    policy[$"secret/{read}"] = ["read"];
            new SandboxSeed(state, _inventory, _sandbox.Clock.GetCurrentInstant(), new SystemRandom(), [])
                .Vault(vault).Create(path, new SeededSecret(content(state), Instant.FromUtc(2026, 11, 1, 0, 0), "Test"));
        },
        Stop);

    private static IEnumerable<string?> Outcomes(Ended ended) =>
        JsonDocument.Parse(ended.Out).RootElement
            .GetProperty("secrets")
            .EnumerateArray()
            .Select(secret => secret.GetProperty("outcome").GetString());
}
