using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Providers.Backends.AwsIam;

/// <summary>What <c>rotation.yaml</c> may say of a user's access keys.</summary>
internal static partial class AwsIamGrammar
{
    private static readonly Key User = new("user", "user: ci-deploy", Required: true);
    private static readonly Key Region = new("region", "region: eu-west-1");
    private static readonly Key IdField = new("id-field", "id-field: accessKeyId");
    private static readonly Key SecretField = new("secret-field", "secret-field: secretAccessKey");

    /// <summary>The keys of such a backend.</summary>
    public static KeyTable Keys { get; } = new(
        "an IAM user's access key", AwsIamDefinition.KindWord, Grammar.BackendKindKey, User, AwsGrammar.Role, Region, IdField, SecretField,
        Grammar.DeleteAfter);

    /// <summary>Reads one; role and region that it doesn't say are those of the secret's vault.</summary>
    public static AwsIamDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
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

    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    [GeneratedRegex(
        @"^([\w+=,.@-]+/)*[\w+=,.@-]{1,64}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.ECMAScript,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex UserName();
}
