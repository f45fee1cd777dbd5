using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Doctor.VaultAccess;

/// <summary>What stands in the sandbox's vaults, seen by the clouds' own clients over real sockets.</summary>
public sealed class LookTests : IAsyncLifetime
{
    private static readonly RotationInventory Inventory = InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!;

    private RunningSandbox _sandbox = null!;
    private AuthorityFile _bundle = null!;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await RunningSandbox.StartAsync(
            Inventory, new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, TestContext.Current.CancellationToken);
        _bundle = new AuthorityFile(_sandbox.CaCertificate);
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _bundle.Dispose();
    }

    [Fact]
    public async Task Secrets_that_are_well_give_no_finding()
    {
        foreach (var vault in Inventory.Vaults.Values)
            (await RunAsync(vault.Name)).Should()
                .NotContain(result => result.Status == CheckStatus.Fail || result.Status == CheckStatus.Warn);
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_named()
    {
        await ChangeAsync(
            state => state.SecretsManager.Secrets.Remove(
                state.SecretsManager.Secrets.Single(secret => secret.Value.Name == "prod/payments/webhook").Key));

        Failed(await RunAsync("prod")).Should().BeEquivalentTo(new { Id = "secret-described" });
    }

    [Fact]
    public async Task A_function_of_AWS_that_rotates_what_the_inventory_generates_is_a_failure()
    {
        await ChangeAsync(
            state => state.SecretsManager.Secrets.Values.Single(secret => secret.Name == "prod/payments/webhook").RotationEnabled = true);

        var failed = Failed(await RunAsync("prod"));

        failed.Id.Should().Be("other-rotation");
        failed.Fix.Should().Contain("vault-managed").And.Contain("cancel-rotate-secret");
    }

    [Fact]
    public async Task A_rotation_that_the_inventory_counts_on_and_AWS_has_not_is_a_failure()
    {
        await ChangeAsync(
            state => state.SecretsManager.Secrets.Values.Single(secret => secret.Name == "prod/ledger/db").RotationEnabled = false);

        Failed(await RunAsync("prod")).Observed.Should().Contain("has no rotation function");
    }

    [Fact]
    public async Task A_disabled_version_in_Key_Vault_is_the_current_one_and_a_failure()
    {
        await ChangeAsync(state =>
        {
            foreach (var version in state.KeyVaults["azure"].Secrets["grid-api"].Versions)
                version.Enabled = false;
        });

        var failed = Failed(await RunAsync("azure"));

        failed.Id.Should().Be("secret-usable");
        failed.Fix.Should().Contain("az keyvault secret set-attributes --vault-name acme-prod --name grid-api --enabled true");
    }

    [Fact]
    public async Task An_end_that_has_passed_in_Key_Vault_is_a_warning()
    {
        await ChangeAsync(state =>
        {
            foreach (var version in state.KeyVaults["azure"].Secrets["grid-api"].Versions)
                version.Expires = DateTimeOffset.UnixEpoch.AddYears(50);
        });

        (await RunAsync("azure"))
            .Single(result => result.Status == CheckStatus.Warn).Observed
            .Should().Contain("has an expiry that has passed (2020-01-01)");
    }

    [Theory]
    [InlineData("acme/another", true)]
    [InlineData("ACME/Secret-Rotator", false)]
    public async Task A_secret_that_was_rotated_under_the_claims_of_another_home_is_a_warning(string home, bool isTold)
    {
        await ChangeAsync(state => state.KeyVaults["azure"].Secrets["grid-api-staged"] = new()
        {
            Versions =
            {
                new()
                {
                    Id = "0123456789abcdef0123456789abcdef",
                    Enabled = false,
                    Tags = new(StringComparer.Ordinal) { ["secret-rotator-rotation"] = "r", ["secret-rotator-home"] = home },
                },
            },
        });

        var warnings = (await RunAsync("azure")).Where(result => result.Status == CheckStatus.Warn).ToList();

        warnings.Select(warning => warning.Id).Should().Equal(isTold ? ["claims-home"] : []);
        warnings.Should()
            .OnlyContain(warning => warning.Observed.Contains("acme/another") && warning.Observed.Contains(Inventory.Home.Slug));
    }

    [Theory]
    [InlineData("aws.DescribeSecret@webhook=403", "prod", "secret-described", "secretsmanager:DescribeSecret")]
    [InlineData("aws.GetSecretValue@webhook=403", "prod", "secret-readable", "secretsmanager:GetSecretValue")]
    [InlineData("azure.GetSecret@grid-api=403", "azure", "secret-readable", "get")]
    public async Task A_permission_that_is_missing_is_named(string fault, string vault, string id, string permission)
    {
        _sandbox.Host.Faults.Add([SecretRotator.Sandbox.Faults.FaultSpec.Parse(fault)]);

        var failed = Failed(await RunAsync(vault));

        failed.Id.Should().Be(id);
        failed.Fix.Should().Contain(permission);
    }

    private Task ChangeAsync(Action<SandboxState> change) => _sandbox.Host.Store.ChangeAsync(change, TestContext.Current.CancellationToken);

    private static CheckResult Failed(IEnumerable<CheckResult> results) =>
        results.Should().ContainSingle(result => result.Status == CheckStatus.Fail).Which;

    private async Task<IReadOnlyList<CheckResult>> RunAsync(string vault)
    {
        var settings = SettingsReader.ReadEnvironment(_sandbox.Settings, VaultProviders.All);
        using var network = Network.Open(_bundle.Path, proxies: null);
        using var connections = new DoctorConnections(settings, Inventory, network, _sandbox.Clock, TimeProvider.System, RunLog.Silent);
        return await connections.Vault(Inventory.Vaults[vault], reads: true)!.RunAsync(TestContext.Current.CancellationToken);
    }
}
