using System.Text.Json;
using NodaTime;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Tests.Processes;

/// <summary>The program in a step that was given its token and nothing else: it reaches AWS, Azure and Bitbucket.</summary>
public sealed class KeylessTests : IAsyncLifetime
{
    private const string Inventory = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator, credential: "vault://prod/ci/bitbucket#token" }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: "arn:aws:iam::123456789012:role/secret-rotator" }
          azure: { kind: azure-key-vault, uri: "https://acme-prod.vault.azure.net/" }
        limits: { share-of-inventory: 100% }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - { name: payments-db, vault: prod, path: prod/payments/db, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: payments-api, variable: DB_PASSWORD } ] }
          - { name: grid-api, vault: azure, path: grid-api, value: { kind: hex, bytes: 32 }, consumer: reads-from-vault, targets: [ { repository: grid-console, variable: GRID_API_KEY } ] }
        """;

    private static readonly string[] StoredKeys =
        [
            "BITBUCKET_ACCESS_TOKEN",
            "BITBUCKET_API_TOKEN",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AZURE_CLIENT_SECRET",
            "SECRET_ROTATOR__AZURE__CLIENTSECRET",
        ];

    private readonly Rotator _rotator = new();
    private RunningSandbox _sandbox = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), Inventory, Stop);
        var inventory = InventoryFile.Read(_rotator.PathOf("rotation.yaml"), InventoryKinds.All).Inventory!;
        _sandbox = await RunningSandbox.StartAsync(
            inventory, new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true, StateFolder = _rotator.PathOf("state") },
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
    public async Task A_step_s_token_alone_rotates_in_AWS_and_Azure_and_delivers_to_Bitbucket()
    {
        _rotator.Environment.Keys.Should().Contain("BITBUCKET_STEP_OIDC_TOKEN").And.NotContain(StoredKeys);

        var ended = await _rotator.RunAsync("rotate", "--output", "json");

        ended.ExitCode.Should().Be(0, ended.Error);
        Outcomes(ended).Should().Equal("rotated", "rotated");
        _sandbox.Host.Calls.Snapshot().Select(call => call.Operation).Should()
            .Contain(["AssumeRoleWithWebIdentity", "GetWebIdentityToken", "token", "PutSecretValue", "PutSecret", "put"])
            .And.NotContain("AssumeRole");
    }

    [Fact]
    public async Task Azure_s_client_secret_may_lie_in_the_vault_that_the_token_opens()
    {
        await KeepClientSecretAsync("2099-01-01");
        UseClientSecretAt("vault://prod/ci/azure#secret");

        var ended = await _rotator.RunAsync("rotate", "--only", "grid-api", "--output", "json");

        ended.ExitCode.Should().Be(0, ended.Error);
        _sandbox.Host.Calls.Snapshot().Should().NotContain(call => call.Operation == "GetWebIdentityToken");
    }

    [Fact]
    public async Task A_client_secret_that_has_ended_is_told_with_its_place()
    {
        await KeepClientSecretAsync("2020-01-01");
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

    private Task KeepClientSecretAsync(string expires) => _sandbox.Host.Store.ChangeAsync(
        state => state.SecretsManager.Secrets["123456789012/eu-west-1/ci/azure"] = new AwsSecretState
        {
            Name = "ci/azure",
            Arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ci/azure-a1b2c3",
            Versions =
            [
                new AwsVersionState
                {
                    Id = "aaaaaaaa-0000-4000-8000-000000000002",
                    SecretString = $$"""{"secret":"{{state.Entra.ClientSecret}}","expires":"{{expires}}"}""",
                    Stages = ["AWSCURRENT"],
                },
            ],
        },
        Stop);

    private static IEnumerable<string?> Outcomes(Ended ended) =>
        JsonDocument.Parse(ended.Out).RootElement
            .GetProperty("secrets")
            .EnumerateArray()
            .Select(secret => secret.GetProperty("outcome").GetString());
}
