namespace SecretRotator.Values;

/// <summary>The algorithm-specific parts of a key, in SSH's wire encoding, without the kind in front.</summary>
internal sealed class OpenSshKey(string kind) : IDisposable
{
    public byte[] Kind { get; } = Encoding.ASCII.GetBytes(kind);

    public SecretBuffer Public { get; } = new(1024);

    public SecretBuffer Private { get; } = new(4096);

    public void Dispose()
    {
        Public.Dispose();
        Private.Dispose();
    }
}

/// <summary>Writes keys as OpenSSH does (PROTOCOL.key of openssh-portable; RFC 4251, section 5, for the encoding).</summary>
internal static class OpenSshFormat
{
    private const int LineLength = 70;

    // The cipher "none" has blocks of 8 bytes.
    private const int BlockLength = 8;

    /// <summary>The line for <c>authorized_keys</c>, without a line feed.</summary>
    public static SecretValue PublicLine(OpenSshKey key, string comment)
    {
        using var blob = PublicBlob(key);
        using var line = new SecretBuffer(1024);
        line.Append(key.Kind);
        line.Append((byte)' ');
        line.AppendBase64(blob.Written);
        if (comment.Length > 0)
        {
            line.Append((byte)' ');
            line.Append(Encoding.UTF8.GetBytes(comment));
        }

        return line.ToValue();
    }

    /// <summary>The unencrypted private key as PEM.</summary>
    public static SecretValue PrivateKey(OpenSshKey key, string comment, IRandomSource random)
    {
        using var blob = PublicBlob(key);
        using var secret = PrivateSection(key, comment, random);
        using var whole = new SecretBuffer(4096);
        whole.Append("openssh-key-v1\0"u8);
        whole.AppendText("none"u8); // cipher
        whole.AppendText("none"u8); // key derivation
        whole.AppendText([]);       // its options
        whole.AppendUInt32(1);      // keys
        whole.AppendText(blob.Written);
        whole.AppendText(secret.Written);

        using var base64 = new SecretBuffer(4096);
        base64.AppendBase64(whole.Written);
        using var pem = new SecretBuffer(4096);
        pem.Append("-----BEGIN OPENSSH PRIVATE KEY-----\n"u8);
        for (var at = 0; at < base64.Length; at += LineLength)
        {
            pem.Append(base64.Written.Slice(at, Math.Min(LineLength, base64.Length - at)));
            pem.Append((byte)'\n');
        }

        pem.Append("-----END OPENSSH PRIVATE KEY-----\n"u8);
        return pem.ToValue();
    }

    /// <summary>A string of SSH's encoding: its length and its bytes.</summary>
    public static void AppendText(this SecretBuffer buffer, ReadOnlySpan<byte> text)
    {
        buffer.AppendUInt32((uint)text.Length);
        buffer.Append(text);
    }

    /// <summary>A positive integer of SSH's encoding, from big-endian bytes: no needless zeros, but one before a set top bit.</summary>
    public static void AppendInteger(this SecretBuffer buffer, ReadOnlySpan<byte> bigEndian)
    {
        var digits = bigEndian.TrimStart((byte)0);
        var sign = digits.Length > 0 && digits[0] >= 0x80 ? 1 : 0;
        buffer.AppendUInt32((uint)(digits.Length + sign));
        if (sign == 1)
            buffer.Append(0);
        buffer.Append(digits);
    }

    private static SecretBuffer PublicBlob(OpenSshKey key)
    {
        var blob = new SecretBuffer(1024);
        blob.AppendText(key.Kind);
        blob.Append(key.Public.Written);
        return blob;
    }

    private static SecretBuffer PrivateSection(OpenSshKey key, string comment, IRandomSource random)
    {
        var section = new SecretBuffer(4096);
        // Twice the same random number: for an encrypted key it would prove the passphrase.
        Span<byte> check = stackalloc byte[sizeof(uint)];
        random.Fill(check);
        section.Append(check);
        section.Append(check);
        section.AppendText(key.Kind);
        section.Append(key.Private.Written);
        section.AppendText(Encoding.UTF8.GetBytes(comment));
        for (byte padding = 1; section.Length % BlockLength != 0; padding++)
            section.Append(padding);
        return section;
    }
}
