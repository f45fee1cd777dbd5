using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Providers.Doctor;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Providers.Google;

/// <summary>What doctor tells of secrets in Secret Manager.</summary>
public sealed class GoogleSecretInspectorTests : IAsyncLifetime
{
    private const string Path = "prod-db";

    private GoogleVaultUnderTest _google = null!;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleVaultUnderTest.OpenAsync();
        _google.Seed(Path, "worthless-7f3e1c");
    }

    public async ValueTask DisposeAsync() => await _google.DisposeAsync();

    [Fact]
    public async Task A_secret_that_is_well_can_be_described_read_and_changed()
    {
        var results = await RunAsync();

        results.Select(result => (result.Id, result.Status)).Should().Equal(
            ("secret-described", CheckStatus.Pass), ("secret-readable", CheckStatus.Pass), ("encryption-key", CheckStatus.Pass),
            ("secret-writable", CheckStatus.Pass));
        results[^1].Observed.Should().Be("google: 1 secret can be changed: payments-db.");
    }

    [Theory]
    [InlineData("secretmanager.versions.add", "prod-db it lacks secretmanager.versions.add")]
    [InlineData("secretmanager.versions.disable@prod-db-staged", "prod-db-staged it lacks secretmanager.versions.disable")]
    public async Task A_permission_to_change_that_is_missing_is_told_before_anything_is_changed(string denied, string told)
    {
        _google.Use(google => google.Denied.Add(denied));

        Failed(await RunAsync()).Should().Contain(failed => failed.Id == "secret-writable" && failed.Observed.Contains(told));
    }

    [Fact]
    public async Task A_companion_that_is_missing_is_a_warning_with_the_command_that_makes_it()
    {
        _google.Use(google => google.Secrets.Remove(GoogleVaultUnderTest.Whole(Path) + "-staged"));

        var results = await RunAsync();

        results.Single(result => result.Id == "staged-companion").Fix.Should().Contain("gcloud secrets create prod-db-staged");
        Failed(results).Should().BeEmpty();
    }

    [Fact]
    public async Task A_newest_version_that_is_disabled_is_a_failure()
    {
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Versions[0].State = "DISABLED");

        Failed(await RunAsync()).Should().ContainSingle().Which.Id.Should().Be("secret-usable");
    }

    [Fact]
    public async Task A_secret_without_a_version_is_a_failure()
    {
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Versions = []);

        Failed(await RunAsync()).Should().ContainSingle().Which.Observed.Should().Contain("has no version");
    }

    [Fact]
    public async Task A_secret_that_will_delete_itself_is_a_warning_and_one_with_a_rotation_schedule_is_none()
    {
        _google.Use(google =>
        {
            var secret = google.Secrets[GoogleVaultUnderTest.Whole(Path)];
            secret.NextRotation = DateTimeOffset.UnixEpoch.AddYears(60);
            return secret.Expires = DateTimeOffset.UnixEpoch.AddYears(60);
        });

        (await RunAsync()).Where(result => result.Status is CheckStatus.Warn or CheckStatus.Fail).Should().ContainSingle()
            .Which.Observed.Should().Contain("deletes itself on 2030-01-01");
    }

    [Fact]
    public async Task A_permission_to_look_that_is_missing_is_named()
    {
        _google.Use(google => google.Denied.Add("secretmanager.versions.access"));

        var failed = Failed(await RunAsync());

        failed.Single(each => each.Id == "secret-readable").Fix.Should().Contain("secretmanager.versions.access");
    }

    private static IReadOnlyList<CheckResult> Failed(IReadOnlyList<CheckResult> results) =>
        [.. results.Where(result => result.Status == CheckStatus.Fail)];

    private async Task<IReadOnlyList<CheckResult>> RunAsync()
    {
        var inventory = SampleInventory.Read(SampleInventory.Text).Inventory!;
        var secret = inventory.Secrets[0] with { Vault = "google", Path = Path };
        ImmutableArray<ManagedSecret> secrets = [secret];
        return await new VaultCheck(
            "google", secrets, () => _google.Factory().Inspect(GoogleVaultUnderTest.Definition, inventory.Home), reads: true,
            parallelism: 2)
            .RunAsync(TestContext.Current.CancellationToken);
    }
}
