namespace SecretRotator.Rotation;

/// <summary>How step 0 of the protocol ended for one secret.</summary>
internal abstract record Acquisition
{
    private Acquisition()
    {
    }

    /// <summary>The claim is held, and what was decided before it is still to be done.</summary>
    /// <param name="Attempt">What is to be done.</param>
    public sealed record Claimed(Attempt Attempt) : Acquisition;

    /// <summary>Nothing is to be done, or nothing can be begun.</summary>
    /// <param name="Outcome">Why, and what is left.</param>
    public sealed record Refused(RotationOutcome Outcome) : Acquisition;

    /// <summary>An interrupted rotation had staged nothing: its claim is released, and the next decision is a new one.</summary>
    public sealed record Retry : Acquisition;
}
