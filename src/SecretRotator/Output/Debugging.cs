using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Output;

/// <summary>What is reported of an exception that ends a command: never a stack trace, never a library's text.</summary>
internal static class Debugging
{
    /// <summary>Whether nothing sensible can be done any more.</summary>
    public static bool IsFatal(Exception exception) =>
        exception is OutOfMemoryException or StackOverflowException or AccessViolationException;

    /// <summary>The exception for the person who must act.</summary>
    public static ImmutableArray<Problem> Problems(Exception exception) => exception switch
    {
        UsageException usage => usage.Problems,
        PlanChangedException { Changes.IsEmpty: false } changed =>
            [new Problem(
                $"{changed.Message} What changed: {string.Join("; ", changed.Changes)}.", "secret-rotator plan --out shows and saves it.")],
        PlanChangedException changed => [new Problem(changed.Message, "secret-rotator plan --out shows and saves it.")],
        RemoteFailureException remote => [new Problem(remote.Message, HintOf(remote)) { Failure = remote.Failure }],
        EvidenceException evidence => [new Problem(evidence.Message) { Failure = FailureMessages.Of(evidence) }],
        OperationCanceledException => [new Problem("Stopped before anything was changed.")],
        _ => [new Problem(
            $"An unexpected error happened ({exception.GetType().Name}).",
            "Whatever was begun is recognised by the next run. --log-level debug tells where it happened; please report that.")],
    };

    /// <summary>What stops a run as a whole, as its evidence tells it.</summary>
    public static Failure StoppedBy(Exception exception) => FailureMessages.Of(exception) with { Message = Problems(exception)[0].Message };

    private static string? HintOf(RemoteFailureException remote)
    {
        const string Doctor = "secret-rotator doctor looks at identity, permissions and network one by one.";
        return remote.Kind is not (FailureKind.Unauthenticated or FailureKind.AccessDenied or FailureKind.Unavailable
            or FailureKind.ProxyRefused) ? remote.Hint
            : remote.Hint is { } hint ? $"{hint} {Doctor}"
            : Doctor;
    }

    /// <summary>Where an exception came from: types and stack frames, no message that a library wrote.</summary>
    public static string Trace(Exception exception)
    {
        var traces = new List<string>();
        for (var current = exception; current is not null; current = current.InnerException)
            traces.Add(current.GetType().FullName + "\n" + current.StackTrace);
        return string.Join("\ncaused by ", traces);
    }
}
