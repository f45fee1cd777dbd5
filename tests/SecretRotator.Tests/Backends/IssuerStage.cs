using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Backends;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Settings;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Backends;

/// <summary>A sandbox with one secret whose backend issues credentials, reached over sockets as a step of a pipeline reaches it.</summary>
internal sealed class IssuerStage : IAsyncDisposable
{
    private readonly RunningSandbox _sandbox;
    private readonly List<VaultConnections> _connections = [];
    private readonly ManagedSecret _secret;
    private readonly RotationInventory _inventory;

    private IssuerStage(RunningSandbox sandbox, RotationInventory inventory) =>
        (_sandbox, _inventory, _secret) = (sandbox, inventory, inventory.Secrets[0]);

    /// <summary>What waits between tries is noted and doesn't wait.</summary>
    public SkippingTime Time { get; } = new();

    /// <summary>The sandbox's own host.</summary>
    public SandboxHost Host => _sandbox.Host;

    /// <summary>The time in which credentials live.</summary>
    public IClock Clock => _sandbox.Clock;

    /// <summary>Starts one.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="atOnce">Whether a new credential is accepted at once.</param>
    /// <param name="conditions">What else is wrong all the time.</param>
    public static async Task<IssuerStage> StartAsync(BackendDefinition backend, bool atOnce, params string[] conditions)
    {
        var secret = SandboxInventory.Secret(
            "ci-deploy", "prod", new ValuePolicy.Issued(),
            SandboxInventory.Target(new VariableScope.Repository("acme", "payments-api"), "DEPLOY_ID", "note"))
            with
        { Backend = backend };
        var inventory = SandboxInventory.Of(secret);
        var sandbox = await RunningSandbox.StartAsync(
            inventory,
            new SandboxOptions
            {
                RealClock = SystemClock.Instance,
                Faults = [.. conditions, .. atOnce ? [Condition.CredentialsAtOnce.Name] : Array.Empty<string>()],
            },
            TestContext.Current.CancellationToken);
        return new IssuerStage(sandbox, inventory);
    }

    /// <summary>The backend over connections of its own, with some settings changed.</summary>
    /// <param name="settings">Further variables of the environment.</param>
    /// <param name="trusted">Whether the sandbox's certificate authority is trusted.</param>
    public ICredentialBackend Connect(bool trusted = true, params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var environment = new Dictionary<string, string>(_sandbox.Settings, StringComparer.Ordinal);
        foreach (var (name, value) in settings)
            environment[name] = value;
        var there = SettingsReader.ReadEnvironment(environment, VaultProviders.All);
        var vaults = new VaultConnections(
            there.Providers, _inventory, () => trusted ? Trusting() : new SocketsHttpHandler(), new NoClaims(), _sandbox.Clock,
            new SystemRandom(), Time);
        lock (_connections)
            _connections.Add(vaults);
        return new BackendConnections(
            BackendProviders.All, vaults, name => vaults.Create(_inventory.Vaults[name]), Network.Open(null, null), ".").Open(_secret)!;
    }

    /// <summary>The secret's current content, as the vault has it. Each call makes a copy.</summary>
    public async Task<SecretValue> CurrentAsync() => SecretValue.FromText(
        await Host.Store.ReadAsync(state => state.SecretsManager.Secrets.Values.Single(secret => secret.Name == _secret.Path).Current!
            .SecretString!));

    /// <summary>Moves the sandbox's clock.</summary>
    public Task PassAsync(TimeSpan time) =>
        Host.Store.ChangeAsync(state => state.ClockOffsetMilliseconds += (long)time.TotalMilliseconds);

    /// <summary>Adds a fault.</summary>
    public void Fault(string spec) => Host.Faults.Add([FaultSpec.Parse(spec)]);

    /// <summary>How often an operation was called.</summary>
    public int Count(string operation) =>
        Host.Calls.Snapshot().Count(call => $"{call.Service}.{call.Operation}" == operation);

    /// <summary>How many calls there were, those for tokens and roles too.</summary>
    public int Calls => Host.Calls.Snapshot().Length;

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        Host.Calls.Snapshot().Where(call => call.Defect is not null).Should().BeEmpty("the emulator itself must not fail");
        await _sandbox.DisposeAsync();
    }

    private SocketsHttpHandler Trusting() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(_sandbox.CaCertificate) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
