using System.Collections.Immutable;
using System.Diagnostics;
using NodaTime;
using SecretRotator.Doctor;
using SecretRotator.Doctor.BitbucketAccess;
using SecretRotator.Doctor.Identity;
using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Inventory;
using SecretRotator.Log;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;
using SecretRotator.Values;

namespace SecretRotator.Hosting;

/// <summary>The connections of <c>doctor</c>: the same as a run's, but each is made by the check that needs it, so that a missing credential is a finding of that check and no more. Nothing here writes.</summary>
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

    /// <summary>Connects nothing yet.</summary>
    public DoctorConnections(RotatorSettings settings, RotationInventory inventory, Network network, IClock clock, TimeProvider time, RunLog log)
    {
        (_settings, _inventory, _network, _clock, _time, _log) = (settings, inventory, network, clock, time, log);
        _vaults = new VaultConnections(settings, inventory, network.Handler, new NoClaims(), clock, _random, time);
    }

    /// <summary>The checks of who the tool is.</summary>
    public IReadOnlyList<ICheck> Identity() => IdentityChecks.For(_settings, _inventory, _network.Handler, FindCredentialAsync, _clock, _time);

    /// <summary>The check of Bitbucket.</summary>
    public ICheck Bitbucket() => new BitbucketCheck(
        _inventory,
        FindCredentialAsync,
        (credential, notes) => BitbucketConnection.Create(
            Connections.BitbucketSettingsOf(_settings.Endpoints) with { Patience = Brief },
            credential,
            _inventory.Limits,
            _clock,
            _time,
            _random,
            () => notes.Over(_network.Handler()),
            _log.Waiting),
        reports: _settings.Commit is not null,
        _settings.Parallelism);

    /// <summary>The check of one vault, or null where the inventory keeps no secret in it.</summary>
    public ICheck? Vault(VaultDefinition vault, bool reads)
    {
        ImmutableArray<ManagedSecret> secrets = [.. _inventory.Secrets.Where(secret => secret.Vault == vault.Name)];
        return secrets.IsEmpty ? null : new VaultCheck(vault.Name, secrets, () => Look(vault), reads, _settings.Parallelism);
    }

    public void Dispose() => _vaults.Dispose();

    private Task<BitbucketCredential> FindCredentialAsync(CancellationToken cancellation) =>
        CredentialSource.FindAsync(_settings, _inventory, _network, _clock, _random, _time, cancellation);

    private ISecretInspector Look(VaultDefinition vault) => vault switch
    {
        VaultDefinition.AwsSecretsManager aws => new AwsSecretInspector(aws, _vaults.Calls(aws), _vaults.Create(aws)),
        VaultDefinition.AzureKeyVault azure => new AzureSecretInspector(azure, _vaults.Secrets(azure), _inventory.Home, _clock),
        _ => throw new UnreachableException("A new kind of vault needs a look."),
    };

    // Somebody waits for the answer, and a second run costs nothing.
    private static CallPatience Brief => new() { Attempt = TimeSpan.FromSeconds(15), Tries = 2, ThrottledTries = 1 };
}
