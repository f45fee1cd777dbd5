using NodaTime.Text;

namespace SecretRotator.Providers.Aws;

/// <summary>The staging label that names a delivery which was begun and isn't known to be finished, on the version that was current under
/// its claim.</summary>
/// <remarks>
/// A label and not a tag: a request that sets a tag late puts an old mark over a newer one. Every delivery has a label of its own, which
/// no request of another one touches, but for the one that takes it off once a delivery is recorded.
/// </remarks>
internal static class DeliveryLabel
{
    /// <summary>What every such label begins with; no label of a claim or a hold does.</summary>
    public const string Prefix = "secret-rotator-delivery:";

    private static readonly InstantPattern Time = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmssfff'Z'");

    /// <summary>Whether a label is one of these, readable or not.</summary>
    public static bool Is(string label) => label.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The label as text, of at most 256 characters.</summary>
    public static string Format(DeliveringMark mark) => $"{Prefix}{Time.Format(mark.At)}:{mark.Rotation}:{mark.Deleted}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static DeliveringMark? Parse(string label) =>
        Is(label) && label[Prefix.Length..].Split(':') is [var time, var rotation, var deleted] && Time.Parse(time) is { Success: true } at
            ? DeliveringMark.Parse(new DeliveringMark(new(rotation), at.Value, deleted).Format())
            : null;
}
