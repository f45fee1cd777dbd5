namespace SecretRotator.Inventory;

/// <summary>How the new value of a secret is made.</summary>
public abstract record ValuePolicy
{
    private ValuePolicy()
    {
    }

    /// <summary>The whole secret is one generated text.</summary>
    /// <param name="Generator">What makes it; never an SSH key, which has two parts.</param>
    public sealed record Plain(ValueGenerator Generator) : ValuePolicy;

    /// <summary>The secret is a JSON object; the named fields are generated, every other byte stays as it is.</summary>
    /// <param name="Fields">The generated fields, at least one, no name twice.</param>
    public sealed record Json(ImmutableArray<GeneratedField> Fields) : ValuePolicy;

    /// <summary>The vault itself makes the new value (a rotation function of AWS Secrets Manager); the tool asks for it and delivers
    /// it.</summary>
    public sealed record VaultManaged : ValuePolicy;

    /// <summary>The backend that accepts the value makes it (an AWS access key, an Entra secret); the other fields of the JSON secret stay
    /// as they are.</summary>
    public sealed record Issued : ValuePolicy;

    /// <summary>
    /// No program can make it: a person renews it at the service that gave it, and writes it into the vault. It is delivered from there,
    /// and they are reminded in time.
    /// </summary>
    /// <param name="Instructions">How it is renewed, for that person.</param>
    /// <param name="EndsAt">The first instant at which it is no longer good, or null where the inventory doesn't say.</param>
    /// <param name="Notice">How long before that they are reminded.</param>
    public sealed record External(string Instructions, Instant? EndsAt, Duration Notice) : ValuePolicy;
}

/// <summary>One generated field of a JSON secret.</summary>
/// <param name="Field">The field's name at the top level of the object.</param>
/// <param name="Generator">What makes it.</param>
public sealed record GeneratedField(string Field, ValueGenerator Generator);

/// <summary>Makes one value. Entropy below 128 bits was accepted only with a reason.</summary>
/// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
public abstract record ValueGenerator(string? WeakBecause)
{
    /// <summary>Printable characters.</summary>
    /// <param name="Length">How many characters.</param>
    /// <param name="Classes">The classes that characters are taken from; each must appear at least once.</param>
    /// <param name="Exclude">Characters that must not appear.</param>
    /// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
    public sealed record Password(int Length, ImmutableArray<CharacterClass> Classes, string Exclude, string? WeakBecause)
        : ValueGenerator(WeakBecause);

    /// <summary>Random bytes as lower-case hexadecimal digits.</summary>
    /// <param name="Bytes">How many bytes.</param>
    /// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
    public sealed record Hex(int Bytes, string? WeakBecause) : ValueGenerator(WeakBecause);

    /// <summary>Random bytes in base64 with padding (RFC 4648, section 4).</summary>
    /// <param name="Bytes">How many bytes.</param>
    /// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
    public sealed record Base64(int Bytes, string? WeakBecause) : ValueGenerator(WeakBecause);

    /// <summary>Random bytes in base64url without padding (RFC 4648, section 5).</summary>
    /// <param name="Bytes">How many bytes.</param>
    /// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
    public sealed record Base64Url(int Bytes, string? WeakBecause) : ValueGenerator(WeakBecause);

    /// <summary>A random UUID, version 4 (RFC 9562): 122 random bits.</summary>
    /// <param name="WeakBecause">Why 122 bits are enough.</param>
    public sealed record Uuid(string? WeakBecause) : ValueGenerator(WeakBecause);

    /// <summary>A key pair: the private key in OpenSSH's format goes into the field itself, the public key into another one.</summary>
    /// <param name="Algorithm">The kind of key.</param>
    /// <param name="RsaBits">The size of an RSA key in bits; ignored for Ed25519.</param>
    /// <param name="PublicField">The field that takes the public key's line as <c>authorized_keys</c> has it.</param>
    /// <param name="Comment">The comment at the end of the public key's line; may be empty.</param>
    public sealed record SshKey(
        SshKeyAlgorithm Algorithm, int RsaBits, string PublicField, string Comment) : ValueGenerator(WeakBecause: null);
}

/// <summary>A class of characters that a password draws from.</summary>
public enum CharacterClass
{
    /// <summary>a to z.</summary>
    Lower,

    /// <summary>A to Z.</summary>
    Upper,

    /// <summary>0 to 9.</summary>
    Digit,

    /// <summary>The 32 printable ASCII characters that are neither letter, digit nor space.</summary>
    Symbol,
}

/// <summary>A kind of SSH key.</summary>
public enum SshKeyAlgorithm
{
    /// <summary>Ed25519 (RFC 8709).</summary>
    Ed25519,

    /// <summary>RSA, at least 3072 bits.</summary>
    Rsa,
}
