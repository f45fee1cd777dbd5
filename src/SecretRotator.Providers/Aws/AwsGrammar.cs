using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Aws;

/// <summary>What <c>rotation.yaml</c> may say of a vault in AWS Secrets Manager and of its secrets.</summary>
internal static partial class AwsGrammar
{
    private static readonly Key Region = new("region", "region: eu-west-1", Required: true);

    /// <summary>The role to take on.</summary>
    public static readonly Key Role = new("role", "role: arn:aws:iam::123456789012:role/secret-rotator");

    /// <summary>The keys of a vault.</summary>
    public static KeyTable Keys { get; } = new("an AWS vault", AwsVaultDefinition.KindWord, Grammar.VaultKindKey, Region, Role);

    // A name ends in one of these far more often than six of 62 characters drawn at random spell it (about once in 10^9).
    private static readonly HashSet<string> SuffixWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "access", "apikey", "backup", "bearer", "client", "config", "deploy", "docker", "github", "gitlab", "master", "oracle", "passwd",
        "secret", "server", "tokens", "values",
    };

    /// <summary>Reads a vault.</summary>
    public static AwsVaultDefinition? Read(string name, MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var (region, role) = (ReadRegion(mapping, Region), ReadRole(mapping));
        return region is null || problems.Count > known ? null : new AwsVaultDefinition(name, region, role);
    }

    /// <summary>Reads a region; null where there is none, or where it is wrong, which is reported.</summary>
    public static string? ReadRegion(MappingReader mapping, Key key) =>
        mapping.Checked(key, RegionName().IsMatch, "is not an AWS region", "Write a region's system name such as eu-west-1.");

    /// <summary>Reads <see cref="Role"/>; null where there is none, or where it is wrong, which is reported.</summary>
    public static string? ReadRole(MappingReader mapping) => mapping.Checked(
        Role, RoleArn().IsMatch, "is not the ARN of an IAM role", "Write it as arn:aws:iam::123456789012:role/NAME.", maximum: 600);

    /// <summary>Reports a path that can't be a secret's.</summary>
    /// <remarks>
    /// Secrets Manager advises against names that end in a hyphen and six characters, because a part of an ARN is then
    /// ambiguous. Here a path is a whole name or a whole ARN, so such a name does no harm.
    /// </remarks>
    public static void CheckPath(PlacedText path, AwsVaultDefinition vault, ProblemList problems)
    {
        if (!path.Value.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (!SecretName().IsMatch(path.Value))
                problems.Add(
                    path.At,
                    $"{Quoted.Of(path.Value)} can't be the name of a secret in AWS Secrets Manager",
                    "Write letters, digits and any of /_+=.@-, at most 512, or the secret's whole ARN.");
        }
        else if (AwsVaultDefinition.Arn(path.Value) is not { Success: true } arn)
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} is not the whole ARN of a secret",
                "Write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX with the six characters that AWS added, "
                + "or the name alone.");
        else if (SuffixWords.Contains(path.Value[^6..]))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} ends in \"-{path.Value[^6..]}\": is this the whole ARN? "
                + "A whole one ends in six characters that AWS drew at random",
                $"Write the ARN as AWS shows it, or the name alone: {arn.Groups[3].Value}-{path.Value[^6..]}.");
        else if (arn.Groups[1].Value != vault.Region)
            problems.Add(
                path.At,
                $"The ARN is of the region {Quoted.Of(arn.Groups[1].Value)}, "
                + $"and the vault {Quoted.Of(vault.Name)} of {Quoted.Of(vault.Region)}",
                "Write the name of a vault in the ARN's region, or another ARN.");
    }

    /// <summary>The secret and the field of <c>ARN:FIELD:STAGE:VERSION</c>, as Amazon ECS writes them.</summary>
    public static (string Name, string Field)? FieldIn(string path) =>
        path.StartsWith("arn:", StringComparison.Ordinal) && path.Split(':') is [_, _, _, _, _, _, _, { Length: > 0 } field, ..] parts
            ? (string.Join(':', parts[..7]), field)
            : null;

    [GeneratedRegex(
        @"^[a-z]{2}(-[a-z]+)+-[0-9]\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex RegionName();

    [GeneratedRegex(
        @"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"^[A-Za-z0-9/_+=.@-]{1,512}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex SecretName();
}
