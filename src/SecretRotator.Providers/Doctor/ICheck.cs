namespace SecretRotator.Providers.Doctor;

/// <summary>Some questions of one area. Returns failures of the environment as results, and throws only for cancellation and
/// bugs.</summary>
internal interface ICheck
{
    /// <summary>The area of all its results.</summary>
    CheckArea Area { get; }

    /// <summary>Whether it calls anyone; <c>--offline</c> leaves such checks out.</summary>
    bool NeedsNetwork => true;

    /// <summary>Asks.</summary>
    Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation);
}
