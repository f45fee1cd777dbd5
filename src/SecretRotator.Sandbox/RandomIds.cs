namespace SecretRotator.Sandbox;

/// <summary>Ids as services make them.</summary>
internal static class RandomIds
{
    /// <summary>A random UUID, version 4, in lower case without braces.</summary>
    public static string Uuid(this IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>A random UUID as Bitbucket writes them.</summary>
    public static string BracedUuid(this IRandomSource random) => $"{{{random.Uuid()}}}";

    /// <summary>So many random bytes as lower-case hexadecimal digits.</summary>
    public static string Hex(this IRandomSource random, int count) => Convert.ToHexStringLower(random.Bytes(count));

    /// <summary>So many random bytes.</summary>
    public static byte[] Bytes(this IRandomSource random, int count)
    {
        var bytes = new byte[count];
        random.Fill(bytes);
        return bytes;
    }
}
