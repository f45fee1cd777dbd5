using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Doctor.BackendAccess;
using SecretRotator.Doctor.BitbucketAccess;
using SecretRotator.Doctor.Identity;
using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Inventory;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Hosting;

/// <summary>The connections of <c>doctor</c>: the same as a run's, but each is made by the check that needs it, so that a missing
/// credential is a finding of that check and no more. Nothing here writes.</summary>
internal sealed class DoctorConnections : IDisposable
{
    private readonly RotatorSettings _settings;
    private readonly RotationInventory _inventory;
    private readonly Network _network;
    private readonly IClock _clock;
    private readonly TimeProvider _time;
    private readonly RunLog _log;
    private readonly IRandomSource _random = new SystemRandom();
    private readonly VaultConnections _vaults;
    private readonly BackendConnections _backends;
    private readonly Lazy<Task<BitbucketConnection>> _bitbucket;

    /// <summary>Connects nothing yet.</summary>
    public DoctorConnections(
        RotatorSettings settings, RotationInventory inventory, Network network, IClock clock, TimeProvider time, RunLog log)
    {
        (_settings, _inventory, _network, _clock, _time, _log) = (settings, inventory, network, clock, time, log);
        _vaults = new VaultConnections(settings.Providers, inventory, network.Handler, new NoClaims(), clock, _random, time);
        _bitbucket = new(async () => Connect(await FindCredentialAsync(CancellationToken.None), _network.Handler));
        var folder = Path.GetDirectoryName(Path.GetFullPath(settings.Inventory)) ?? "";
        _backends = new BackendConnections(
            BackendProviders.All, _vaults, Vault, network, folder) { Bitbucket = cancellation => _bitbucket.Value.WaitAsync(cancellation) };
    }

    /// <summary>The checks of the tool's identity.</summary>
    public IReadOnlyList<ICheck> Identity() => IdentityChecks.For(_settings, _vaults, FindCredentialAsync);

    /// <summary>The check of Bitbucket.</summary>
    public ICheck Bitbucket() => new BitbucketCheck(
        _inventory,
        FindCredentialAsync,
        (credential, notes) => Connect(credential, () => notes.Over(_network.Handler())),
        reports: _settings.Commit is not null,
        _settings.Parallelism);

    /// <summary>The check of one vault, or null where the inventory keeps no secret in it.</summary>
    public ICheck? Vault(VaultDefinition vault, bool reads)
    {
        ImmutableArray<ManagedSecret> secrets = [.. _inventory.Secrets.Where(secret => secret.Vault == vault.Name)];
        return secrets.IsEmpty
            ? null
            : new VaultCheck(
                vault.Name, secrets, () => _vaults.FactoryOf(vault).Inspect(vault, _inventory.Home), reads, _settings.Parallelism);
    }

    /// <summary>The check of backends, or null where no secret has one.</summary>
    public ICheck? Backends(bool reads)
    {
        ImmutableArray<ManagedSecret> secrets = [.. _inventory.Secrets.Where(secret => secret.Backend is not null)];
        return secrets.IsEmpty ? null : new BackendCheck(secrets, Vault, _backends.Open, reads, _settings.Parallelism);
    }

    private ISecretVault Vault(string name) => _vaults.Create(_inventory.Vaults[name]);

    public void Dispose()
    {
        if (_bitbucket is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } open })
            open.Result.Dispose();
        _vaults.Dispose();
    }

    private BitbucketConnection Connect(BitbucketCredential credential, Func<HttpMessageHandler> handler) => BitbucketConnection.Create(
        Connections.BitbucketSettingsOf(_settings.Endpoints) with { Patience = Brief },
        credential,
        _inventory.Limits,
        _clock,
        _time,
        _random,
        handler,
        _log.Waiting);

    private Task<BitbucketCredential> FindCredentialAsync(CancellationToken cancellation) =>
        CredentialSource.FindAsync(_settings, _inventory, _network, _clock, _random, _time, cancellation);

    // Someone waits for the answer, and a second run costs nothing.
    private static CallPatience Brief => new() { Attempt = TimeSpan.FromSeconds(15), Tries = 2, ThrottledTries = 1 };
}
