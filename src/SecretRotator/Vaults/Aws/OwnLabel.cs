using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace SecretRotator.Vaults.Aws;

/// <summary>
/// The staging label by which a version says who staged it, when, and what for. A version carries it from its first
/// moment, because it comes with the call that makes the version.
/// </summary>
/// <param name="StartedAt">When the claim was taken, to the millisecond.</param>
/// <param name="Purpose">What the version is for.</param>
/// <param name="Holder">Who holds the claim.</param>
/// <remarks>
/// AWS takes labels of up to 256 characters. Ids are shortened, so that the longest label (a pipeline with the
/// longest slugs) stays below; <see cref="Format"/> falls back to a hash of the base where even that is too long.
/// </remarks>
internal sealed record OwnLabel(Instant StartedAt, LabelPurpose Purpose, Holder Holder)
{
    /// <summary>What every label of this tool begins with.</summary>
    public const string Prefix = "secret-rotator:";

    private const int LongestLabel = 256;
    private static readonly InstantPattern Start = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmssfff'Z'");

    /// <summary>The label as text, of at most 256 characters.</summary>
    public string Format()
    {
        var label = With(Purpose switch
        {
            LabelPurpose.Stages stages => Shorten(stages.Base),
            LabelPurpose.Resumes resumes => "r" + Shorten(resumes.Rotation.Value),
            _ => throw new InvalidOperationException("A new purpose needs a format."),
        });
        return label.Length <= LongestLabel || Purpose is not LabelPurpose.Stages long_ ? label : With("h" + Hash(long_.Base));

        string With(string purpose) => $"{Prefix}{Start.Format(StartedAt)}:{purpose}:{Holder.Format()}";
    }

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    /// <param name="text">A staging label.</param>
    /// <param name="versions">The ids of the versions that the secret has, to find a hashed one among.</param>
    public static OwnLabel? Parse(string text, IEnumerable<string> versions)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split(':') is not [var start, { Length: > 1 } purpose, var who])
            return null;
        if (Start.Parse(start) is not { Success: true } at || Holder.Parse(who) is not { } holder)
            return null;
        LabelPurpose? read = purpose[0] switch
        {
            'r' when Lengthen(purpose[1..]) is { } rotation => new LabelPurpose.Resumes(new(rotation)),
            'h' => new LabelPurpose.Stages(versions.FirstOrDefault(version => Hash(version) == purpose[1..]) ?? "unknown"),
            _ when Lengthen(purpose) is { } @base => new LabelPurpose.Stages(@base),
            _ => null,
        };
        return read is null ? null : new OwnLabel(at.Value, read, holder);
    }

    // A UUID in its usual form takes 22 characters instead of 36; any other id stands as it is.
    private static string Shorten(string id) => Guid.TryParseExact(id, "D", out var uuid) && uuid.ToString("D") == id
        ? "u" + Base64Url.EncodeToString(uuid.ToByteArray(bigEndian: true))
        : "t" + id;

    private static string? Lengthen(string text)
    {
        if (text.Length < 2 || text[0] is not ('u' or 't'))
            return null;
        if (text[0] == 't')
            return text[1..];
        Span<byte> bytes = stackalloc byte[16];
        return Base64Url.IsValid(text.AsSpan(1), out var length) && length == 16 && Base64Url.TryDecodeFromChars(text.AsSpan(1), bytes, out _)
            ? new Guid(bytes, bigEndian: true).ToString("D")
            : null;
    }

    private static string Hash(string id) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
}

/// <summary>What a version of this tool is for.</summary>
internal abstract record LabelPurpose
{
    private LabelPurpose()
    {
    }

    /// <summary>It stages the new value of a rotation, whose id is its own.</summary>
    /// <param name="Base">The version that was current when it began.</param>
    public sealed record Stages(string Base) : LabelPurpose;

    /// <summary>It only carries the claim of whoever resumes another version's rotation.</summary>
    /// <param name="Rotation">The rotation, and the version that stages its value.</param>
    public sealed record Resumes(RotationId Rotation) : LabelPurpose;
}
