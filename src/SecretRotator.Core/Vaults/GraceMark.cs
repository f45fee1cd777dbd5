using System.Text.RegularExpressions;

namespace SecretRotator.Vaults;

/// <summary>
/// An old version that stays valid for a while and is to be retired. Kept in the vault as metadata from the moment that
/// the version after it was recorded, so that any later run can retire it.
/// </summary>
/// <param name="Version">The old version.</param>
/// <param name="Since">When every target was known to hold the version after it: only steps that began before can hold the old one.</param>
/// <param name="Rotation">The rotation that replaced it.</param>
public sealed partial record GraceMark(VersionId Version, Instant Since, RotationId Rotation)
{
    /// <summary>Since when its credential is disabled where it was accepted, and only kept so that a rollback can enable it again; null
    /// while it isn't.</summary>
    public Instant? DisabledAt { get; init; }

    /// <summary>The mark that goes with a delivery which leaves an old version valid, or null where it leaves none.</summary>
    public static GraceMark? Of(DeliveryMark delivered) =>
        delivered.InGrace is { } old ? new GraceMark(old, delivered.DeliveredAt, delivered.Rotation) : null;

    /// <summary>The mark as one metadata value of at most 256 characters that AWS tags and Azure tags both take.</summary>
    public string Format() => $"v={Version} since={MarkText.Format(Since)} rotation={Rotation}"
        + (DisabledAt is { } at ? $" disabled={MarkText.Format(at)}" : "");

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static GraceMark? Parse(string? text)
    {
        if (text is null || Pattern().Match(text) is not { Success: true } match
            || MarkText.ParseInstant(match.Groups[2].Value) is not { } since)
            return null;
        var mark = new GraceMark(new(match.Groups[1].Value), since, new(match.Groups[3].Value));
        if (!match.Groups[4].Success)
            return mark;
        return MarkText.ParseInstant(match.Groups[4].Value) is { } disabled ? mark with { DisabledAt = disabled } : null;
    }

    [GeneratedRegex(
        "^v=([!-~]{1,80}) since=([0-9TZ:.-]{1,40}) rotation=([!-~]{1,64})(?: disabled=([0-9TZ:.-]{1,40}))?$", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}
