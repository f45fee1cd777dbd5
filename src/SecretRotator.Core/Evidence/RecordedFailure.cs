namespace SecretRotator.Evidence;

/// <summary>A failure in the words that evidence and JSON results share, without its texts: those are separate members beside it.</summary>
/// <param name="Kind">Its kind's word, such as <c>throttled</c>.</param>
/// <param name="Effect">What is known of its effect, <c>rejected</c> or <c>unknown</c>, where a call failed.</param>
/// <param name="Service">The service that refused, where it is known.</param>
/// <param name="Resource">The thing there, where it is known.</param>
public sealed record RecordedFailure(string Kind, string? Effect, string? Service, string? Resource)
{
    /// <summary>The words of a failure; null for none.</summary>
    public static RecordedFailure? Of(Failure? failure) => failure is null
        ? null
        : new(WireNames.Of(failure.Kind), failure.Effect is { } effect ? WireNames.Of(effect) : null, failure.Service, failure.Resource);
}
