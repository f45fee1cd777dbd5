namespace SecretRotator.Vaults.Aws;

/// <summary>Which version carries a claim, and by which label.</summary>
/// <param name="Version">The version's id; it has AWSPENDING as long as the claim stands.</param>
/// <param name="Label">Its own label.</param>
internal sealed record ClaimHandle(string Version, string Label)
{
    /// <summary>Whether the claim resumes a rotation that another version stages.</summary>
    public bool Resumes(RotationId rotation) => Version != rotation.Value;

    /// <summary>The handle as one line.</summary>
    public string Format() => $"{Version} {Label}";

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    /// <exception cref="ArgumentException">The text is anything else.</exception>
    public static ClaimHandle Parse(string text) => text.Split(' ', 2) is [{ Length: > 0 } version, { Length: > 0 } label]
        ? new ClaimHandle(version, label)
        : throw new ArgumentException("Not a handle of AWS Secrets Manager.", nameof(text));
}
