namespace SecretRotator.Providers.Http;

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
