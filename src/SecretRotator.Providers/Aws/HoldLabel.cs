using System.Buffers;
using System.Buffers.Text;
using NodaTime.Text;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// The staging label by which a version that a rollback made says until when it stays, and why. It comes with the call that
/// makes the version, and counts while that version has AWSCURRENT.
/// </summary>
/// <remarks>
/// A label and not a tag: a tag is another call, which may fail or never be made, and there is one for all versions. The
/// reason is encoded, since AWS doesn't say which characters a label may have
/// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html); <c>plan</c> shows it in clear.
/// </remarks>
internal static class HoldLabel
{
    /// <summary>What every such label begins with; no label of a claim does.</summary>
    public const string Prefix = "secret-rotator-hold:";

    private const int LongestReason = 220;

    private static readonly InstantPattern End = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmssfff'Z'");

    /// <summary>Whether a label is one of these, readable or not.</summary>
    public static bool Is(string label) => label.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The label as text, of at most 200 characters.</summary>
    public static string Format(HoldMark mark) =>
        $"{Prefix}{End.Format(mark.Until)}:{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(mark.Reason))}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    /// <param name="label">A staging label.</param>
    /// <param name="version">The version that has it, whose id is the rotation's.</param>
    public static HoldMark? Parse(string label, string version)
    {
        if (!Is(label) || label[Prefix.Length..].Split(':') is not [var end, { Length: > 0 and <= LongestReason } reason]
            || End.Parse(end) is not { Success: true } until)
            return null;
        Span<byte> utf8 = stackalloc byte[LongestReason];
        if (Base64Url.DecodeFromChars(reason, utf8, out _, out var length) != OperationStatus.Done)
            return null;
        var text = Encoding.UTF8.GetString(utf8[..length]);
        return text.Length > 0 && HoldMark.ReasonOf(text) == text ? new HoldMark(until.Value, new(version), text) : null;
    }
}
