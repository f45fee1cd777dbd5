using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Azure;

/// <summary>What <c>rotation.yaml</c> may say of an Azure Key Vault and of its secrets.</summary>
internal static partial class AzureGrammar
{
    private static readonly Key Address = new("uri", "uri: https://acme-prod.vault.azure.net/", Required: true);

    /// <summary>The keys of a vault.</summary>
    public static KeyTable Keys { get; } = new("an Azure vault", AzureVaultDefinition.KindWord, Grammar.VaultKindKey, Address);

    /// <summary>Reads a vault.</summary>
    public static AzureVaultDefinition? Read(string name, MappingReader mapping)
    {
        var address = mapping.Checked(
            Address,
            VaultAddress().IsMatch,
            "is not the address of an Azure Key Vault",
            "Write https://NAME.vault.azure.net/ (or .vault.azure.cn, .vault.usgovcloudapi.net) in lower case, "
                + "with the vault's name and nothing more.");
        return address is null ? null : new AzureVaultDefinition(name, new Uri(address));
    }

    /// <summary>Reports a path that can't be a secret's.</summary>
    public static void CheckPath(PlacedText path, ProblemList problems)
    {
        if (!IsName(path.Value))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} can't be the name of a secret in Azure Key Vault",
                "Write letters, digits and hyphens, at most 120.");
    }

    /// <summary>Whether a secret can have that name.</summary>
    public static bool IsName(string path) => SecretName().IsMatch(path);

    // The clouds that Azure's SDK knows: public, China, US government. A token must go to no other host. A vault's
    // name has 3 to 24 characters, as Azure's naming rules say.
    [GeneratedRegex(
        @"^https://[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)/?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex VaultAddress();

    // Short enough for the companion NAME-staged: Azure takes 127 characters.
    [GeneratedRegex(@"^[0-9A-Za-z-]{1,120}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex SecretName();
}
