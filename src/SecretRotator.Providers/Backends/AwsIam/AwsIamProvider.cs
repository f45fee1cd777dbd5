using System.Text.RegularExpressions;
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
internal sealed partial class AwsIamProvider : IBackendProvider
{
    private static readonly Key User = new("user", "user: ci-deploy", Required: true);
    private static readonly Key Region = new("region", "region: eu-west-1");
    private static readonly Key IdField = new("id-field", "id-field: accessKeyId");
    private static readonly Key SecretField = new("secret-field", "secret-field: secretAccessKey");

    /// <inheritdoc />
    public KeyTable Keys { get; } = new(
        "an IAM user's access key", AwsIamDefinition.KindWord, Grammar.BackendKindKey, User, AwsGrammar.Role, Region, IdField, SecretField,
        Grammar.DeleteAfter);

    /// <summary>Reads one; role and region that it doesn't say are those of the secret's vault.</summary>
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var user = mapping.Text(User, maximum: 600);
        if (user is not null && !UserName().IsMatch(user.Value))
            problems.Add(
                user.At,
                $"{Quoted.Of(user.Value)} can't be the name of an IAM user",
                "Write letters, digits and any of _+=,.@-, at most 64, with the user's path in front where it has one: ci/deploy.");
        var vault = secret.Vault as AwsVaultDefinition;
        var role = AwsGrammar.ReadRole(mapping) ?? vault?.Role;
        var region = AwsGrammar.ReadRegion(mapping, Region) ?? vault?.Region;
        if (region is null && secret.Vault is not null && !mapping.Has(Region))
            problems.Add(
                mapping.At,
                $"The backend has no region, and the vault {Quoted.Of(secret.Vault.Name)} isn't in AWS",
                $"Add \"{Region.Example}\": STS proves keys there.");
        var fields = IssuedFields.Read(mapping, (IdField, "accessKeyId"), (SecretField, "secretAccessKey"), problems);
        return user is null || region is null || problems.Count > known
            ? null
            : new AwsIamDefinition(user.Value, role, region, fields.Id, fields.Secret);
    }

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (AwsIamDefinition)secret.Backend!;

        // What reaches vaults in AWS reaches IAM, as the same identities and over the same connections.
        var place = new AwsVaultDefinition(secret.Name, definition.Region, definition.Role);
        return new AwsIamBackend(
            definition, (AwsVaultFactory)connections.Vaults.FactoryOf(place), connections.Vaults.Random, connections.Vaults.Time);
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

    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    [GeneratedRegex(
        @"^([\w+=,.@-]+/)*[\w+=,.@-]{1,64}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.ECMAScript,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex UserName();
}
