using System.Text.RegularExpressions;

namespace SecretRotator.Vaults;

/// <summary>
/// A rollback's word that the value it brought back stays for a while. It is written together with the staged version, and
/// counts while that version is current: a rollback that is undone leaves none, and a forced rotation lifts it.
/// </summary>
/// <param name="Until">The first instant at which the secret may rotate again, to the millisecond.</param>
/// <param name="Rotation">The rollback, whose version it holds.</param>
/// <param name="Reason">Why, for people: printable, not empty, at most <see cref="MostBytes"/> bytes in UTF-8.</param>
public sealed partial record HoldMark(Instant Until, RotationId Rotation, string Reason)
{
    /// <summary>How long a reason may be, in bytes: what fits into every vault's mark.</summary>
    public const int MostBytes = 120;

    private const string Cut = "...";

    /// <summary>A reason as a mark takes it. The evidence has the whole one.</summary>
    public static string ReasonOf(string text)
    {
        var printable = string.Join(' ', PrintableText.Of(text).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (Encoding.UTF8.GetByteCount(printable) <= MostBytes)
            return printable;
        var kept = new StringBuilder();
        var left = MostBytes - Cut.Length;
        foreach (var rune in printable.EnumerateRunes())
        {
            if ((left -= rune.Utf8SequenceLength) < 0)
                break;
            kept.Append(rune);
        }

        return kept.ToString().TrimEnd() + Cut;
    }

    /// <summary>The mark as one metadata value of at most 256 characters.</summary>
    public string Format() => $"until={MarkText.Format(Until)} rotation={Rotation} reason={Reason}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static HoldMark? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match && MarkText.ParseInstant(match.Groups[1].Value) is { } until
            && match.Groups[3].Value is var reason && ReasonOf(reason) == reason
            ? new HoldMark(until, new(match.Groups[2].Value), reason)
            : null;

    [GeneratedRegex(
        "^until=([0-9TZ:.-]{1,40}) rotation=([!-~]{1,64}) reason=([^ ].{0,199})$", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}
