using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Notifications;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Which services a run with these settings and this inventory calls, and where they answer.</summary>
internal static class NeededEndpoints
{
    /// <summary>Each address once, whatever it is called for.</summary>
    /// <param name="settings">The settings, whose addresses go before those of the vendors.</param>
    /// <param name="inventory">The inventory, or null where it can't be read.</param>
    public static ImmutableArray<Endpoint> Of(RotatorSettings settings, RotationInventory? inventory) =>
    [
        .. Wanted(settings, inventory)
            .GroupBy(endpoint => endpoint.Address.GetLeftPart(UriPartial.Authority), StringComparer.OrdinalIgnoreCase)
            .Select(same => new Endpoint(
                string.Join(", ", same.Select(endpoint => endpoint.Name).Distinct(StringComparer.Ordinal)), same.First().Address)),
    ];

    private static IEnumerable<Endpoint> Wanted(RotatorSettings settings, RotationInventory? inventory)
    {
        var vendor = new BitbucketSettings();
        yield return new("Bitbucket's API", settings.Endpoints.Bitbucket ?? vendor.Api);
        if (settings.Bitbucket is BitbucketCredential.OAuthClient || (settings.Bitbucket is null && settings.BitbucketClientId is not null))
            yield return new("Bitbucket's OAuth", settings.Endpoints.BitbucketOAuth ?? vendor.Token);
        if (inventory is not null)
            foreach (var endpoint in settings.Providers.Endpoints(inventory)
                .Concat(NotificationSenders.Endpoints(inventory, settings.Providers.Routes)))
                yield return endpoint;
        if (Bucket(settings) is { } bucket)
            yield return bucket;
        foreach (var collector in new[] { settings.Telemetry?.Traces, settings.Telemetry?.Metrics }.OfType<Uri>())
            yield return new("the telemetry collector", collector);
    }

    private static Endpoint? Bucket(RotatorSettings settings) =>
        settings.S3.Address is { } address && settings.Evidence.Any(S3Location.IsMeantBy)
            ? new("S3, for evidence", settings.Endpoints.S3 ?? address)
            : null;
}
