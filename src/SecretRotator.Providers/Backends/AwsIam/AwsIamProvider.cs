using Amazon;
using Amazon.IdentityManagement;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Aws;
using Endpoint = SecretRotator.Providers.Doctor.Endpoint;

namespace SecretRotator.Providers.Backends.AwsIam;

/// <summary>Access keys of IAM users.</summary>
internal sealed class AwsIamProvider : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys => AwsIamGrammar.Keys;

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        AwsIamGrammar.Read(mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (AwsIamDefinition)secret.Backend!;

        // What reaches vaults in AWS reaches IAM, as the same identities and over the same connections.
        var place = new AwsVaultDefinition(secret.Name, definition.Region, definition.Role);
        return new AwsIamBackend(
            definition, (AwsVaultFactory)connections.Vaults.FactoryOf(place), connections.Random, connections.Time);
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings)
    {
        var aws = settings.SettingsOf<AwsSettings>();
        var region = ((AwsIamDefinition)definition).Region;
        yield return new("AWS IAM", aws.IamEndpoint
            ?? AddressOf(new AmazonIdentityManagementServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region) }));
        yield return new($"STS in {region}", aws.StsEndpoint ?? AwsProvider.AddressOf("sts", region));
    }

    /// <summary>Where IAM answers.</summary>
    public static Uri AddressOf(IClientConfig config) =>
        new(config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new ListAccessKeysRequest())).URL);
}
