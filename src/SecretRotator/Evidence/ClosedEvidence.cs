namespace SecretRotator.Evidence;

/// <summary>Where a run's evidence lies once it is closed.</summary>
/// <param name="File">The records.</param>
/// <param name="Signature">The signature over them, or null where no key is set.</param>
internal sealed record ClosedEvidence(string File, string? Signature);
