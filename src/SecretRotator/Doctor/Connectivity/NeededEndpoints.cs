using System.Collections.Immutable;
using Amazon;
using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Which services a run with these settings and this inventory calls, and where they answer.</summary>
internal static class NeededEndpoints
{
    private static readonly Uri Entra = new("https://login.microsoftonline.com/");

    /// <summary>Each address once, whatever it is called for.</summary>
    /// <param name="settings">The settings, whose addresses go before those of the vendors.</param>
    /// <param name="inventory">The inventory, or null where it can't be read.</param>
    public static ImmutableArray<Endpoint> Of(RotatorSettings settings, RotationInventory? inventory) =>
    [
        .. Wanted(settings, inventory)
            .GroupBy(endpoint => endpoint.Address.GetLeftPart(UriPartial.Authority), StringComparer.OrdinalIgnoreCase)
            .Select(same => new Endpoint(string.Join(", ", same.Select(endpoint => endpoint.Name).Distinct(StringComparer.Ordinal)), same.First().Address)),
    ];

    private static IEnumerable<Endpoint> Wanted(RotatorSettings settings, RotationInventory? inventory)
    {
        var vendor = new BitbucketSettings();
        yield return new("Bitbucket's API", settings.Endpoints.Bitbucket ?? vendor.Api);
        if (settings.Bitbucket is BitbucketCredential.OAuthClient || (settings.Bitbucket is null && settings.BitbucketClientId is not null))
            yield return new("Bitbucket's OAuth", settings.Endpoints.BitbucketOAuth ?? vendor.Token);
        foreach (var aws in inventory?.Vaults.Values.OfType<VaultDefinition.AwsSecretsManager>() ?? [])
        {
            yield return new($"Secrets Manager in {aws.Region}", settings.Endpoints.Aws ?? Aws("secretsmanager", aws.Region));
            if (aws.Role is not null)
                yield return new($"STS in {aws.Region}", settings.Endpoints.Sts ?? Aws("sts", aws.Region));
        }

        var azure = inventory?.Vaults.Values.OfType<VaultDefinition.AzureKeyVault>().ToImmutableArray() ?? [];
        foreach (var vault in azure)
            yield return new($"Key Vault {vault.Name}", settings.Endpoints.Azure.GetValueOrDefault(vault.Name, vault.Uri));
        if (!azure.IsEmpty)
            yield return new("Microsoft Entra", settings.Endpoints.Entra ?? Entra);
        if (Bucket(settings) is { } bucket)
            yield return bucket;
        foreach (var collector in new[] { settings.Telemetry?.Traces, settings.Telemetry?.Metrics }.OfType<Uri>())
            yield return new("the telemetry collector", collector);
    }

    private static Endpoint? Bucket(RotatorSettings settings) =>
        settings.S3.Region is { } region && settings.Evidence.Any(S3Location.IsMeantBy) ? new("S3, for evidence", settings.Endpoints.S3 ?? Aws("s3", region)) : null;

    private static Uri Aws(string service, string region) => new($"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}/");
}
