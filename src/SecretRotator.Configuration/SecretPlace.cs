using SecretRotator.Inventory;

namespace SecretRotator.Configuration;

/// <summary>What secrets may be called in their vaults, and which two entries mean the same one.</summary>
internal static class SecretPlace
{
    private const int MostVaultsNamed = 10;

    // A name ends in one of these far more often than six of 62 characters drawn at random spell it (about once in 10^9).
    private static readonly HashSet<string> SuffixWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "access", "apikey", "backup", "bearer", "client", "config", "deploy", "docker", "github", "gitlab", "master", "oracle", "passwd", "secret", "server", "tokens", "values",
    };

    /// <summary>What Azure's companion of a secret, which holds the staged value, has at the end of its name.</summary>
    public const string StagedSuffix = "-staged";

    /// <summary>Reports a path that the vault doesn't take.</summary>
    public static void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems)
    {
        if (FieldIn(path.Value) is var (name, field))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} names a field, and a path is the name of the whole secret",
                $"Write \"path: {Quoted.Printable(name, 200)}\", and the field into the value, such as \"value: {{ kind: password, field: {Quoted.Printable(field, 60)} }}\", or into a target: \"field: {Quoted.Printable(field, 60)}\".");
        else if (vault is VaultDefinition.AwsSecretsManager aws)
            CheckAwsPath(path, aws, problems);
        else if (!Names.IsAzureSecret(path.Value))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} can't be the name of a secret in Azure Key Vault",
                "Write letters, digits and hyphens, at most 120.");
    }

    // Secrets Manager advises against names that end in a hyphen and six characters, because a part of an ARN is then
    // ambiguous. Here a path is a whole name or a whole ARN, so such a name does no harm.
    private static void CheckAwsPath(PlacedText path, VaultDefinition.AwsSecretsManager vault, ProblemList problems)
    {
        if (!path.Value.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (!Names.IsAwsSecret(path.Value))
                problems.Add(
                    path.At,
                    $"{Quoted.Of(path.Value)} can't be the name of a secret in AWS Secrets Manager",
                    "Write letters, digits and any of /_+=.@-, at most 512, or the secret's whole ARN.");
        }
        else if (Names.AwsSecretArn(path.Value) is not { Success: true } arn)
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} is not the whole ARN of a secret",
                "Write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX with the six characters that AWS added, or the name alone.");
        else if (SuffixWords.Contains(path.Value[^6..]))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} ends in \"-{path.Value[^6..]}\": is this the whole ARN? A whole one ends in six characters that AWS drew at random",
                $"Write the ARN as AWS shows it, or the name alone: {arn.Groups[3].Value}-{path.Value[^6..]}.");
        else if (arn.Groups[1].Value != vault.Region)
            problems.Add(
                path.At,
                $"The ARN is of the region {Quoted.Of(arn.Groups[1].Value)}, and the vault {Quoted.Of(vault.Name)} of {Quoted.Of(vault.Region)}",
                "Write the name of a vault in the ARN's region, or another ARN.");
    }

    // Forms in which other tools name a field behind a secret: PATH#FIELD, ARN:FIELD:STAGE:VERSION (Amazon ECS), vault://VAULT/PATH#FIELD.
    private static (string Name, string Field)? FieldIn(string path)
    {
        if (VaultReference.Parse(path) is { Field: { } of } reference)
            return (reference.Path, of);
        if (path.IndexOf('#', StringComparison.Ordinal) is var hash and > 0 && hash < path.Length - 1)
            return (path[..hash], path[(hash + 1)..]);
        return path.StartsWith("arn:", StringComparison.Ordinal) && path.Split(':') is [_, _, _, _, _, _, _, { Length: > 0 } field, ..] parts
            ? (string.Join(':', parts[..7]), field)
            : null;
    }

    /// <summary>Names that differ exactly where two secrets are different ones, as far as the inventory can tell.</summary>
    public static string Identity(VaultDefinition vault, string path) => vault switch
    {
        VaultDefinition.AzureKeyVault azure => $"{azure.Uri.Host}/{path}".ToLowerInvariant(),
        VaultDefinition.AwsSecretsManager aws when Names.AwsSecretArn(path) is { Success: true } arn =>
            AwsIdentity(aws.Region, arn.Groups[2].Value, arn.Groups[3].Value),
        VaultDefinition.AwsSecretsManager aws => AwsIdentity(aws.Region, aws.Role?.Split(':')[4] ?? "", path),
        _ => throw new InvalidOperationException("A new kind of vault needs an identity for its secrets."),
    };

    /// <summary>A sentence that names the vault that was probably meant, or all of them.</summary>
    public static string KnownVaults(string name, IEnumerable<string> vaults, ProblemList problems)
    {
        var known = vaults.Where(Names.IsName);
        var named = known.Take(MostVaultsNamed + 1).ToList();
        return named.Count == 0
            ? "Declare it under \"vaults\"."
            : $"{problems.Hint(name, known)}Known vaults: {string.Join(", ", named.Take(MostVaultsNamed))}{(named.Count > MostVaultsNamed ? ", …" : "")}.";
    }

    private static string AwsIdentity(string region, string account, string name) => $"{region}/{account}/{name}";
}
