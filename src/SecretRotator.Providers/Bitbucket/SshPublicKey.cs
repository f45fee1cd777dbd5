using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>A public SSH key without its comment.</summary>
/// <param name="Kind">Its kind, such as <c>ssh-ed25519</c>.</param>
/// <param name="Base64">Its base64, as <c>authorized_keys</c> has it.</param>
internal sealed record SshPublicKey(string Kind, string Base64)
{
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

    /// <summary>Reads a key in SSH's own encoding (RFC 4253, section 6.6), which begins with its kind. Null where it is none.</summary>
    public static SshPublicKey? Of(ReadOnlySpan<byte> blob)
    {
        var rest = blob;
        return Next(ref rest, out var kind) && kind.Length is > 0 and <= 64 && rest.Length > 0 && Ascii.IsValid(kind)
            ? new(Encoding.ASCII.GetString(kind), Convert.ToBase64String(blob))
            : null;
    }

    /// <summary>Takes a string of SSH's encoding off the front (RFC 4251, section 5).</summary>
    public static bool Next(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(bytes, out var length) || length > bytes.Length - sizeof(uint))
            return false;
        text = bytes.Slice(sizeof(uint), (int)length);
        bytes = bytes[(sizeof(uint) + (int)length)..];
        return true;
    }
}
