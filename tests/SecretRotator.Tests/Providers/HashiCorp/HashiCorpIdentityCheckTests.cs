using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.HashiCorp;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>What <c>doctor</c> says of the identity at a vault in which one thing is wrong.</summary>
public sealed class HashiCorpIdentityCheckTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vault_that_is_right_passes_and_says_how_long_the_token_is_good()
    {
        var results = await AskAsync();

        results.Select(result => (result.Id, result.Status)).Should().Equal(
            ("hashicorp-health", CheckStatus.Pass), ("hashicorp-identity", CheckStatus.Pass), ("hashicorp-rights", CheckStatus.Pass));
        results[0].Observed.Should().Be("Vault prod works, version 1.20.0-sandbox.");
        results[1].Observed.Should().Be(
            "Vault prod admits to the role rotator of auth/jwt with the step's token. The token has the policies default, rotator, and is "
                + "good for 15 min.");
    }

    [Fact]
    public async Task A_sealed_vault_is_asked_no_further()
    {
        var results = await AskAsync(server => server.Sealed = true);

        results.Should().ContainSingle().Which.Should()
            .Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.Contains("sealed") && r.Fix!.Contains("unseal"));
    }

    [Fact]
    public async Task A_bound_claim_that_differs_is_told_with_what_the_token_has()
    {
        var results = await AskAsync(server => Role(server).Claims["repositoryUuid"] = "{another}");

        results[1].Observed.Should().MatchRegex(
            "binds repositoryUuid to another value than the step's token has. It has repositoryUuid = {[0-9a-f-]{36}}.$");
    }

    [Fact]
    public async Task A_step_without_a_deployment_is_told_to_have_one()
    {
        var results = await AskAsync(server => Role(server).Claims["deploymentEnvironmentUuid"] = "{environment}");

        results[1].Observed.Should().EndWith("It has no deploymentEnvironmentUuid.");
        results[1].Fix.Should().StartWith("Set `deployment:` on the step");
    }

    [Fact]
    public async Task An_audience_that_the_role_does_not_admit_is_told()
    {
        var results = await AskAsync(server => Role(server).Audiences.Clear());

        results[1].Observed.Should().MatchRegex("\\(aud\\) of the step's token. It has aud = ari:cloud:bitbucket::workspace/");
    }

    [Fact]
    public async Task Rights_to_read_credentials_that_are_missing_are_told_by_path()
    {
        var results = await AskAsync(server =>
        {
            server.Policies["rotator"].Remove("kv/metadata/ci/bitbucket");
            server.Policies["rotator"]["kv/data/ci/bitbucket"].Remove("read");
        });

        results[2].Status.Should().Be(CheckStatus.Fail);
        results[2].Observed.Should().Be("The token of vault prod lacks read on kv/data/ci/bitbucket, read on kv/metadata/ci/bitbucket.");
    }

    [Fact]
    public async Task A_token_that_outlives_a_run_by_far_is_a_risk() => (await AskAsync(
        server => (Role(server).Tokens.TtlSeconds, Role(server).Tokens.MaxTtlSeconds) = (30 * 86_400, 60 * 86_400)))[1].Status.Should()
        .Be(CheckStatus.Warn);

    [Fact]
    public async Task A_root_token_is_a_risk()
    {
        var results = await AskAsync(
            server => server.Tokens["hvs.sandbox-token"].Policies.Add("root"), "auth: token");

        results[1].Should()
            .Match<CheckResult>(r => r.Status == CheckStatus.Warn && r.Why == "A root token may do everything in the vault.");
    }

    [Fact]
    public async Task A_token_of_the_environment_that_ends_soon_is_a_risk()
    {
        var end = SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset().AddMinutes(10);

        (await AskAsync(server => server.Tokens["hvs.sandbox-token"].Ends = end, "auth: token"))[1].Status.Should().Be(CheckStatus.Warn);
    }

    [Fact]
    public async Task Every_check_is_documented()
    {
        var docs = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "doctor.md"), Stop);

        foreach (var result in await AskAsync())
            docs.Should().Contain($"| `{result.Id}` |");
    }

    private static JwtRoleState Role(HashiCorpState server) => server.JwtMethods["jwt"].Roles["rotator"];

    private static async Task<IReadOnlyList<CheckResult>> AskAsync(
        Action<HashiCorpState>? change = null, string auth = "auth: jwt, role: rotator")
    {
        var read = InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes($$"""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator, credential: "vault://prod/ci/bitbucket#token" }
            vaults: { prod: { kind: hashicorp-vault, address: "https://vault.acme.example", mount: kv, {{auth}} } }
            defaults: { owner: platform@acme.example, rotate-every: 30d }
            secrets:
              - { name: webhook, vault: prod, path: webhook, value: { kind: hex, bytes: 32 }, consumer: by-hand,
                  targets: [ { repository: payments-api, variable: KEY } ] }
            """), InventoryKinds.All);
        read.Problems.Should().BeEmpty();
        await using var sandbox = await RunningSandbox.StartAsync(
            read.Inventory!, new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, Stop);
        await sandbox.Host.Store.ChangeAsync(state => change?.Invoke(state.HashiCorp["prod"]), Stop);
        var settings = SettingsReader.ReadEnvironment(sandbox.Settings, VaultProviders.All);
        using var network = Network.Open(settings.CaBundle, proxies: null);
        using var vaults = new VaultConnections(
            settings.Providers, read.Inventory!, network.Handler, new NoClaims(), sandbox.Clock, new SystemRandom(), TimeProvider.System);
        return await new HashiCorpIdentityCheck(vaults, settings.StepToken is { } token ? WebToken.Read(token) : null).RunAsync(Stop);
    }
}
