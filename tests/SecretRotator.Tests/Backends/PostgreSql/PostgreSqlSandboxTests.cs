using SecretRotator.Backends;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Settings;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Backends.PostgreSql;

/// <summary>A sandbox that is made from an inventory with databases, as a rotator reaches them.</summary>
public sealed class PostgreSqlSandboxTests : IAsyncLifetime
{
    private const string Pair = "ca: not/read/here.pem, admin: vault://prod/ci/db-admin, users: [payments_a, payments_b], user-field: user";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sandbox-");
    private RunningSandbox? _sandbox;
    private Network? _network;
    private VaultConnections? _vaults;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pair_of_roles_is_seeded_with_its_administrator_and_can_be_rotated()
    {
        var (backend, vault, secret) = await StartAsync(Pair);
        using var current = await CurrentAsync(vault, secret);

        (await backend.InspectAsync(current, Cancellation)).Slots.Should().BeEquivalentTo(
            [new Slot(new("payments_a"), Enabled: true), new Slot(new("payments_b"), Enabled: false)]);
        (await backend.ProveAsync(current, Cancellation)).Should().Be(Proof.Accepted);
        using var staged = backend.Prepare(current, current);
        await backend.SetAsync(default, staged, Cancellation);

        (await backend.ProveAsync(staged, Cancellation)).Should().Be(Proof.Accepted);
        backend.SlotOf(staged).Value.Should().Be("payments_b");
        _sandbox!.Settings["SECRET_ROTATOR__CONNECTTO"].Should().MatchRegex(@"^db\.internal:5432=127\.0\.0\.1:\d+$");
    }

    [Fact]
    public async Task A_role_that_changes_itself_finds_its_password_in_the_staged_version_for_an_undo()
    {
        var (backend, vault, secret) = await StartAsync("overlap: none");
        using var current = await CurrentAsync(vault, secret);
        var description = await vault.DescribeAsync(secret.Path, Cancellation);
        using var fresh = SecretValue.FromText("the value that is staged");
        using var staged = JsonSecret.Replace(
            current, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = fresh });
        var claimed = await vault.ClaimAsync(
            secret.Path,
            new ClaimRequest(
                new("00000000-0000-4000-8000-000000000001"), description.Current,
                new Holder.Pipeline("acme", "secret-rotator", "11111111-1111-4111-8111-000000000001", 1),
                _sandbox!.Clock.GetCurrentInstant(), staged, TakeOver: null)
            { Lease = Leases.Endless },
            Cancellation);
        await vault.StageAsync(((ClaimResult.Won)claimed).Claim, staged, Cancellation);

        await backend.SetAsync(default, staged, Cancellation);
        (await backend.ProveAsync(staged, Cancellation)).Should().Be(Proof.Accepted);
        await backend.SetAsync(default, current, Cancellation);

        (await backend.ProveAsync(current, Cancellation)).Should().Be(Proof.Accepted);
        (await backend.ProveAsync(staged, Cancellation)).Acceptance.Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task The_endpoint_is_where_the_settings_lead()
    {
        var (_, _, secret) = await StartAsync(Pair);

        BackendProviders.EndpointsOf(_vaults!.Inventory, _vaults.Settings).Should().ContainSingle()
            .Which.Address.IsLoopback.Should().BeTrue("a run in the sandbox stays on this machine");
        secret.Backend!.Place.Should().Be("db.internal:5432/payments");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _vaults?.Dispose();
        _network?.Dispose();
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<SecretValue> CurrentAsync(ISecretVault vault, ManagedSecret secret)
    {
        var description = await vault.DescribeAsync(secret.Path, Cancellation);
        using var version = await vault.ReadAsync(secret.Path, description.Current, Cancellation);
        return version.Value.Copy();
    }

    private async Task<(ICredentialBackend Backend, ISecretVault Vault, ManagedSecret Secret)> StartAsync(string keys)
    {
        const string Sample = "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }\n"
            + "    consumer: reads-from-vault";
        var inventory = SampleInventory.Accepted(
            Sample,
            "{ kind: password, field: password }\n    backend: { kind: postgresql, server: db.internal, database: payments, " + keys
                + " }\n"
                + "    targets: [ { repository: payments-api, variable: DB, whole: true } ]");
        _sandbox = await RunningSandbox.StartAsync(
            inventory, new SandboxOptions { RealClock = SystemClock.Instance, StateFolder = _folder.FullName }, Cancellation);
        var there = SettingsReader.ReadEnvironment(_sandbox.Settings, VaultProviders.All);
        _network = Network.Open(there.CaBundle, proxies: null);
        _vaults = new VaultConnections(
            there.Providers, inventory, _network.Handler, new NoClaims(), _sandbox.Clock, new SystemRandom(), TimeProvider.System);
        var vault = _vaults.Create(inventory.Vaults["prod"]);
        var backends = new BackendConnections(BackendProviders.All, _vaults, _ => vault, _network, _folder.FullName);
        return (backends.Open(inventory.Secrets[0])!, vault, inventory.Secrets[0]);
    }
}
