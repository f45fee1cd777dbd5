using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>An effect whose state decides the outcome could not be established.</summary>
internal sealed class CommitUnknownException(Failure failure, Exception inner) : Exception(failure.Message, inner)
{
    public Failure Failure => failure;
}

/// <summary>A target or the staged version isn't as it should be, or could not be looked at.</summary>
internal sealed class VerificationFailedException(Failure failure) : Exception(failure.Message)
{
    public VerificationFailedException(string message)
        : this(new Failure(FailureKind.VerificationFailed, message))
    {
    }

    public Failure Failure => failure;
}

/// <summary>Failures as data and as text that a person may see. Nowhere else is a message joined with its hint.</summary>
internal static class FailureMessages
{
    /// <summary>What happened, and what to do next where that is known.</summary>
    public static string Text(Failure failure) => Text(failure.Message, failure.Hint);

    /// <summary>A message and a hint as one text.</summary>
    public static string Text(string message, string? hint) => hint is null ? message : $"{Sentence(message)} {hint}";

    /// <summary>A text that ends as a sentence does.</summary>
    public static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '!' or '?' ? text : text + ".";

    /// <summary>What happened, as text.</summary>
    public static string Describe(Exception failure) => Text(Of(failure));

    /// <summary>What happened. Texts of exceptions that aren't ours stay inside: a library may have put a value there.</summary>
    public static Failure Of(Exception failure) => failure switch
    {
        RemoteFailureException remote => remote.Failure,
        VerificationFailedException unproven => unproven.Failure,
        CommitUnknownException unknown => unknown.Failure,
        EvidenceException => new(FailureKind.EvidenceLost, failure.Message),
        LeaseOverException => new(FailureKind.LeaseOver, failure.Message),
        SecretContentException wrong => new(FailureKind.InvalidContent, wrong.Message, wrong.Hint),
        UsageException usage => new(FailureKind.InvalidConfiguration, usage.Problems[0].Message, usage.Problems[0].Hint),
        PlanChangedException => new(FailureKind.PlanOutdated, failure.Message),
        OperationCanceledException => new(FailureKind.Cancelled, "It was cancelled."),
        _ => new(FailureKind.Unexpected, $"Unexpected error ({failure.GetType().Name})."),
    };
}
