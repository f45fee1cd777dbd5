using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Google;

/// <summary>Says what a failed call of Secret Manager means, and what to do, in words of our own.</summary>
internal static class GoogleFailures
{
    private const string Service = "Secret Manager";

    /// <summary>What a failed try means; null for a mistake in this program.</summary>
    /// <param name="thrown">What it threw.</param>
    /// <param name="what">What was tried on which thing, such as <c>The versions of db in vault google could not be listed</c>.</param>
    /// <param name="writes">Whether the call changes something.</param>
    /// <param name="cancellation">Whether the call was cancelled.</param>
    public static RemoteFailureException? Of(Exception thrown, string what, bool writes, CancellationToken cancellation) => thrown switch
    {
        OperationCanceledException when cancellation.IsCancellationRequested => null,
        // What the token rests on failed, so nothing was sent to the vault.
        RemoteFailureException elsewhere => new(elsewhere.Failure.After($"{what}:") with { Effect = Effect.Rejected }, elsewhere),
        GoogleRefusal refused => OfAnswer(refused, what, writes),
        AuthenticationException or HttpRequestException or IOException or OperationCanceledException or JsonException =>
            SilentCall.Failure(thrown, what, writes, Service),
        _ when ProxyRefusedException.In(thrown) is not null => SilentCall.Failure(thrown, what, writes, Service),
        _ => null,
    };

    /// <summary>Whether the call was refused since its thing isn't in the state that the call expects: another etag, a version that is
    /// disabled.</summary>
    public static bool TellsState(RemoteFailureException failure) =>
        failure.InnerException is GoogleRefusal { Code: "FAILED_PRECONDITION" or "ABORTED" };

    /// <summary>Whether a secret exists already that was to be made.</summary>
    public static bool TellsExisting(RemoteFailureException failure) => failure.InnerException is GoogleRefusal { Code: "ALREADY_EXISTS" };

    /// <summary>Whether another try could help.</summary>
    public static NextTry Next(Exception thrown) => thrown switch
    {
        GoogleRefusal { Status: 429 } => NextTry.Throttled,
        GoogleRefusal { Status: 408 or >= 500 } => NextTry.AfterPause,
        GoogleRefusal or RemoteFailureException or ProxyRefusedException or AuthenticationException or JsonException => NextTry.Never,
        _ => NextTry.AfterPause,
    };

    private static RemoteFailureException OfAnswer(GoogleRefusal refused, string what, bool writes)
    {
        var word = refused.Reason ?? refused.Code;
        var said = $"{what}: {Service} answered {refused.Status}{(word is null ? "" : $" ({word})")}.";
        return refused switch
        {
            { Status: < 400 } => SilentCall.Failure(new JsonException(), what, writes, Service),
            { Status: 408 or >= 500 } => new(
                FailureKind.Unavailable, writes ? Effect.Unknown : Effect.Rejected, said,
                "Run the same command again later; see https://status.cloud.google.com/.", refused),
            { Status: 401 } => No(
                FailureKind.Unauthenticated, "The access token is wrong or has ended. docs/google.md tells how to get one."),
            { Status: 403, Reason: "SERVICE_DISABLED" } => No(
                FailureKind.AccessDenied, "Switch the service on in that project: gcloud services enable secretmanager.googleapis.com"),
            { Status: 403, Permission: { } permission } => No(
                FailureKind.AccessDenied,
                $"Give the identity the permission {permission} on that secret; docs/google.md lists what is needed."),
            { Status: 403 } => No(
                FailureKind.AccessDenied,
                "Give the identity the roles on that secret that docs/google.md lists. Where there is no such secret, Google may say the "
                    + "same."),
            { Status: 404 } => No(
                FailureKind.NotFound, "Check name, project and location in the inventory, and set a first value there."),
            { Status: 429 } => No(
                FailureKind.Throttled,
                "Someone uses the project's quota of secretmanager.googleapis.com heavily. Run again later."),
            { Status: 409 } or { Code: "FAILED_PRECONDITION" } => No(FailureKind.Conflict, "Look at the secret's versions, and run again."),
            { Status: 400 } => No(
                FailureKind.Other, "Secret Manager takes values up to 64 KiB, and 16 KiB of annotations on a secret."),
            _ => No(FailureKind.Other, null),
        };

        RemoteFailureException No(FailureKind kind, string? hint) => new(kind, Effect.Rejected, said, hint, refused);
    }
}
