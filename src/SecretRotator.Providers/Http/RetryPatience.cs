namespace SecretRotator.Providers.Http;

/// <summary>How often a call is tried, and how long the pauses between its tries are.</summary>
internal record RetryPatience
{
    /// <summary>How often a call is tried in all, 1 or more.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>How often a call is tried that is throttled, counted apart from its other tries; null where they count together.</summary>
    public int? ThrottledTries { get; init; }

    /// <summary>The first pause before jitter; it doubles with each try.</summary>
    public TimeSpan FirstPause { get; init; }

    /// <summary>The first pause after a throttled try, before jitter; it doubles likewise. Null for <see cref="FirstPause"/>.</summary>
    public TimeSpan? FirstThrottledPause { get; init; }

    /// <summary>No pause before jitter is longer.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.MaxValue;

    /// <summary>A Retry-After up to here is honoured; a longer one fails the call at once.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.MaxValue;

    /// <summary>Jitter: which parts of a pause the random pause is between.</summary>
    public (double From, double To) Drawn { get; init; } = (0, 1);
}
