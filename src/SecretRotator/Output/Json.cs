namespace SecretRotator.Output;

/// <summary>What the JSON of all commands has in common. docs/json.md describes it; a test holds the two equal.</summary>
internal static class Json
{
    /// <summary>Rises when a reader of the former version could be misled. New properties don't raise it.</summary>
    public const int Version = 1;

    /// <summary>An instant in UTC, ISO 8601, to the millisecond.</summary>
    public static string Text(Instant instant) => MarkText.Format(instant);

    /// <summary>The same, where there is an instant.</summary>
    public static string? Text(Instant? instant) => instant is { } known ? Text(known) : null;

    /// <summary>Texts, or nothing at all where there are none.</summary>
    public static IEnumerable<string>? UnlessEmpty(IReadOnlyCollection<string> texts) => texts.Count == 0 ? null : texts;
}
