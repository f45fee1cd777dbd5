namespace SecretRotator.Evidence;

/// <summary>Where the evidence of earlier runs is kept.</summary>
public interface IEvidenceHistory
{
    /// <summary>
    /// The run before, or null where none is known. Never throws for evidence that is missing or can't be read: an old file must not
    /// stop a new run.
    /// </summary>
    Task<PreviousRun?> LastAsync(CancellationToken cancellation);
}
