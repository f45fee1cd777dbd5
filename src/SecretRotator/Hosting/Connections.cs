using System.Collections.Concurrent;
using SecretRotator.Backends;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;
using SecretRotator.Telemetry;

namespace SecretRotator.Hosting;

/// <summary>One run's way to Bitbucket and to the vaults. Nothing is called before a command asks.</summary>
internal sealed class Connections : IDisposable
{
    private readonly CommandEnvironment _environment;
    private readonly RotationInventory _inventory;
    private readonly Network _network;
    private readonly BitbucketCredential _credential;
    private readonly CountedRequests _requests = new();
    private readonly VaultConnections _vaults;
    private readonly BackendConnections _backends;
    private readonly InsightPublisher? _insights;
    private readonly ConcurrentDictionary<string, ISecretVault> _byName = new(StringComparer.Ordinal);

    private Connections(
        CommandEnvironment environment, RotationInventory inventory, Network network, BitbucketCredential credential, IRandomSource random,
        RunLog log)
    {
        var (settings, clock, time) = (environment.Settings, environment.Clock, environment.Time);
        (_environment, _inventory, _network, _credential) = (environment, inventory, network, credential);
        (Self, Random) = (SelfOf(settings), random);
        Bitbucket = BitbucketConnection.Create(
            BitbucketSettingsOf(settings.Endpoints), credential, inventory.Limits, clock, time, random, network.Handler, log.Waiting);
        _vaults = new VaultConnections(
            settings.Providers, inventory, _requests.Over(network.Handler), Bitbucket.Claims(inventory.Home), clock, random, time)
        {
            Notice = log.Notice,
        };
        var folder = Path.GetDirectoryName(Path.GetFullPath(settings.Inventory)) ?? "";
        _backends = new BackendConnections(BackendProviders.All, _vaults, Vault, network, folder)
        {
            Bitbucket = _ => Task.FromResult(Bitbucket),
        };
        _insights = settings.Commit is { } commit ? Bitbucket.Insights(commit, log.InsightsLost) : null;
    }

    /// <summary>Everything that calls Bitbucket.</summary>
    public BitbucketConnection Bitbucket { get; }

    /// <summary>Reads and writes the schedules of pipelines.</summary>
    public IScheduleStore Schedules => Bitbucket.Schedules(_inventory.Home);

    /// <summary>The calls made so far. The one that reads a credential from a vault isn't among them.</summary>
    public CallsMade Calls => new(Bitbucket.CallsMade, Bitbucket.CallsThrottled, _requests.Count);

    /// <summary>Who this run is.</summary>
    public Holder Self { get; }

    /// <summary>When the Bitbucket credential ends, as far as someone told; null where the settings give the credential.</summary>
    public CredentialEnd? CredentialEnd => _credential.End;

    /// <summary>Where randomness comes from.</summary>
    public IRandomSource Random { get; }

    /// <summary>Makes the connections that an inventory needs. Calls a vault only if the Bitbucket credential is kept in one.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    /// <exception cref="RemoteFailureException">The credential can't be read.</exception>
    public static async Task<Connections> OpenAsync(
        CommandEnvironment environment, RotationInventory inventory, RunLog log, CancellationToken cancellation)
    {
        var (settings, clock) = (environment.Settings, environment.Clock);
        if (settings.Providers.FindProblems(inventory).ToImmutableArray() is { IsEmpty: false } problems)
            throw new UsageException(problems);
        var random = new SystemRandom();
        var network = Network.Open(settings.CaBundle, settings.Proxies);
        BitbucketCredential? credential = null;
        try
        {
            credential = await CredentialSource.FindAsync(
                settings, inventory, network, clock, random, environment.Time, log.Notice, cancellation);
            CredentialSource.Heed(credential, clock.GetCurrentInstant(), log.Notice);
            return new Connections(environment, inventory, network, credential, random, log);
        }
        catch
        {
            credential?.Dispose();
            network.Dispose();
            throw;
        }
    }

    /// <summary>The vault that the inventory calls so.</summary>
    public ISecretVault Vault(string name) => _byName.GetOrAdd(name, each => _vaults.Create(_inventory.Vaults[each]));

    /// <summary>The system that accepts a secret's value; null where it has none. Nothing is called yet.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ICredentialBackend? Backend(ManagedSecret secret) => _backends.Open(secret);

    /// <summary>The bucket that evidence goes to. Nothing is called yet.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public S3Connection Bucket(S3Location location)
    {
        var (settings, clock, time) = (_environment.Settings, _environment.Clock, _environment.Time);
        return S3Connection.Open(
            location, settings.S3, settings.S3Identity, settings.Endpoints.S3, _network.Handler, clock, Random, time);
    }

    /// <summary>Puts a report on the pipeline's commit; does nothing outside a pipeline and where it is switched off.</summary>
    public Task PublishAsync(InsightReport report, CancellationToken cancellation) =>
        _insights?.PublishAsync(report, cancellation) ?? Task.CompletedTask;

    public void Dispose()
    {
        _vaults.Dispose();
        Bitbucket.Dispose();
        _credential.Dispose();
        _network.Dispose();
    }

    /// <summary>Where Bitbucket answers.</summary>
    public static BitbucketSettings BitbucketSettingsOf(Endpoints endpoints)
    {
        var settings = new BitbucketSettings();
        if (endpoints.Bitbucket is { } api)
            settings = settings with { Api = api };
        return endpoints.BitbucketOAuth is { } token ? settings with { Token = token } : settings;
    }

    /// <summary>Who this run is: the pipeline, or the process.</summary>
    public static Holder SelfOf(RotatorSettings settings) => settings.Pipeline is { } pipeline
        ? new Holder.Pipeline(pipeline.Workspace, pipeline.Repository, pipeline.Uuid, pipeline.Build)
        {
            Step = pipeline.Step is var (step, run) ? new(step, run) : null,
        }
        : new LocalProcesses().Self(settings.Operator);
}
