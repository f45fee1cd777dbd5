using SecretRotator.Doctor.Identity;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws.Doctor;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Doctor.Identity;

/// <summary>All checks of the area, against a sandbox in which one thing is wrong.</summary>
public sealed class IdentityChecksTests : IDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";

    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-").FullName;

    private static RotationInventory Inventory => SandboxInventory.Everything with { Credential = new("prod", "ci/bitbucket", "token") };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_a_world_that_is_right_everything_passes()
    {
        var results = await AskAsync();

        results.Should().OnlyContain(result => result.Status == CheckStatus.Pass);
        results.Select(result => result.Id).Should().Equal(
            "step-token", "token-issuer", "token-audience", "token-subject", "token-lifetime", "token-signature", "aws-identity",
            "azure-identity", "bitbucket-credential-end");
    }

    [Fact]
    public async Task Every_check_is_documented()
    {
        var docs = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "doctor.md"), Stop);

        foreach (var id in (await AskAsync()).Select(result => result.Id).Distinct(StringComparer.Ordinal))
            docs.Should().Contain($"| `{id}` |");
    }

    [Fact]
    public async Task A_wrong_audience_is_named_with_the_client_id_that_is_missing()
    {
        var results = await AskAsync("wrong-audience");

        Of(results, "token-audience").Should()
            .Match<CheckResult>(r => r.Status == CheckStatus.Warn && r.Observed.Contains("aud is https://bitbucket.org"));
        var exchange = Of(results, "aws-identity");
        exchange.Observed.Should().StartWith(
                $"OIDC token exchange failed for {Role}: aud is https://bitbucket.org, and the identity provider in account "
                    + "123456789012 doesn't have it among its client ids");
        exchange.Fix.Should().StartWith(
            "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "
                + "arn:aws:iam::123456789012:oidc-provider/api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc "
                + "--client-id https://bitbucket.org")
            .And.Contain("ari:cloud:bitbucket::workspace/");
    }

    [Fact]
    public async Task A_wrong_subject_is_named_with_the_policy_to_compare()
    {
        var results = await AskAsync("wrong-subject");

        Of(results, "token-subject").Status.Should().Be(CheckStatus.Pass);
        var exchange = Of(results, "aws-identity");
        exchange.Observed.Should().StartWith($"OIDC token exchange failed for {Role}: sub is {{").And
            .Contain("trust policy doesn't admit it");
        exchange.Fix.Should().Contain("aws iam get-role --role-name secret-rotator").And.Contain("secret-rotator doctor trust --for aws");
    }

    [Fact]
    public async Task An_expired_token_is_named_with_max_time()
    {
        var results = await AskAsync("expired-token");

        Of(results, "token-lifetime").Should()
            .Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.Contains("outlived its token"));
        var exchange = Of(results, "aws-identity");
        exchange.Observed.Should().Be($"OIDC token exchange failed for {Role}: exp has passed: the step outlived its token.");
        exchange.Fix.Should().Contain("max-time");
    }

    [Fact]
    public async Task An_unregistered_provider_is_named_with_the_command_that_registers_it()
    {
        var exchange = Of(await AskAsync("unregistered-provider", typeof(AwsExchangeCheck)), "aws-identity");

        exchange.Observed.Should().Contain(
                "iss is https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc, and account 123456789012 has no "
                    + "identity provider");
        exchange.Fix.Should().StartWith(
                "aws iam create-open-id-connect-provider --url "
                    + "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc --client-id-list "
                    + "ari:cloud:bitbucket::workspace/");
    }

    [Fact]
    public async Task What_rests_on_the_exchange_fails_with_it_and_says_so()
    {
        var results = await AskAsync("wrong-subject");

        Of(results, "azure-identity").Status.Should().Be(CheckStatus.Fail);
        Of(results, "bitbucket-credential-end").Status.Should().Be(CheckStatus.Fail);
        results.Where(result => result.Status != CheckStatus.Pass).Should().OnlyContain(result => result.Why != null && result.Fix != null);
    }

    [Theory]
    [InlineData("subject", "sub is arn:aws:iam::123456789012:role/secret-rotator", "AADSTS700213")]
    [InlineData("issuer", "iss is https://sandbox-123456789012.tokens.sts.global.api.aws", "AADSTS700211")]
    public async Task What_Entra_does_not_know_is_named_as_the_token_has_it(string what, string claim, string code)
    {
        var azure = Of(await AskAsync(change: state => Break(state, what)), "azure-identity");

        azure.Observed.Should().StartWith("OIDC token exchange failed: " + claim).And.Contain(code);
        azure.Fix.Should().Contain("az ad app federated-credential list").And.Contain("doctor trust --for azure");
    }

    [Fact]
    public async Task A_token_that_someone_else_signed_is_told()
    {
        var results = await AskAsync(
            only: typeof(TokenSignatureCheck), settings: settings => settings with { StepToken = Tampered(settings.StepToken!) });

        Of(results, "token-signature").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.StartsWith("No key"));
    }

    [Fact]
    public async Task Keys_that_can_not_be_fetched_leave_the_signature_unknown()
    {
        var results = await AskAsync("oidc.keys=503", typeof(TokenSignatureCheck));

        Of(results, "token-signature").Should()
            .Match<CheckResult>(r => r.Status == CheckStatus.Unknown && r.Observed.EndsWith("it answered 503."));
    }

    [Fact]
    public async Task A_page_in_the_place_of_keys_leaves_the_signature_unknown()
    {
        Of(await AskAsync("oidc.configuration=garbage", typeof(TokenSignatureCheck)), "token-signature").Status.Should()
            .Be(CheckStatus.Unknown);
    }

    [Fact]
    public async Task A_token_of_another_workspace_is_told_and_its_issuer_never_asked()
    {
        var results = await AskAsync(inventory: Inventory with { Workspace = "other" });

        Of(results, "token-issuer").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Fix!.Contains("workspace: acme"));
        results.Should().NotContain(result => result.Id == "token-signature");
    }

    [Fact]
    public async Task Without_an_answer_of_STS_nothing_is_known() =>
        Of(await AskAsync("sts.AssumeRoleWithWebIdentity=503", typeof(AwsExchangeCheck)), "aws-identity").Status.Should()
            .Be(CheckStatus.Unknown);

    [Fact]
    public async Task No_result_holds_the_token_or_a_part_of_it()
    {
        foreach (var fault in new[] { "wrong-subject", "expired-token" })
        {
            RotatorSettings? seen = null;
            var results = await AskAsync(fault, settings: settings => seen = settings);

#pragma warning disable RS0030 // A worthless token.
            var parts = seen!.StepToken!.RevealText().Split('.');
#pragma warning restore RS0030
            string.Concat(results.Select(result => result.ToString())).Should().NotContainAny(parts);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<IReadOnlyList<CheckResult>> AskAsync(
        string? fault = null, Type? only = null, RotationInventory? inventory = null,
        Func<RotatorSettings, RotatorSettings>? settings = null, Action<SandboxState>? change = null)
    {
        await using var sandbox = await RunningSandbox.StartAsync(
            Inventory,
            new SandboxOptions
            {
                RealClock = SystemClock.Instance,
                RealTime = true,
                StateFolder = Path.Combine(_folder, fault ?? "right"),
                Faults = fault is null ? [] : [fault],
            }, Stop);
        if (change is not null)
            await sandbox.Host.Store.ChangeAsync(change, Stop);
        var there = SettingsReader.ReadEnvironment(sandbox.Settings, VaultProviders.All);
        there = settings?.Invoke(there) ?? there;
        using var network = Network.Open(there.CaBundle, proxies: null);
        using var vaults = new VaultConnections(
            there.Providers, inventory ?? Inventory, network.Handler, new NoClaims(), sandbox.Clock, new SystemRandom(),
            TimeProvider.System);
        var checks = IdentityChecks.For(
            there,
            vaults,
            stop => CredentialSource.FindAsync(
                there, inventory ?? Inventory, network, sandbox.Clock, new SystemRandom(), TimeProvider.System, _ => { }, stop));
        List<CheckResult> results = [];
        foreach (var check in checks.Where(check => only is null || check.GetType() == only))
            results.AddRange(await check.RunAsync(Stop));
        return results;
    }

    private static void Break(SandboxState state, string what)
    {
        if (what == "subject")
            state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/another";
        else
            state.Entra.FederatedIssuer = "https://another.tokens.sts.global.api.aws";
    }

    private static SecretValue Tampered(SecretValue token)
    {
#pragma warning disable RS0030 // A worthless token.
        var text = token.RevealText();
#pragma warning restore RS0030
        return SecretValue.FromText(text[..^8] + (text.EndsWith("AAAAAAAA", StringComparison.Ordinal) ? "BBBBBBBB" : "AAAAAAAA"));
    }

    private static CheckResult Of(IReadOnlyList<CheckResult> results, string id) => results.Single(result => result.Id == id);
}
