namespace SecretRotator;

/// <summary>What is known of an effect whose call failed.</summary>
public enum Effect
{
    /// <summary>The service refused: nothing was changed.</summary>
    Rejected,

    /// <summary>The answer is missing or says nothing: the change may have taken place.</summary>
    Unknown,
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
        : this(new Failure(kind, message, hint) { Effect = effect }, inner)
    {
    }

    /// <summary>Throws what is known already.</summary>
    /// <param name="failure">What happened. Without an effect nothing was changed.</param>
    /// <param name="inner">The library's exception; its text is never shown.</param>
    public RemoteFailureException(Failure failure, Exception? inner = null)
        : base(failure?.Message, inner) => Failure = failure ?? throw new ArgumentNullException(nameof(failure));

    /// <summary>What happened, as data.</summary>
    public Failure Failure { get; }

    /// <summary>Why it failed.</summary>
    public FailureKind Kind => Failure.Kind;

    /// <summary>What is known of its effect.</summary>
    public Effect Effect => Failure.Effect ?? Effect.Rejected;

    /// <summary>What to do next, or null.</summary>
    public string? Hint => Failure.Hint;

    /// <summary>The same failure in other words.</summary>
    public RemoteFailureException Telling(string message) => new(Failure with { Message = message }, InnerException);

    /// <summary>The same failure, where more is known of its effect, or less.</summary>
    public RemoteFailureException With(Effect effect) => effect == Effect ? this : new(Failure with { Effect = effect }, InnerException);

    /// <summary>The same failure with the service and the thing where it happened. What is known already stays.</summary>
    public RemoteFailureException At(string service, string? resource) => Failure.Service is not null
        ? this
        : new(Failure with { Service = service, Resource = Failure.Resource ?? resource }, InnerException);
}
