using System.Collections.Immutable;
using System.Text.RegularExpressions;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Inventory;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>vaults</c>.</summary>
internal static partial class VaultsReader
{
    /// <summary>The vaults by name; null as the definition of one that is declared, and wrong.</summary>
    public static ImmutableSortedDictionary<string, VaultDefinition?> Read(YamlNode node, ProblemList problems)
    {
        var vaults = ImmutableSortedDictionary.CreateBuilder<string, VaultDefinition?>(StringComparer.Ordinal);
        if (MappingReader.Mapping(node, "\"vaults\"", $"Write for example \"{Grammar.Vaults.Example}\".", problems) is not { } mapping)
            return vaults.ToImmutable();
        if (mapping.Entries.IsEmpty)
            problems.Add(mapping.At, "\"vaults\" names no vault", $"Write for example \"{Grammar.Vaults.Example}\".");
        foreach (var entry in mapping.Entries)
        {
            if (!Names.IsName(entry.Key))
                problems.Add(entry.KeyAt, $"{Quoted.Of(entry.Key)} can't be the name of a vault", Names.NameRule);
            vaults[entry.Key] = ReadOne(entry, problems);
        }

        return vaults.ToImmutable();
    }

    private static VaultDefinition? ReadOne(YamlEntry entry, ProblemList problems)
    {
        var example = $"Write \"{Quoted.Printable(entry.Key, maximum: 63)}: {{ kind: aws-secrets-manager, region: eu-west-1 }}\".";
        if (MappingReader.Mapping(entry.Value, "a vault", example, problems) is not { } node
            || KindReader.Table(node, Grammar.VaultKindKey, Grammar.VaultKinds, "a vault", problems) is not { } table
            || MappingReader.Open(node, table, problems) is not { } mapping)
            return null;
        return table == Grammar.AwsVault ? Aws(entry.Key, mapping, problems) : Azure(entry.Key, mapping, problems);
    }

    private static VaultDefinition.AwsSecretsManager? Aws(string name, MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var region = mapping.Text(Grammar.Region);
        if (region is not null && !Region().IsMatch(region.Value))
            problems.Add(region.At, $"{Quoted.Of(region.Value)} is not an AWS region", "Write a region's system name such as eu-west-1.");
        var role = mapping.Text(Grammar.Role, maximum: 600);
        if (role is not null && !Role().IsMatch(role.Value))
            problems.Add(
                role.At,
                $"{Quoted.Of(role.Value)} is not the ARN of an IAM role",
                "Write it as arn:aws:iam::123456789012:role/NAME.");
        return region is null || problems.Count > known ? null : new VaultDefinition.AwsSecretsManager(name, region.Value, role?.Value);
    }

    private static VaultDefinition.AzureKeyVault? Azure(string name, MappingReader mapping, ProblemList problems)
    {
        if (mapping.Text(Grammar.VaultUri) is not { } text)
            return null;
        if (AzureAddress().IsMatch(text.Value))
            return new VaultDefinition.AzureKeyVault(name, new Uri(text.Value));
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not the address of an Azure Key Vault",
            "Write https://NAME.vault.azure.net/ (or .vault.azure.cn, .vault.usgovcloudapi.net) in lower case, with the vault's name and nothing more.");
        return null;
    }

    [GeneratedRegex(@"^[a-z]{2}(-[a-z]+)+-[0-9]\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Region();

    [GeneratedRegex(@"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Role();

    // The clouds that Azure's SDK knows: public, China, US government. A token must go to no other host. A vault's
    // name has 3 to 24 characters, as Azure's naming rules say.
    [GeneratedRegex(@"^https://[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)/?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex AzureAddress();
}
