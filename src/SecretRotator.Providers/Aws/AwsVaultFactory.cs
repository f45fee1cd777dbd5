using System.Collections.Concurrent;
using Amazon.IdentityManagement;
using Amazon.Runtime;
using Amazon.SecretsManager;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using SecretRotator.Providers.Aws.Doctor;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Aws;

/// <summary>Makes the vaults of the inventory that are in AWS Secrets Manager. Vaults of one region and role share one client.</summary>
/// <param name="settings">How AWS is reached, and as whom.</param>
/// <param name="handler">Makes the HTTP handler of all calls.</param>
/// <param name="clock">Tells what is old.</param>
/// <param name="random">Where ids come from.</param>
/// <param name="time">Waits.</param>
internal sealed class AwsVaultFactory(
    AwsSettings settings, Func<HttpMessageHandler> handler, IClock clock, IRandomSource random, TimeProvider time) : IVaultFactory
{
    private readonly AwsIdentity _identity = new(settings, handler, time);
    private readonly ConcurrentDictionary<(string Region, string? Role), Lazy<AmazonSecretsManagerClient>> _clients = new();
    private readonly ConcurrentDictionary<(string Region, string? Role), Lazy<AmazonIdentityManagementServiceClient>> _iam = new();

    /// <summary>A vault of the inventory; it implements <see cref="ISelfRotatingVault"/> too. Nothing is called yet.</summary>
    public ISecretVault Create(VaultDefinition definition) => new AwsVault(Client((AwsVaultDefinition)definition), clock, random, time);

    /// <inheritdoc />
    public ISecretInspector Inspect(VaultDefinition definition, VariableScope.Repository home)
    {
        var aws = (AwsVaultDefinition)definition;
        return new AwsSecretInspector(aws, new SecretsManagerCalls(Client(aws), random, time), Create(aws));
    }

    /// <summary>A token of the vault's role for another provider, such as Azure.</summary>
    /// <param name="definition">The vault.</param>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="what">What it is, for the message of a failure.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">AWS doesn't give it.</exception>
    public async Task<string> TokenForAsync(AwsVaultDefinition definition, string audience, string what, CancellationToken cancellation)
    {
        try
        {
            return await _identity.TokenForAsync(definition.Region, definition.Role, audience, cancellation);
        }
        catch (AmazonSecurityTokenServiceException refused)
        {
            throw AwsFailures.OfIdentity(refused, what);
        }
        catch (NoAwsIdentityException none)
        {
            throw AwsFailures.OfSilence(none, what, writes: false);
        }
    }

    /// <summary>IAM in the partition of a region, as a role or the ambient identity. It repeats nothing by itself.</summary>
    public IAmazonIdentityManagementService Iam(string region, string? role) =>
        _iam.GetOrAdd(
            (region, role),
            key => new(() => new AmazonIdentityManagementServiceClient(
                _identity.CredentialsFor(key.Region, key.Role),
                _identity.Configure(new AmazonIdentityManagementServiceConfig(), key.Region, settings.IamEndpoint)))).Value;

    /// <summary>Asks STS once whose key it is that signs the question.</summary>
    /// <exception cref="AmazonSecurityTokenServiceException">Refused, or without an answer.</exception>
    public async Task<GetCallerIdentityResponse> WhoseAsync(string region, AWSCredentials key, CancellationToken cancellation)
    {
        using var sts = new AmazonSecurityTokenServiceClient(
            key, _identity.Configure(new AmazonSecurityTokenServiceConfig(), region, settings.StsEndpoint));
        return await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellation);
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
            client.Value.Dispose();
        foreach (var client in _iam.Values.Where(client => client.IsValueCreated))
            client.Value.Dispose();
        _identity.Dispose();
    }

    private AmazonSecretsManagerClient Client(AwsVaultDefinition definition) =>
        _clients.GetOrAdd(
            (definition.Region, definition.Role),
            key => new(() => new AmazonSecretsManagerClient(
                _identity.CredentialsFor(key.Region, key.Role),
                _identity.Configure(new AmazonSecretsManagerConfig(), key.Region, settings.SecretsManagerEndpoint)))).Value;
}
