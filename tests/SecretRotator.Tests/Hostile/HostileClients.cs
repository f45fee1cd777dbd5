using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Hostile;

/// <summary>The program's own clients on the program's own network, each trying once.</summary>
internal sealed class HostileClients : IDisposable
{
    public const string Value = "worthless-value-9c1e";
    public const string Uuid = "aaaaaaaa-0000-4000-8000-000000000001";
    public const string Version = "aaaaaaaa-0000-4000-8000-000000000002";
    public const string AzureVersion = "0123456789abcdef0123456789abcdef";

    /// <summary>The sandbox's tenant: Key Vault's client remembers a port's tenant for the life of the process, and the system hands a port
    /// to one test after another.</summary>
    public static readonly string Tenant = new EntraState().Tenant;

    public static readonly VariableScope Scope = new VariableScope.Repository("acme", "payments-api");
    public static readonly ObservedVariable Variable = new(Uuid, "DB_PASSWORD", Secured: true);
    public static readonly AzureVaultDefinition AzureDefinition = new("azure", new Uri("https://acme-prod.vault.azure.net/"));

    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    private readonly List<IDisposable> _owned = [];
    private readonly Network _network;

    public HostileClients(string? caBundle = null) => _network = Owned(Network.Open(caBundle, proxies: null));

    public BitbucketConnection Bitbucket(Uri address, TimeSpan? attempt =
        null, int tries = 1, BitbucketCredential? credential = null) => Owned(BitbucketConnection.Create(
        new BitbucketSettings
        {
            Api = address,
            Token = new Uri(address, "token"),
            Patience = new() { Attempt = attempt ?? TimeSpan.FromSeconds(60), Tries = tries },
        },
        credential ?? BitbucketStage.Token("worthless-token-51aa"),
        RunLimits.Default,
        new FakeClock(Noon),
        TimeProvider.System,
        new ScriptedRandom(0),
        _network.Handler));

    public ISecretVault Aws(Uri address, TimeSpan? timeout =
        null, int retries = 0, string? role = null, Uri? sts = null) => Owned(new AwsVaultFactory(
        new AwsSettings
        {
            SessionName = "tests",
            Keys = new AwsKeys("AKID", SecretValue.FromText("worthless-key-77d0"), null),
            SecretsManagerEndpoint = address,
            StsEndpoint = sts ?? address,
            Timeout = timeout ?? TimeSpan.FromSeconds(60),
            Retries = retries,
        },
        _network.Handler,
        new FakeClock(Noon),
        new SystemRandom(),
        new SkippingTime())).Create(new AwsVaultDefinition("prod", "eu-west-1", role));

    public KeyVaultSecrets Azure(Uri address) => Owned(new AzureVaultFactory(
        new AzureSettings
        {
            TenantId = Tenant,
            ClientId = "client",
            ClientSecret = SecretValue.FromText("worthless-client-secret-02bf"),
            AuthorityHost = address,
            Endpoints = ImmutableDictionary<string, Uri>.Empty.Add("azure", address),
        },
        _network.Handler,
        new InMemoryLockStore(new ClaimVariables()),
        new FakeClock(Noon),
        new SystemRandom(),
        new SkippingTime())).Secrets(AzureDefinition);

    public void Dispose()
    {
        for (var at = _owned.Count - 1; at >= 0; at--)
            _owned[at].Dispose();
    }

    private T Owned<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
