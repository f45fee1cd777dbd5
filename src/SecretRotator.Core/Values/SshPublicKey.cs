using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>A public SSH key without its comment.</summary>
/// <param name="Kind">Its kind, such as <c>ssh-ed25519</c>.</param>
/// <param name="Base64">Its base64, as <c>authorized_keys</c> has it.</param>
public sealed record SshPublicKey(string Kind, string Base64)
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN OPENSSH PRIVATE KEY-----"u8;

    private static ReadOnlySpan<byte> End => "-----END OPENSSH PRIVATE KEY-----"u8;

    /// <summary>The line that <c>authorized_keys</c> would have.</summary>
    public string Text => $"{Kind} {Base64}";

    /// <summary>The fingerprint as OpenSSH writes it: <c>SHA256:</c> and base64 without padding.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Base64))).TrimEnd('=');

    /// <summary>Reads a line: kind, base64 and perhaps a comment. Null where it is none.</summary>
    public static SshPublicKey? Parse(string? line)
    {
        if (line?.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var kind, var base64, ..])
            return null;
        var blob = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, blob, out var length) && Of(blob.AsSpan(0, length)) is { } key && key.Kind == kind
            ? key
            : null;
    }

    /// <summary>The public key of a private one in OpenSSH's own format.</summary>
    /// <exception cref="SecretContentException">It has another format, or a passphrase.</exception>
    public static SshPublicKey OfPrivate(SecretValue key)
    {
        RefuseEncrypted(key, "It");
        return key.Look(0, static (_, utf8) => FindIn(utf8)) ?? throw new SecretContentException(
            "It is not a private SSH key in OpenSSH's format.",
            "Convert the key in the vault: ssh-keygen -p -N '' -f KEY writes that format. Its first line is "
                + "\"-----BEGIN OPENSSH PRIVATE KEY-----\".");
    }

    /// <summary>Refuses a private key that needs a passphrase: nothing that gets the key has that.</summary>
    /// <param name="key">A private key in any format.</param>
    /// <param name="what">What it is, for a message.</param>
    /// <exception cref="SecretContentException">It needs one.</exception>
    public static void RefuseEncrypted(SecretValue key, string what)
    {
        if (key.Look(0, static (_, utf8) => IsEncrypted(utf8)))
            throw new SecretContentException(
                $"{what} is a private SSH key with a passphrase, which nothing that gets the key has.",
                "Take the passphrase off, and write the key into the vault again: ssh-keygen -p -N '' -f KEY. The public key stays the "
                    + "same.");
    }

    /// <summary>The public key that a private one in OpenSSH's own format holds in the clear (PROTOCOL.key of openssh-portable). Null
    /// where the text has another format.</summary>
    public static SshPublicKey? FindIn(ReadOnlySpan<byte> pem) => FindIn(pem, out _);

    // PKCS#8 (RFC 7468, section 11) and the older form of OpenSSL (RFC 1421, section 4.6.1.1) say it in the clear.
    private static bool IsEncrypted(ReadOnlySpan<byte> pem)
    {
        FindIn(pem, out var hasPassphrase);
        return hasPassphrase || pem.IndexOf("-----BEGIN ENCRYPTED PRIVATE KEY-----"u8) >= 0 || pem.IndexOf("Proc-Type: 4,ENCRYPTED"u8) >= 0;
    }

    private static SshPublicKey? FindIn(ReadOnlySpan<byte> pem, out bool hasPassphrase)
    {
        hasPassphrase = false;
        pem = pem.Trim(" \t\r\n"u8);
        if (!pem.StartsWith(Begin) || !pem.EndsWith(End) || pem.Length < Begin.Length + End.Length)
            return null;
        var digits = pem[Begin.Length..^End.Length];
        using var decoded = new SecretBuffer(digits.Length);
        // The decoder skips white space.
        if (System.Buffers.Text.Base64.DecodeFromUtf8(digits, decoded.Extend(digits.Length), out _, out var length) != OperationStatus.Done)
            return null;
        var rest = decoded.Written[..length];
        if (!rest.StartsWith("openssh-key-v1\0"u8))
            return null;
        rest = rest["openssh-key-v1\0"u8.Length..];
        if (!Next(ref rest, out var cipher))
            return null;
        hasPassphrase = !cipher.SequenceEqual("none"u8);
        for (var skipped = 0; skipped < 2; skipped++) // key derivation, its options
            if (!Next(ref rest, out _))
                return null;
        if (!BinaryPrimitives.TryReadInt32BigEndian(rest, out var keys) || keys != 1)
            return null;
        rest = rest[sizeof(int)..];
        return Next(ref rest, out var blob) ? Of(blob) : null;
    }

    // SSH's own encoding of a key (RFC 4253, section 6.6) begins with its kind.
    private static SshPublicKey? Of(ReadOnlySpan<byte> blob)
    {
        var rest = blob;
        return Next(ref rest, out var kind) && kind.Length is > 0 and <= 64 && rest.Length > 0 && Ascii.IsValid(kind)
            ? new(Encoding.ASCII.GetString(kind), Convert.ToBase64String(blob))
            : null;
    }

    // Takes a string of that encoding off the front (RFC 4251, section 5).
    private static bool Next(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(bytes, out var length) || length > bytes.Length - sizeof(uint))
            return false;
        text = bytes.Slice(sizeof(uint), (int)length);
        bytes = bytes[(sizeof(uint) + (int)length)..];
        return true;
    }
}
