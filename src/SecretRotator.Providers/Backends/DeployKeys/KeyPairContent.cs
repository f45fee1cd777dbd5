namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>The key pair that a secret's content holds.</summary>
internal static class KeyPairContent
{
    /// <summary>The public key, which belongs to the private key beside it.</summary>
    /// <remarks>
    /// A private key in OpenSSH's own format holds its public key in the clear, so a pair that was put together wrongly is noticed. Keys
    /// that this tool makes have that format; of other formats the public field alone is read.
    /// </remarks>
    /// <exception cref="SecretContentException">There is none, or it belongs to another private key, or that has a passphrase.</exception>
    public static SshPublicKey PublicKeyOf(SecretValue content, DeployKeyDefinition definition)
    {
        using var line = JsonSecret.Read(content, definition.PublicField);
        using var pem = JsonSecret.Read(content, definition.PrivateField);
        SshPublicKey.RefuseEncrypted(pem, $"The field \"{definition.PrivateField}\" of the secret");
#pragma warning disable RS0030 // A public key is no secret, and of the private key only the public part is taken.
        var key = SshPublicKey.Parse(line.RevealText()) ?? throw new SecretContentException(
            $"The field \"{definition.PublicField}\" of the secret is not a public SSH key.",
            "Write the key into it as a line of authorized_keys has it: ssh-keygen -y -f KEY prints it.");
        if (pem.Reveal(key, static (expected, utf8) => Belongs(expected, utf8.Span.Trim(" \t\r\n"u8))))
            return key;
#pragma warning restore RS0030
        throw new SecretContentException(
            $"The fields \"{definition.PrivateField}\" and \"{definition.PublicField}\" of the secret are no pair of SSH keys.",
            "Write the private key's own public key into the secret: ssh-keygen -y -f KEY prints it.");
    }

    private static bool Belongs(SshPublicKey expected, ReadOnlySpan<byte> pem) => pem.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----"u8)
        ? SshPublicKey.FindIn(pem) == expected
        : pem.StartsWith("-----BEGIN "u8);
}
