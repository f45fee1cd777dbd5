using System.Buffers.Text;

namespace SecretRotator.Values;

/// <summary>Makes new values.</summary>
public static class ValueFactory
{
    /// <summary>Makes one value of everything but SSH keys, which have two parts (<see cref="SshKeyPair"/>).</summary>
    /// <param name="generator">The rule.</param>
    /// <param name="random">Where its randomness comes from.</param>
    /// <exception cref="ArgumentException">No value meets the rule, or it is an SSH key's.</exception>
    public static SecretValue Generate(ValueGenerator generator, IRandomSource random)
    {
        return generator switch
        {
            ValueGenerator.Password password => PasswordMaker.Make(password, random),
            ValueGenerator.Hex hex =>
                OfBytes(hex.Bytes, random, hex.Bytes * 2, static (bytes, text) => Convert.TryToHexStringLower(bytes, text, out _)),
            ValueGenerator.Base64 base64 =>
                OfBytes(base64.Bytes,
                    random, Base64.GetMaxEncodedToUtf8Length(base64.Bytes),
                    static (bytes, text) => Base64.EncodeToUtf8(bytes, text, out _, out _)),
            ValueGenerator.Base64Url base64 =>
                OfBytes(base64.Bytes,
                    random, Base64Url.GetEncodedLength(base64.Bytes),
                    static (bytes, text) => Base64Url.EncodeToUtf8(bytes, text, out _, out _)),
            ValueGenerator.Uuid => OfBytes(16, random, 36, WriteUuid),
            _ => throw new ArgumentException("A value of two parts can't be made as one.", nameof(generator)),
        };
    }

    private static SecretValue OfBytes(int count, IRandomSource random, int length, Action<Span<byte>, Span<byte>> write)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var bytes = new SecretBuffer(count);
        using var text = new SecretBuffer(length);
        var raw = bytes.Extend(count);
        random.Fill(raw);
        write(raw, text.Extend(length));
        return text.ToValue();
    }

    // RFC 9562, section 5.4: four bits say version 4, two bits say the variant, 122 are random.
    private static void WriteUuid(Span<byte> bytes, Span<byte> text)
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        new Guid(bytes, bigEndian: true).TryFormat(text, out _, "D");
    }
}
