using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Google;
using SecretRotator.Providers.HashiCorp;

namespace SecretRotator.Providers;

/// <summary>The one list of the kinds of vaults that there are, in the order in which messages and <c>doctor</c> tell them.</summary>
internal static class VaultProviders
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IVaultProvider> All { get; } =
    [
        new AwsProvider(),
        new AzureProvider(),
        new GoogleProvider(),
        new HashiCorpProvider(),
    ];
}
