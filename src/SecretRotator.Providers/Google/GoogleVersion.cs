namespace SecretRotator.Providers.Google;

/// <summary>One version of a secret, as a listing describes it: everything but the value.</summary>
/// <param name="Number">Its number. They begin with 1, and each version's is the next one.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Enabled">Whether it may be read.</param>
/// <param name="Etag">What changes with every change of it.</param>
internal sealed record GoogleVersion(int Number, Instant Created, bool Enabled, string Etag)
{
    /// <summary>Its identity.</summary>
    public VersionId Id => IdOf(Number);

    /// <summary>The identity of a number.</summary>
    public static VersionId IdOf(int number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The number of an identity, or null where it is none of Google's.</summary>
    public static int? NumberOf(VersionId id) =>
        int.TryParse(id.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && IdOf(number) == id
            ? number
            : null;

    /// <summary>Reads what the service tells of a version of a secret; null where it isn't of that secret, or isn't whole.</summary>
    /// <param name="entry">The answer. Its name has the project's number, whatever the project was called in the question.</param>
    /// <param name="secret">The secret's name.</param>
    public static GoogleVersion? From(VersionEntry? entry, string secret) =>
        entry is { CreateTime: { } created, State: { } state } && NumberIn(entry.Name, secret) is { } number
            ? new GoogleVersion(number, Instant.FromDateTimeOffset(created), state == "ENABLED", entry.Etag ?? "")
            : null;

    /// <summary>The number in a version's whole name; null where it isn't a version of that secret.</summary>
    public static int? NumberIn(string? name, string secret) =>
        name?.Split('/') is [.., "secrets", var of, "versions", var number] && of == secret ? NumberOf(new VersionId(number)) : null;
}
