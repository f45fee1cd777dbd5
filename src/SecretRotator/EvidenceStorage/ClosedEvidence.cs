
namespace SecretRotator.EvidenceStorage;

/// <summary>Where a run's evidence is once it is closed.</summary>
/// <param name="File">The records.</param>
/// <param name="Signature">The signature over them, or null where no key is set.</param>
/// <param name="Archived">Whether it reached its archive, or null where there is none.</param>
internal sealed record ClosedEvidence(string File, string? Signature, ArchiveOutcome? Archived);
