namespace SecretRotator.Reliability.Processes;

/// <summary>One kind of trouble, tried at many places.</summary>
internal interface ISeries
{
    /// <summary>Its word on the command line.</summary>
    string Name { get; }

    /// <summary>What its count counts, such as <c>kills</c>.</summary>
    string Unit => Name;

    /// <summary>Whether placements start sandboxes of their own.</summary>
    bool StartsSandboxes => false;

    /// <summary>Everything that is worth trying.</summary>
    Task<IReadOnlyList<Placement>> PlanAsync(Bench bench);

    /// <summary>Tries one, and answers how many of its unit took place and what was broken.</summary>
    Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement);
}
