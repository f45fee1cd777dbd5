using SecretRotator.Evidence;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>An effect whose state decides the outcome could not be established.</summary>
internal sealed class CommitUnknownException(string message, Exception inner) : Exception(message, inner);

/// <summary>A target or the staged version isn't as it should be.</summary>
internal sealed class VerificationFailedException(string message) : Exception(message);

/// <summary>Failures as text that a person may see.</summary>
internal static class FailureMessages
{
    /// <summary>What happened. Texts of exceptions that aren't ours stay inside: a library may have put a value there.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        RemoteFailureException { Hint: { } hint } remote => $"{remote.Message} {hint}",
        RemoteFailureException or EvidenceException or VerificationFailedException or CommitUnknownException or LeaseOverException => failure.Message,
        Values.SecretContentException => failure.Message,
        OperationCanceledException => "It was cancelled.",
        _ => $"Unexpected error ({failure.GetType().Name}).",
    };
}
