namespace SecretRotator.Providers.Aws;

/// <summary>Which version carries a claim, by which label, and which lock it has.</summary>
/// <param name="Version">The version's id; it has the lock as long as the claim exists.</param>
/// <param name="Label">Its own label.</param>
/// <param name="Lock">
/// The label that is the lock: <see cref="StagingLabels.PendingLabel"/>, or <see cref="StagingLabels.OwnLockLabel"/> where AWS rotates the
/// secret itself.
/// </param>
internal sealed record ClaimHandle(string Version, string Label, string Lock)
{
    /// <summary>Whether the version only carries the claim: the rotation's value is, or will be, staged by another one.</summary>
    public bool Carries(RotationId rotation) => Version != rotation.Value;

    /// <summary>The handle as one line.</summary>
    public string Format() => $"{Lock} {Version} {Label}";

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    /// <exception cref="ArgumentException">The text is anything else.</exception>
    public static ClaimHandle Parse(
        string text) => text.Split(' ', 3) is [{ Length: > 0 } @lock, { Length: > 0 } version, { Length: > 0 } label]
        ? new ClaimHandle(version, label, @lock)
        : throw new ArgumentException("Not a handle of AWS Secrets Manager.", nameof(text));
}
