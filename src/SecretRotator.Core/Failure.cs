namespace SecretRotator;

/// <summary>
/// Why something failed, or why nothing was begun, as data: the code that learns it first fills it in, and it travels unchanged into
/// decisions,
/// outcomes, evidence and results. <see cref="Rotation.FailureMessages"/> makes one text of it.
/// </summary>
/// <param name="Kind">Why.</param>
/// <param name="Message">What happened to which thing, for people; never a value.</param>
/// <param name="Hint">What to do next, for people, or null.</param>
public sealed record Failure(FailureKind Kind, string Message, string? Hint = null)
{
    /// <summary>What is known of the effect of the call that failed; null where no call did.</summary>
    public Effect? Effect { get; init; }

    /// <summary>
    /// The service that refused or didn't answer, such as <c>aws-secrets-manager</c>, as its adapter names it; null where it isn't known or
    /// there is none.
    /// </summary>
    public string? Service { get; init; }

    /// <summary>The thing there: a secret's path, a variable's scope, a bucket; null where it isn't known or there is none.</summary>
    public string? Resource { get; init; }

    /// <summary>Whether it is about the credential or the way to the service, so that other calls there would fail alike.</summary>
    public bool ConcernsAll => Kind
        is FailureKind.Unauthenticated or FailureKind.Throttled or FailureKind.Unavailable or FailureKind.Garbled
            or FailureKind.ProxyRefused;

    /// <summary>The same, with something to do where nothing was said.</summary>
    public Failure OrHint(string hint) => Hint is null ? this with { Hint = hint } : this;

    /// <summary>The same, in a sentence about what came of it: the message is put behind it.</summary>
    public Failure After(string sentence) => this with { Message = $"{sentence} {Message}" };
}
