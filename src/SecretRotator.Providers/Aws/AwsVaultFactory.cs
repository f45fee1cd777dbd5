using System.Collections.Concurrent;
using Amazon.SecretsManager;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Aws;

/// <summary>Makes the vaults of the inventory that lie in AWS Secrets Manager. Vaults of one region and role share one client.</summary>
internal sealed class AwsVaultFactory : IDisposable
{
    private readonly AwsSettings _settings;
    private readonly AwsIdentity _identity;
    private readonly IClock _clock;
    private readonly IRandomSource _random;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string Region, string? Role), Lazy<AmazonSecretsManagerClient>> _clients = new();

    /// <summary>Nothing is called before a vault is.</summary>
    /// <param name="settings">How AWS is reached, and as whom.</param>
    /// <param name="handler">Makes the HTTP handler of all calls.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="random">Where ids come from.</param>
    /// <param name="time">Waits.</param>
    public AwsVaultFactory(AwsSettings settings, Func<HttpMessageHandler> handler, IClock clock, IRandomSource random, TimeProvider time)
    {
        _settings = settings;
        _identity = new AwsIdentity(settings, handler, time);
        _clock = clock;
        _random = random;
        _time = time;
    }

    /// <summary>The vault; it implements <see cref="ISelfRotatingVault"/> too.</summary>
    public ISecretVault Create(VaultDefinition.AwsSecretsManager definition) => new AwsVault(Client(definition), _clock, _random, _time);

    /// <summary>The calls to a vault themselves, for whoever wants to know more of a secret than a rotation does.</summary>
    public SecretsManagerCalls Calls(VaultDefinition.AwsSecretsManager definition) => new(Client(definition), _random, _time);

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
            client.Value.Dispose();
        _identity.Dispose();
    }

    private AmazonSecretsManagerClient Client(VaultDefinition.AwsSecretsManager definition) =>
        _clients.GetOrAdd((definition.Region, definition.Role), key => new(() => Connect(key.Region, key.Role))).Value;

    private AmazonSecretsManagerClient Connect(string region, string? role)
    {
        var config = _identity.Configure(new AmazonSecretsManagerConfig(), region, _settings.SecretsManagerEndpoint);
        config.MaxErrorRetry = 0;
        config.MaxStaleConnectionRetries = 0;
        return new(_identity.CredentialsFor(region, role), config);
    }
}
