using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Doctor.Identity;

/// <summary>The check of the identity at Google, against a sandbox in which one thing is wrong.</summary>
public sealed class GoogleExchangeCheckTests : IDisposable
{
    private const string Account = "secret-rotator@acme-prod.iam.gserviceaccount.com";
    private const string Name = "projects/400300200100/locations/global/workloadIdentityPools/bitbucket/providers/bitbucket";

    private readonly string _folder = Directory.CreateTempSubdirectory("google-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static RotationInventory Inventory
    {
        get
        {
            var inventory = SandboxInventory.Of(SandboxInventory.Password with { Vault = "google", Path = "webhook" });
            return inventory with { Vaults = inventory.Vaults.Add("google", new GoogleVaultDefinition("google", "acme-prod", null)) };
        }
    }

    [Fact]
    public async Task With_nothing_but_a_step_s_token_Google_gives_one_and_its_secrets_can_be_read()
    {
        await using var sandbox = await StartAsync();
        using var vaults = Vaults(sandbox);

        var result = await AskAsync(vaults);
        result.Should().Match<CheckResult>(r => r.Status == CheckStatus.Pass
            && r.Observed.StartsWith("Google gives a token for the step's token: that of the federated identity {"));
        var vault = vaults.Create(Inventory.Vaults["google"]);
        using var version = await vault.ReadAsync("webhook", (await vault.DescribeAsync("webhook", Stop)).Current, Stop);
        sandbox.Settings.Keys.Should().NotContain(key => key.StartsWith("GOOGLE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_documented() =>
        (await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "doctor.md"), Stop)).Should()
            .Contain("| `google-identity` |").And.Contain("| `google-credentials-file` |");

    [Theory]
    [InlineData("wrong-audience", "aud is https://bitbucket.org, and the provider ", "update-oidc bitbucket --project=400300200100 ")]
    [InlineData("wrong-subject", "repositoryUuid is {", "value(attributeCondition)")]
    [InlineData("unregistered-provider", "there is no provider ", "--show-deleted")]
    [InlineData("expired-token", "exp has passed: the step outlived its token", "max-time")]
    public async Task What_is_wrong_is_named_by_the_claim_with_the_command_that_sets_it_right(string fault, string claim, string fix)
    {
        await using var sandbox = await StartAsync(fault);
        using var vaults = Vaults(sandbox);

        var result = await AskAsync(vaults);

        result.Status.Should().Be(CheckStatus.Fail);
        result.Observed.Should().StartWith("OIDC token exchange failed: " + claim);
        result.Fix.Should().Contain(fix);
        if (fault != "expired-token")
            result.Observed.Should().Contain(Name);
        NothingSecretIn(result, vaults);
    }

    [Fact]
    public async Task An_issuer_that_differs_is_named()
    {
        await using var sandbox = await StartAsync(
            change: state => state.GoogleIdentity.Providers[Name].Issuer = "https://another.example");
        using var vaults = Vaults(sandbox);

        (await AskAsync(vaults)).Fix.Should().EndWith(
            "--issuer-uri=https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc");
    }

    [Fact]
    public async Task A_service_account_that_the_step_may_not_act_as_is_named_with_the_binding()
    {
        await using var sandbox = await StartAsync(change: state => state.GoogleIdentity.Accounts.Clear());
        using var vaults = Vaults(sandbox, ("SECRET_ROTATOR__GOOGLE__SERVICEACCOUNT", Account));

        var result = await AskAsync(vaults);

        result.Observed.Should().Be($"OIDC token exchange failed: the step may not act as {Account}, or there is no such account.");
        result.Fix.Should().StartWith($"gcloud iam service-accounts add-iam-policy-binding {Account} --role=roles/iam.workloadIdentityUser")
            .And.Contain("/attribute.repository/{");
    }

    [Fact]
    public async Task A_service_account_that_is_acted_as_is_named()
    {
        await using var sandbox = await StartAsync();
        using var vaults = Vaults(sandbox, ("SECRET_ROTATOR__GOOGLE__SERVICEACCOUNT", Account));

        (await AskAsync(vaults)).Observed.Should().EndWith($"that of the service account {Account}.");
    }

    [Fact]
    public async Task Without_an_answer_nothing_is_known()
    {
        await using var sandbox = await StartAsync("google-sts.token=503");
        using var vaults = Vaults(sandbox);

        (await AskAsync(vaults)).Status.Should().Be(CheckStatus.Unknown);
    }

    [Fact]
    public async Task A_credentials_file_that_others_can_read_is_a_risk()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var path = Path.Combine(_folder, "adc.json");
        await File.WriteAllTextAsync(path, "{}", Stop);
#pragma warning disable CA1416 // Skipped there.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        await using var sandbox = await StartAsync();
        using var vaults = Vaults(
            sandbox, ("GOOGLE_APPLICATION_CREDENTIALS", path), ("SECRET_ROTATOR__GOOGLE__WORKLOADIDENTITYPROVIDER", null));

        var results = await new GoogleExchangeCheck(vaults, token: null).RunAsync(Stop);

        results.Select(result => (result.Id, result.Status)).Should()
            .Equal(("google-identity", CheckStatus.Fail), ("google-credentials-file", CheckStatus.Warn));
        results[1].Fix.Should().Be($"chmod 600 {path}");
    }

    [Fact]
    public async Task Without_a_vault_of_Google_s_no_one_is_asked()
    {
        await using var sandbox = await StartAsync();
        using var vaults = Vaults(sandbox, SandboxInventory.Of(SandboxInventory.Password));

        (await new GoogleExchangeCheck(vaults, token: null).RunAsync(Stop)).Should().BeEmpty();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<RunningSandbox> StartAsync(string? fault = null, Action<SandboxState>? change = null)
    {
        var sandbox = await RunningSandbox.StartAsync(
            Inventory,
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true, Faults = fault is null ? [] : [fault] }, Stop);
        if (change is not null)
            await sandbox.Host.Store.ChangeAsync(change, Stop);
        return sandbox;
    }

    private static VaultConnections Vaults(RunningSandbox sandbox, params (string Name, string? Value)[] changes) =>
        Vaults(sandbox, Inventory, changes);

    private static VaultConnections Vaults(
        RunningSandbox sandbox, RotationInventory inventory, params (string Name, string? Value)[] changes)
    {
        var environment = new Dictionary<string, string>(sandbox.Settings, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        var settings = SettingsReader.ReadEnvironment(environment, VaultProviders.All);
        return new VaultConnections(
            settings.Providers, inventory, () => Network.Open(null, proxies: null).Handler(), new NoClaims(), sandbox.Clock,
            new SystemRandom(), TimeProvider.System);
    }

    private static async Task<CheckResult> AskAsync(VaultConnections vaults) =>
        (await new GoogleExchangeCheck(vaults, WebToken.Read(vaults.Settings.SettingsOf<GoogleSettings>().StepToken!)).RunAsync(Stop))
        .Should().ContainSingle().Which;

    private static void NothingSecretIn(CheckResult result, VaultConnections vaults)
    {
#pragma warning disable RS0030 // A worthless token.
        result.ToString().Should().NotContainAny(vaults.Settings.SettingsOf<GoogleSettings>().StepToken!.RevealText().Split('.'));
#pragma warning restore RS0030
    }
}
