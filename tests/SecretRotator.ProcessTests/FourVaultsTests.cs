using System.Security.Cryptography;
using SecretRotator.Configuration;

namespace SecretRotator.Tests.Processes;

/// <summary>
/// One inventory with a vault of each kind, with nothing but a step's token: Bitbucket's credential is in Google's vault.
/// </summary>
public sealed class FourVaultsTests : IDisposable
{
    private static readonly string Example = Path.Combine(RepositoryFiles.Root, "docs/examples/vaults/rotation.yaml");

    private static readonly RotationInventory Inventory = InventoryFile.Read(Example, InventoryKinds.All).Inventory!;

    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Rotator _rotator = new();

    public FourVaultsTests()
    {
        File.Copy(Example, _rotator.PathOf("rotation.yaml"));
        KilledRuns.Sign(_rotator, _pair);
    }

    [Fact]
    public async Task Everything_is_planned_rotated_verified_reported_and_signed_and_a_second_run_has_nothing_to_do()
    {
        var plan = await RunAsync("plan");
        var before = await ViewAsync();
        await RunAsync("rotate");
        var after = await ViewAsync();

        plan.Should().Contain("webhook").And.Contain("grid-api").And.Contain("telemetry").And.Contain("ledger");
        foreach (var secret in Inventory.Secrets)
        {
            after.Current(secret).Should().NotBe(before.Current(secret), secret.Name);
            after.Agrees(secret).Should().BeTrue(secret.Name);
            after.Staged(secret).Should().BeEmpty(secret.Name);
        }

        after.Claims.Should().BeEmpty();
        await RunAsync("verify");
        (await RunAsync("plan")).Should().NotContain("due now");
        await RunAsync("report", "--output", "json");
        (await RunAsync("evidence", "verify", ".sandbox/evidence", "--public-key", "signing-key.pub")).Should().Contain("1 file: 1 whole.");
        var evidence = string.Concat(Directory.GetFiles(_rotator.PathOf(".sandbox/evidence"), "*.jsonl").Select(File.ReadAllText));
        before.Values().Concat(after.Values()).Should().NotBeEmpty().And.OnlyContain(value => !evidence.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_of_them_goes_back()
    {
        await RunAsync("rotate");
        foreach (var secret in Inventory.Secrets)
        {
            var view = await ViewAsync();
            var older = view.Versions(secret).Last(version => version.WasCurrent);

            await RunAsync("rollback", secret.Name, "--to", older.Id, "--reason", "a drill");

            var after = await ViewAsync();
            after.Current(secret).Should().Be(older.Content, secret.Name);
            after.Agrees(secret).Should().BeTrue(secret.Name);
        }

        (await ViewAsync()).Claims.Should().BeEmpty();
    }

    public void Dispose()
    {
        _rotator.Dispose();
        _pair.Dispose();
    }

    private Task<SandboxView> ViewAsync() => SandboxView.OfAsync(_rotator, Inventory);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var ended = await _rotator.RunAsync([.. arguments, .. arguments[0] == "evidence" ? [] : new[] { "--sandbox" }]);
        ended.ExitCode.Should().Be(0, ended.Out + ended.Error);
        return ended.Out;
    }
}
