using SecretRotator.Doctor.BackendAccess;
using SecretRotator.Doctor.BitbucketAccess;
using SecretRotator.Doctor.Identity;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;

namespace SecretRotator.Hosting;

/// <summary>The connections of <c>doctor</c>: the same as a run's, but each is made by the check that needs it, so that a missing
/// credential is a finding of that check and no more. Nothing here writes.</summary>
internal sealed class DoctorConnections(
    RotatorSettings settings, RotationInventory inventory, Network network, IClock clock, TimeProvider time, RunLog log) : IDisposable
{
    private readonly SystemRandom _random = new();
    private OwnConnection? _bitbucket;
    private readonly VaultConnections _vaults =
        new(settings.Providers, inventory, network.Handler, new NoClaims(), clock, new SystemRandom(), time) { Notice = log.Notice };

    /// <summary>The checks of the tool's identity.</summary>
    public IReadOnlyList<ICheck> Identity() => IdentityChecks.For(settings, _vaults, FindCredentialAsync);

    /// <summary>The check of Bitbucket.</summary>
    public ICheck Bitbucket() => new BitbucketCheck(
        inventory,
        FindCredentialAsync,
        (credential, notes) => Connect(credential, () => notes.Over(network.Handler())),
        reports: settings.Commit is not null,
        PipelineFileCheck.FactsOf(PipelineFileCheck.UsualPath).Environments,
        settings.Parallelism);

    /// <summary>The check of one vault, or null where the inventory keeps no secret in it.</summary>
    public ICheck? Vault(VaultDefinition vault, bool reads)
    {
        ImmutableArray<ManagedSecret> secrets = [.. inventory.Secrets.Where(secret => secret.Vault == vault.Name)];
        return secrets.IsEmpty
            ? null
            : new VaultCheck(
                vault.Name, secrets, () => _vaults.FactoryOf(vault).Inspect(vault, inventory.Home), reads, settings.Parallelism);
    }

    /// <summary>The check of backends, or null where no secret has one.</summary>
    public ICheck? Backends(bool reads)
    {
        ImmutableArray<ManagedSecret> secrets = [.. inventory.Secrets.Where(secret => secret.Backend is not null)];
        var folder = Path.GetDirectoryName(Path.GetFullPath(settings.Inventory)) ?? "";
        var backends = new BackendConnections(BackendProviders.All, _vaults, Vault, network, folder) { Bitbucket = ConnectOnceAsync };
        return secrets.IsEmpty ? null : new BackendCheck(secrets, Vault, backends.Open, reads, settings.Parallelism);
    }

    private ISecretVault Vault(string name) => _vaults.Create(inventory.Vaults[name]);

    public void Dispose()
    {
        _bitbucket?.Dispose();
        _vaults.Dispose();
    }

    // Checks run side by side; one connection more does no harm.
    private async Task<BitbucketConnection> ConnectOnceAsync(CancellationToken cancellation)
    {
        if (_bitbucket is null)
        {
            var credential = await FindCredentialAsync(cancellation);
            var made = new OwnConnection(credential, Connect(credential, network.Handler));
            if (Interlocked.CompareExchange(ref _bitbucket, made, null) is not null)
                made.Dispose();
        }

        return _bitbucket!.Connection;
    }

    private BitbucketConnection Connect(BitbucketCredential credential, Func<HttpMessageHandler> handler) => BitbucketConnection.Create(
        Connections.BitbucketSettingsOf(settings.Endpoints) with { Patience = Brief },
        credential,
        inventory.Limits,
        clock,
        time,
        _random,
        handler,
        log.Waiting);

    private Task<BitbucketCredential> FindCredentialAsync(CancellationToken cancellation) =>
        CredentialSource.FindAsync(settings, inventory, network, clock, _random, time, log.Notice, cancellation);

    // Someone waits for the answer, and a second run costs nothing.
    private static CallPatience Brief => new() { Attempt = TimeSpan.FromSeconds(15), Tries = 2, ThrottledTries = 1 };

    private sealed record OwnConnection(BitbucketCredential Credential, BitbucketConnection Connection) : IDisposable
    {
        public void Dispose()
        {
            Connection.Dispose();
            Credential.Dispose();
        }
    }
}
