using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>An SSH key pair as OpenSSH writes it.</summary>
/// <param name="Private">The unencrypted private key: <c>-----BEGIN OPENSSH PRIVATE KEY-----</c>, with a line feed at its end.</param>
/// <param name="Public">The public key's line: kind, base64 and comment, without a line feed.</param>
public sealed record SshKeyPair(SecretValue Private, SecretValue Public) : IDisposable
{
    /// <summary>Makes a pair. An Ed25519 key comes from <paramref name="random"/>; an RSA key from the platform's own secure generator,
    /// which takes no other.</summary>
    /// <param name="rule">Kind, size and comment.</param>
    /// <param name="random">Where randomness comes from.</param>
    public static SshKeyPair Generate(ValueGenerator.SshKey rule, IRandomSource random)
    {
        using var key = rule.Algorithm switch
        {
            SshKeyAlgorithm.Ed25519 => Ed25519Parts(random),
            SshKeyAlgorithm.Rsa => RsaParts(rule.RsaBits),
            _ => throw new ArgumentOutOfRangeException(nameof(rule)),
        };
        return new(OpenSshFormat.PrivateKey(key, rule.Comment, random), OpenSshFormat.PublicLine(key, rule.Comment));
    }

    /// <summary>Wipes both.</summary>
    public void Dispose()
    {
        Private.Dispose();
        Public.Dispose();
    }

    // RFC 8709: the public key; for OpenSSH's private section the public key, then seed and public key as one.
    private static OpenSshKey Ed25519Parts(IRandomSource random)
    {
        var key = new OpenSshKey("ssh-ed25519");
        using var seed = new SecretBuffer(Ed25519.KeyLength);
        var bytes = seed.Extend(Ed25519.KeyLength);
        random.Fill(bytes);
        Span<byte> publicKey = stackalloc byte[Ed25519.KeyLength];
        Ed25519.PublicKeyOf(bytes, publicKey);
        key.Public.AppendText(publicKey);
        key.Private.AppendText(publicKey);
        key.Private.AppendUInt32(Ed25519.KeyLength * 2);
        key.Private.Append(bytes);
        key.Private.Append(publicKey);
        return key;
    }

    // RFC 4253, section 6.6: e, n; OpenSSH's private section: n, e, d, q⁻¹ mod p, p, q.
    private static OpenSshKey RsaParts(int bits)
    {
        var key = new OpenSshKey("ssh-rsa");
        using var rsa = RSA.Create(bits);
        var parts = rsa.ExportParameters(includePrivateParameters: true);
        try
        {
            foreach (var part in new[] { parts.Exponent, parts.Modulus })
                key.Public.AppendInteger(part);
            foreach (var part in new[] { parts.Modulus, parts.Exponent, parts.D, parts.InverseQ, parts.P, parts.Q })
                key.Private.AppendInteger(part);
            return key;
        }
        finally
        {
            foreach (var part in new[] { parts.D, parts.DP, parts.DQ, parts.InverseQ, parts.P, parts.Q })
                CryptographicOperations.ZeroMemory(part);
        }
    }
}
