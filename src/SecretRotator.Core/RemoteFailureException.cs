namespace SecretRotator;

/// <summary>What is known of an effect whose call failed.</summary>
public enum Effect
{
    /// <summary>The service refused: nothing was changed.</summary>
    Rejected,

    /// <summary>The answer is missing or says nothing: the change may have taken place.</summary>
    Unknown,
}

/// <summary>Why a service refused or didn't answer, as far as the flow depends on it.</summary>
public enum FailureKind
{
    /// <summary>None of the other kinds.</summary>
    Other,

    /// <summary>The thing doesn't exist, or the credential may not know that it does.</summary>
    NotFound,

    /// <summary>The credential is missing, wrong, expired or not allowed to do this.</summary>
    AccessDenied,

    /// <summary>Too many calls, and waiting didn't help within the limit.</summary>
    Throttled,

    /// <summary>The thing isn't in the state that the call expected.</summary>
    Conflict,

    /// <summary>Something else is current than the call expected: another version came to be meanwhile.</summary>
    Superseded,

    /// <summary>The service could not be reached, answered 5xx, or not in time.</summary>
    Unavailable,

    /// <summary>The service answered with something that can't be understood.</summary>
    Garbled,
}

/// <summary>
/// A vault or Bitbucket refused a call, or its answer is missing. The message is written for the person who must
/// act, names the thing, and never holds a value.
/// </summary>
public sealed class RemoteFailureException : Exception
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="kind">Why it failed.</param>
    /// <param name="effect">What is known of its effect. A failed read is always <see cref="Effect.Rejected"/>.</param>
    /// <param name="message">What happened to which thing, without any value.</param>
    /// <param name="hint">What to do next, or null.</param>
    /// <param name="inner">The library's exception; its text is never shown.</param>
    public RemoteFailureException(FailureKind kind, Effect effect, string message, string? hint = null, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Effect = effect;
        Hint = hint;
    }

    /// <summary>Why it failed.</summary>
    public FailureKind Kind { get; }

    /// <summary>What is known of its effect.</summary>
    public Effect Effect { get; }

    /// <summary>What to do next, or null.</summary>
    public string? Hint { get; }

    /// <summary>The same failure in other words.</summary>
    public RemoteFailureException Telling(string message) => new(Kind, Effect, message, Hint, InnerException);

    /// <summary>The same failure, where more is known of its effect, or less.</summary>
    public RemoteFailureException With(Effect effect) => effect == Effect ? this : new(Kind, effect, Message, Hint, InnerException);
}
