using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Providers.Doctor;
using SecretRotator.Sandbox.HashiCorp;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>What doctor tells of secrets in a KV engine, and of database roles.</summary>
public sealed class HashiCorpSecretInspectorTests : IAsyncLifetime
{
    private const string Path = "prod/db";
    private const string Role = "database/static-creds/payments";

    private SandboxedHashiCorp _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await SandboxedHashiCorp.OpenAsync();
        _vault.Seed(Path, "worthless-7f3e1c");
        _vault.UseServer(server =>
        {
            server.Policies["all"]["secret/config"] = ["read"];
            server.StaticRoles["database/payments"] = new StaticRoleState
            {
                Username = "payments",
                Password = "worthless-2",
                LastRotation = DateTimeOffset.UnixEpoch.AddYears(55),
            };
            server.Policies["all"]["database/static-roles/payments"] = ["read"];
            server.Policies["all"]["database/static-creds/payments"] = ["read"];
            server.Policies["all"]["database/rotate-role/payments"] = ["update"];
            server.Policies["all"]["secret/data/database/*"] = ["create", "read", "update"];
            return true;
        });
    }

    public async ValueTask DisposeAsync() => await _vault.DisposeAsync();

    [Fact]
    public async Task A_secret_that_is_well_can_be_described_read_and_changed()
    {
        var results = await RunAsync();

        results.Select(result => (result.Id, result.Status)).Should().Equal(
            ("secret-described", CheckStatus.Pass), ("secret-readable", CheckStatus.Pass), ("secret-writable", CheckStatus.Pass));
        results[^1].Observed.Should().Be("hcp: 1 secret can be changed: payments-db.");
    }

    [Fact]
    public async Task A_database_role_that_is_well_can_be_described_read_and_changed() =>
        (await RunAsync(RoleSecret)).Should().HaveCount(3).And.OnlyContain(result => result.Status == CheckStatus.Pass);

    [Theory]
    [InlineData("secret/data/prod/db", "update on secret/data/prod/db", "create", "read")]
    [InlineData("secret/delete/prod/db-staged", "update on secret/delete/prod/db-staged")]
    [InlineData("secret/data/prod/db-staged/marks", "create on secret/data/prod/db-staged/marks", "read", "update")]
    public async Task A_right_to_change_that_is_missing_is_told_before_anything_is_changed(string path, string told, params string[] given)
    {
        _vault.UseServer(server => server.Policies["all"][path] = [.. given]);

        var results = await RunAsync();

        Failed(results).Should().ContainSingle().Which.Should().Match<CheckResult>(
            failed => failed.Id == "secret-writable" && failed.Observed.EndsWith("it lacks " + told + ".")
                && failed.Fix!.Contains("doctor trust --for hashicorp-vault"));
        results.Should().NotContain(result => result.Id == "secret-writable" && result.Status == CheckStatus.Pass);
    }

    [Fact]
    public async Task A_right_to_rotate_a_database_role_that_is_missing_is_told()
    {
        _vault.UseServer(server => server.Policies["all"].Remove("database/rotate-role/payments"));

        Failed(await RunAsync(RoleSecret)).Should().ContainSingle().Which.Observed.Should().EndWith(
            "it lacks update on database/rotate-role/payments.");
    }

    [Fact]
    public async Task Where_the_vault_does_not_tell_the_rights_they_are_unknown()
    {
        _vault.Fault("hashicorp.CapabilitiesSelf=403");

        (await RunAsync()).Should().ContainSingle(result => result.Id == "secret-writable").Which.Status.Should().Be(CheckStatus.Unknown);
    }

    [Fact]
    public async Task A_token_that_may_only_look_is_told_what_it_can_not_read_and_change()
    {
        _vault.Token = "hvs.looks";

        Failed(await RunAsync()).Select(result => result.Id).Should().Equal("secret-writable", "secret-readable");
    }

    [Fact]
    public async Task A_secret_that_does_not_exist_is_told_with_the_command_that_makes_it_and_is_not_called_changeable()
    {
        _vault.Delete(Path);

        var results = await RunAsync();

        results.Should().ContainSingle().Which.Should().Match<CheckResult>(
            failed => failed.Id == "secret-described" && failed.Observed.Contains("doesn't exist in hcp")
                && failed.Fix!.Contains("vault kv put -mount=secret prod/db"));
    }

    [Fact]
    public async Task A_database_role_that_does_not_exist_is_told()
    {
        _vault.UseServer(server => server.StaticRoles.Remove("database/payments"));

        Failed(await RunAsync(RoleSecret)).Should().ContainSingle().Which.Observed.Should().Contain("database role that doesn't exist");
    }

    [Fact]
    public async Task A_current_version_that_was_deleted_is_told_once_with_the_command_that_brings_it_back()
    {
        _vault.Use(mount => mount.Secrets[Path].Versions[1].Deletion = DateTimeOffset.UnixEpoch);

        Failed(await RunAsync()).Should().ContainSingle().Which.Should().Match<CheckResult>(
            failed => failed.Id == "secret-usable" && failed.Fix!.Contains("vault kv undelete -mount=secret -versions=1 prod/db"));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task One_version_that_is_kept_is_too_few(int ofSecret, int ofMount)
    {
        _vault.Use(mount => (mount.Secrets[Path].MaxVersions, mount.MaxVersions) = (ofSecret, ofMount));

        Failed(await RunAsync()).Should().ContainSingle().Which.Fix.Should().Contain("-max-versions=10 prod/db");
    }

    [Theory]
    [InlineData(3600, 0)]
    [InlineData(0, 3600)]
    public async Task Versions_that_delete_themselves_are_told(long ofSecret, long ofMount)
    {
        _vault.Use(mount => (mount.Secrets[Path].DeleteVersionAfter, mount.DeleteVersionAfter) = (ofSecret, ofMount));

        Failed(await RunAsync()).Should().ContainSingle().Which.Observed.Should().Contain("delete_version_after");
    }

    [Fact]
    public async Task An_inventory_that_says_the_other_maker_of_the_value_is_told()
    {
        Failed(await RunAsync(secret => secret with { Value = new ValuePolicy.VaultManaged() })).Should().ContainSingle()
            .Which.Id.Should().Be("other-rotation");
        Failed(await RunAsync(secret => secret with { Path = Role })).Should().Contain(failed => failed.Id == "other-rotation");
    }

    private static ManagedSecret RoleSecret(ManagedSecret secret) =>
        secret with { Path = Role, Value = new ValuePolicy.VaultManaged(), Targets = [] };

    private static IReadOnlyList<CheckResult> Failed(IReadOnlyList<CheckResult> results) =>
        [.. results.Where(result => result.Status == CheckStatus.Fail)];

    private async Task<IReadOnlyList<CheckResult>> RunAsync(Func<ManagedSecret, ManagedSecret>? change = null)
    {
        var secret = SampleInventory.Read(SampleInventory.Text).Inventory!.Secrets[0] with { Vault = "hcp", Path = Path };
        return await new VaultCheck("hcp", [change?.Invoke(secret) ?? secret], _vault.Inspect, reads: true, parallelism: 2)
            .RunAsync(TestContext.Current.CancellationToken);
    }
}
