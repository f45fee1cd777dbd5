using Azure.Security.KeyVault.Secrets;

namespace SecretRotator.Providers.Azure;

/// <summary>One version of a secret, as a listing describes it: everything but the value.</summary>
/// <param name="Id">Its identity: 32 hexadecimal digits.</param>
/// <param name="Created">When it was made, in whole seconds.</param>
/// <param name="Enabled">Whether it may be read.</param>
/// <param name="ContentType">What its owner says that it is, or null.</param>
/// <param name="Expires">When its owner says that it ends, or null. Key Vault only stores it.</param>
/// <param name="Managed">Whether it belongs to a certificate.</param>
/// <param name="Tags">Its tags.</param>
internal sealed record KeyVaultVersion(
    VersionId Id,
    Instant Created,
    bool Enabled,
    string? ContentType,
    Instant? Expires,
    bool Managed,
    ImmutableSortedDictionary<string, string> Tags)
{
    /// <summary>From when on its owner says that it is valid, or null. Key Vault only stores it.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>
    /// The times of a version that follows it now: valid for as long as it was, from now on, or from its own beginning where that is
    /// yet to come. So policies that hold for this version hold for the next one.
    /// </summary>
    public VersionTimes TimesOfNext(Instant now) => new(
        NotBefore is { } begin ? Instant.Max(begin, now) : null,
        Expires is { } end && end > Created ? now + (end - Created) : null);

    /// <summary>What becomes of it when it is deleted, in Key Vault's words such as <c>Recoverable+Purgeable</c>; null where it isn't
    /// told.</summary>
    public string? RecoveryLevel { get; init; }

    /// <summary>The rotation that its tag names, or null. A tag may have been copied: ask
    /// <see cref="KeyVaultHistory.RotationOf"/>.</summary>
    public RotationId? Rotation =>
        Tags.TryGetValue(AzureMarks.Rotation, out var rotation) && rotation.Length > 0 ? new RotationId(rotation) : null;

    /// <summary>Reads what the library hands out; null where the service left out what every version has.</summary>
    public static KeyVaultVersion? From(SecretProperties properties) =>
        properties is { Version.Length: > 0, CreatedOn: { } created }
            ? new KeyVaultVersion(
                new VersionId(properties.Version),
                Instant.FromDateTimeOffset(created),
                properties.Enabled ?? true,
                properties.ContentType,
                properties.ExpiresOn is { } expires ? Instant.FromDateTimeOffset(expires) : null,
                properties.Managed,
                properties.Tags.ToImmutableSortedDictionary(StringComparer.Ordinal))
            {
                RecoveryLevel = properties.RecoveryLevel,
                NotBefore = properties.NotBefore is { } begin ? Instant.FromDateTimeOffset(begin) : null,
            }
            : null;
}

/// <summary>From when and until when a version is valid, in its owner's words.</summary>
/// <param name="NotBefore">The beginning (<c>nbf</c>), or null.</param>
/// <param name="Expires">The end (<c>exp</c>), or null.</param>
internal sealed record VersionTimes(Instant? NotBefore, Instant? Expires)
{
    /// <summary>Neither.</summary>
    public static VersionTimes None { get; } = new(null, null);
}
