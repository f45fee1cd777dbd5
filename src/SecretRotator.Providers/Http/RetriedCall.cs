namespace SecretRotator.Providers.Http;

/// <summary>A call that may be tried more than once, see <see cref="Retry"/>.</summary>
/// <param name="IsIdempotent">
/// Whether doing it twice is as good as once. A call that isn't is repeated only when it is certain that nothing was done.
/// </param>
/// <param name="Judge">What an exception of a try means; null for a mistake in this program, which goes its way.</param>
internal sealed record RetriedCall(bool IsIdempotent, Func<Exception, JudgedTry?> Judge)
{
    /// <summary>Asked before every try, or null.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Waits before every try until the service's budget allows it, and for the end of a rest after throttling; or null.</summary>
    public Func<CancellationToken, Task>? Admit { get; init; }

    /// <summary>What the tries have come to so far.</summary>
    public Tries Tries { get; init; } = new();
}

/// <summary>Whether another try could help.</summary>
internal enum NextTry
{
    /// <summary>It can't.</summary>
    Never,

    /// <summary>It can, after a pause.</summary>
    AfterPause,

    /// <summary>It can once the service takes calls again: there were too many.</summary>
    Throttled,

    /// <summary>It can now, however many tries there were: what was wrong has been set right.</summary>
    AtOnce,
}

/// <summary>One try that failed, as the service's adapter judges it.</summary>
/// <param name="Effect">What is known of its effect; of a call that changes nothing always <see cref="Effect.Rejected"/>.</param>
/// <param name="Next">Whether another try could help.</param>
/// <param name="RetryAfter">How long the service asks to wait, or null.</param>
/// <param name="Tell">The failure of the whole call, where this is its last try.</param>
internal sealed record JudgedTry(Effect Effect, NextTry Next, TimeSpan? RetryAfter, Func<Tries, Exception> Tell);
