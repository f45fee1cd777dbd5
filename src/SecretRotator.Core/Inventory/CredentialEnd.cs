using NodaTime.Text;

namespace SecretRotator.Inventory;

/// <summary>
/// When a credential ends that no program can renew. The service that made it doesn't report it, so the person who keeps it in a
/// vault writes the end beside it. An end that isn't given is unknown, and never counts as far away.
/// </summary>
/// <param name="Credential">The credential and its place, as the beginning of a sentence.</param>
/// <param name="At">The first instant at which it is no longer good, or null where that isn't known.</param>
public sealed record CredentialEnd(string Credential, Instant? At)
{
    /// <summary>The field beside a credential, in the same JSON secret, that gives its end.</summary>
    public const string Field = "expires";

    /// <summary>How long before the end people are warned.</summary>
    public static Duration Notice { get; } = Duration.FromDays(30);

    /// <summary>Reads an end: a date, through which the credential is good everywhere (UTC), or an instant such as
    /// <c>2027-03-01T12:00:00Z</c>.</summary>
    /// <param name="credential">The credential and its place.</param>
    /// <param name="text">The field's content, or null where there is none.</param>
    public static CredentialEnd Read(string credential, string? text)
    {
        if (text is null)
            return new(credential, At: null);
        if (LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day } && day < LocalDate.MaxIsoValue)
            return new(credential, day.PlusDays(1).AtMidnight().InUtc().ToInstant());
        return new(credential, InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var instant } ? instant : null);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasPassed(Instant now) => At <= now;

    /// <summary>Whether it ends soon and hasn't yet.</summary>
    public bool IsNear(Instant now) => At is { } at && now < at && at - now <= Notice;

    /// <summary>When it ends, as a sentence.</summary>
    public string Tell(Instant now) => At switch
    {
        null => $"No one says when {Lower(Credential)} ends.",
        { } at when at <= now => $"{Credential} ended at {Text(at)}.",
        { } at => FormattableString.Invariant($"{Credential} ends at {Text(at)}, in {(int)(at - now).TotalDays} days."),
    };

    /// <summary>How such a credential is renewed, as a sentence.</summary>
    public static string Renewal =>
        $"Make a new one at the service that gave it, and write it into the vault together with its end: the field \"{Field}\" beside "
            + "it, such as 2027-03-01.";

    private static string Text(Instant at) => InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm 'UTC'").Format(at);

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
