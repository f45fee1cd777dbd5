using System.Collections.Immutable;
using SecretRotator.Inventory;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Identity;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Values;

namespace SecretRotator.Sandbox;

/// <summary>
/// The environment variables that point a rotator at a sandbox. No stored key is among them unless the inventory needs
/// one: AWS by the step's token, Azure by the token of an AWS role, Bitbucket by what the inventory's reference leads to.
/// </summary>
internal static class SandboxSettings
{
    /// <summary>The setting that names the file with the certificate authority.</summary>
    public const string CaBundle = Prefix + "TLS__CABUNDLE";

    // What people register who follow an old manual.
    private const string AnotherAudience = "https://bitbucket.org";

    private const string Prefix = "SECRET_ROTATOR__";

    /// <summary>Addresses, the certificate authority, and credentials that only a sandbox accepts: among them a new step token, good for an hour.</summary>
    public static async Task<ImmutableSortedDictionary<string, string>> OfAsync(SandboxHost host, RotationInventory inventory, CancellationToken cancellation)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        settings[Prefix + "ENDPOINTS__BITBUCKET"] = new Uri(host.EndpointOf("bitbucket"), "2.0").AbsoluteUri;
        settings[Prefix + "ENDPOINTS__BITBUCKETOAUTH"] = new Uri(host.EndpointOf("bitbucket"), "site/oauth2/access_token").AbsoluteUri;
        if (inventory.Credential is null)
            settings["BITBUCKET_ACCESS_TOKEN"] = BitbucketAuthentication.AccessToken;

        settings[Prefix + "ENDPOINTS__AWS"] = host.EndpointOf("aws").AbsoluteUri;
        settings[Prefix + "ENDPOINTS__STS"] = host.EndpointOf("sts").AbsoluteUri;
        settings[Prefix + "ENDPOINTS__S3"] = host.EndpointOf("s3").AbsoluteUri;
        settings[Prefix + "S3__REGION"] = BucketSeed.RegionOf(inventory);
        settings[Prefix + "ENDPOINTS__OIDC"] = new Uri(host.EndpointOf("oidc"), "2.0").AbsoluteUri;
        settings["BITBUCKET_STEP_OIDC_TOKEN"] = await host.Store.ReadAsync(
            state => Mint(state, inventory, host),
            cancellation);
        var vaultWithRole = IdentitySeed.VaultWithRole(inventory);
        if (vaultWithRole is not null)
            settings[Prefix + "S3__ROLE"] = vaultWithRole.Role!;
        if (IdentitySeed.NeedsKey(inventory))
        {
            settings["AWS_ACCESS_KEY_ID"] = IdentitySeed.AccessKeyId;
            settings["AWS_SECRET_ACCESS_KEY"] = IdentitySeed.SecretAccessKey;
        }

        var entra = new EntraState();
        settings[Prefix + "ENDPOINTS__ENTRA"] = host.EndpointOf("entra").AbsoluteUri;
        settings[Prefix + "AZURE__TENANTID"] = entra.Tenant;
        settings[Prefix + "AZURE__CLIENTID"] = entra.ClientId;
        if (vaultWithRole is not null)
            settings[Prefix + "AZURE__FEDERATEDFROM"] = vaultWithRole.Name;
        else
            settings[Prefix + "AZURE__CLIENTSECRET"] = entra.ClientSecret;
        foreach (var vault in inventory.Vaults.Values.OfType<AzureVaultDefinition>())
            settings[Prefix + "ENDPOINTS__AZURE__" + vault.Name.ToUpperInvariant()] = host.EndpointOf("azure:" + vault.Name).AbsoluteUri;
        if (host.Proxy is { } proxy)
            settings["HTTP_PROXY"] = settings["HTTPS_PROXY"] = $"http://{RefusingProxy.Login}@{proxy.Authority}";
        if (host.AuthorityPath is not null)
            settings[CaBundle] = host.AuthorityPath;
        return settings.ToImmutable();
    }

    private static string Mint(SandboxState state, RotationInventory inventory, SandboxHost host)
    {
        var now = host.TimeOf(state).Real;
        return new IdentitySeed(state, new SeedValues(new SystemRandom())).StepOf(inventory).Mint(
            state.Identity,
            host.Conditions.Contains(Condition.ExpiredToken) ? now - (2 * StepToken.Lifetime) : now,
            host.Conditions.Contains(Condition.WrongAudience) ? AnotherAudience : null);
    }
}
