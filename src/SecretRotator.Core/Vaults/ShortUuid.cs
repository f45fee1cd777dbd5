using System.Buffers;
using System.Buffers.Text;

namespace SecretRotator.Vaults;

/// <summary>A UUID in 22 characters of base64url (RFC 4648, section 5) instead of 36: labels have little room.</summary>
public static class ShortUuid
{
    private const int Length = 16;

    /// <summary>The short form of a UUID.</summary>
    /// <param name="uuid">A UUID in its usual form, in lower case.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static string Format(string uuid) => Base64Url.EncodeToString(Guid.ParseExact(uuid, "D").ToByteArray(bigEndian: true));

    /// <summary>The UUID of a short form, in its usual form; null where the text is anything else.</summary>
    public static string? Parse(string text)
    {
        // The status, and neither IsValid nor TryDecodeFromChars: the one takes half a padding for valid, and then the other throws.
        Span<byte> bytes = stackalloc byte[Length];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == Length
            ? new Guid(bytes, bigEndian: true).ToString("D")
            : null;
    }
}
