using System.Collections.Immutable;
using SecretRotator.Inventory;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Identity;

namespace SecretRotator.Sandbox;

/// <summary>The environment variables that point a rotator at a sandbox.</summary>
internal static class SandboxSettings
{
    /// <summary>The setting that names the file with the certificate authority.</summary>
    public const string CaBundle = Prefix + "TLS__CABUNDLE";

    private const string Prefix = "SECRET_ROTATOR__";

    /// <summary>Addresses, the certificate authority, and credentials that only a sandbox accepts.</summary>
    public static ImmutableSortedDictionary<string, string> Of(SandboxHost host, RotationInventory inventory)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        settings[Prefix + "ENDPOINTS__BITBUCKET"] = new Uri(host.EndpointOf("bitbucket"), "2.0").AbsoluteUri;
        settings[Prefix + "ENDPOINTS__BITBUCKETOAUTH"] = new Uri(host.EndpointOf("bitbucket"), "site/oauth2/access_token").AbsoluteUri;
        settings["BITBUCKET_ACCESS_TOKEN"] = BitbucketDoor.AccessToken;

        settings[Prefix + "ENDPOINTS__AWS"] = host.EndpointOf("aws").AbsoluteUri;

        var entra = new EntraState();
        settings[Prefix + "ENDPOINTS__ENTRA"] = host.EndpointOf("entra").AbsoluteUri;
        settings[Prefix + "AZURE__TENANTID"] = entra.Tenant;
        settings[Prefix + "AZURE__CLIENTID"] = entra.ClientId;
        settings[Prefix + "AZURE__CLIENTSECRET"] = entra.ClientSecret;
        foreach (var vault in inventory.Vaults.Values.OfType<VaultDefinition.AzureKeyVault>())
            settings[Prefix + "ENDPOINTS__AZURE__" + vault.Name.ToUpperInvariant()] = host.EndpointOf("azure:" + vault.Name).AbsoluteUri;
        if (host.AuthorityPath is not null)
            settings[CaBundle] = host.AuthorityPath;
        return settings.ToImmutable();
    }
}
