using System.Collections.Concurrent;
using SecretRotator.Attestations;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
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
    private readonly RotationInventory _inventory;
    private readonly Network _network;
    private readonly BitbucketCredential _credential;
    private readonly BitbucketConnection _bitbucket;
    private readonly VaultConnections _vaults;
    private readonly BackendConnections _backends;
    private readonly CountedRequests _requests;
    private readonly InsightPublisher? _insights;
    private readonly CommandEnvironment _environment;
    private readonly ConcurrentDictionary<string, ISecretVault> _byName = new(StringComparer.Ordinal);

    private Connections(
        CommandEnvironment environment,
        RotationInventory inventory,
        Network network,
        BitbucketCredential credential,
        BitbucketConnection bitbucket,
        VaultConnections vaults,
        CountedRequests requests,
        InsightPublisher? insights,
        IRandomSource random)
    {
        (_environment, _inventory, _network, _credential, _bitbucket) = (environment, inventory, network, credential, bitbucket);
        (_vaults, _requests, _insights) = (vaults, requests, insights);
        var folder = Path.GetDirectoryName(Path.GetFullPath(environment.Settings.Inventory)) ?? "";
        _backends =
            new BackendConnections(BackendProviders.All, vaults, Vault, network, folder) { Bitbucket = _ => Task.FromResult(bitbucket) };
        (Self, Random) = (SelfOf(environment.Settings), random);
    }

    /// <summary>Reads and writes variables.</summary>
    public IVariableStore Variables => _bitbucket.Variables;

    /// <summary>Reads and writes the schedules of pipelines.</summary>
    public IScheduleStore Schedules => _bitbucket.Schedules(_inventory.Home);

    /// <summary>Sees repositories, environments and the keys of variables.</summary>
    public IScopeReader Scopes => _bitbucket.Scopes;

    /// <summary>Runs pipelines that prove what they see.</summary>
    public IPipelines Pipelines => _bitbucket.Pipelines;

    /// <summary>Tells whether holders are alive.</summary>
    public IHolders Holders => _bitbucket.Holders;

    /// <summary>Lists pipelines that run.</summary>
    public IPipelineReader InFlight => _bitbucket.InFlight;

    /// <summary>The calls made so far. The one that reads a credential from a vault isn't among them.</summary>
    public CallsMade Calls => new(_bitbucket.CallsMade, _bitbucket.CallsThrottled, _requests.Count);

    /// <summary>How many Bitbucket calls could begin now without waiting for the hourly budget.</summary>
    public int CallsLeft => _bitbucket.CallsLeft;

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
        var (settings, clock, time) = (environment.Settings, environment.Clock, environment.Time);
        if (settings.Providers.FindProblems(inventory).ToImmutableArray() is { IsEmpty: false } problems)
            throw new UsageException(problems);
        var random = new SystemRandom();
        var network = Network.Open(settings.CaBundle, settings.Proxies);
        try
        {
            var credential = await CredentialSource.FindAsync(
                settings, inventory, network, clock, random, time, log.Notice, cancellation);
            CredentialSource.Heed(credential, clock.GetCurrentInstant(), log.Notice);
            var bitbucket = BitbucketConnection.Create(
                BitbucketSettingsOf(settings.Endpoints), credential, inventory.Limits, clock, time, random, network.Handler, log.Waiting);
            var requests = new CountedRequests();
            var vaults = new VaultConnections(
                settings.Providers, inventory, requests.Over(network.Handler), bitbucket.Claims(inventory.Home), clock, random, time)
            {
                Notice = log.Notice,
            };
            var insights = settings.Commit is { } commit ? bitbucket.Insights(commit, log.InsightsLost) : null;
            return new Connections(environment, inventory, network, credential, bitbucket, vaults, requests, insights, random);
        }
        catch
        {
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
        _bitbucket.Dispose();
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
        : new LocalProcesses().Self(Operator.Name(settings));
}
