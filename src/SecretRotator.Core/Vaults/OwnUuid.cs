using System.Security.Cryptography;

namespace SecretRotator.Vaults;

/// <summary>UUIDs of version 8 (RFC 9562) that this tool recognises as its own: random bits, and six bytes that follow from them.</summary>
internal static class OwnUuid
{
    private const int Length = 16;
    private const int RandomLength = 10;
    private const byte Version8 = 0x80;
    private const byte Variant = 0x80;

    /// <summary>A new one: 74 random bits.</summary>
    /// <param name="random">Where they come from.</param>
    /// <param name="kind">What it is an identity of.</param>
    public static string New(IRandomSource random, ReadOnlySpan<byte> kind)
    {
        Span<byte> bytes = stackalloc byte[Length];
        random.Fill(bytes[..RandomLength]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | Version8);
        bytes[8] = (byte)((bytes[8] & 0x3F) | Variant);
        Check(bytes[..RandomLength], kind, bytes[RandomLength..]);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>Whether <see cref="New"/> made it for the same kind.</summary>
    public static bool Is(string id, ReadOnlySpan<byte> kind)
    {
        if (!Guid.TryParseExact(id, "D", out var uuid))
            return false;
        Span<byte> bytes = stackalloc byte[Length];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        Span<byte> check = stackalloc byte[Length - RandomLength];
        Check(bytes[..RandomLength], kind, check);
        return check.SequenceEqual(bytes[RandomLength..]);
    }

    private static void Check(ReadOnlySpan<byte> random, ReadOnlySpan<byte> kind, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. kind, .. random], hash);
        hash[..check.Length].CopyTo(check);
    }
}
