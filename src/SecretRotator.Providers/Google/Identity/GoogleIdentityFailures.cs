namespace SecretRotator.Providers.Google.Identity;

/// <summary>Says why there is no identity for Google, in words of our own: Google's may quote what was sent.</summary>
internal static class GoogleIdentityFailures
{
    /// <summary>What a failure means.</summary>
    public const string What = "No Google identity";

    /// <summary>What it means that a token was refused. Nothing was sent to the service that it is for.</summary>
    public static RemoteFailureException Of(GoogleTokenRefusal refused)
    {
        var (because, hint) = Explained(refused);
        var (kind, next) = refused.Status switch
        {
            429 => (FailureKind.Throttled, "Wait a few minutes, then run again."),
            408 or >= 500 => (FailureKind.Unavailable, "Run again later; see https://status.cloud.google.com/."),
            < 400 => (FailureKind.Garbled, "Look for a proxy in between that answers in its place."),
            _ => (FailureKind.Unauthenticated, hint),
        };
        return new RemoteFailureException(
            kind, Effect.Rejected, $"{What}: {refused.From.Name} answered {refused.Code ?? $"status {refused.Status}"}{because}.",
            next, refused).At(refused.From.Id, null);
    }

    /// <summary>There is nothing to ask with.</summary>
    public static RemoteFailureException None(string why, string hint) =>
        new(FailureKind.Unauthenticated, Effect.Rejected, $"{What}: {why}.", hint);

    private static (string Because, string Hint) Explained(GoogleTokenRefusal refused) => refused.Cause switch
    {
        GoogleRefusalCause.NoProvider => (
            ": the workload identity provider doesn't exist, or is disabled or deleted",
            "Check google.workloadIdentityProvider: it has the project's number, not its id. docs/google.md shows how to make the "
                + "provider."),
        GoogleRefusalCause.Condition => (
            ": the provider's attribute condition doesn't admit the token",
            "The condition admits one repository, and one environment where it names one: `secret-rotator doctor trust --for google` "
                + "prints one that fits."),
        GoogleRefusalCause.Audience => (
            ": the token's audience isn't one that the provider allows",
            "Allow the token's audience (ari:cloud:bitbucket::workspace/UUID) in the provider: `secret-rotator doctor trust --for "
                + "google`."),
        GoogleRefusalCause.Issuer => (
            ": the token's issuer isn't the provider's",
            "The provider's issuer must be https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc, letter by "
                + "letter."),
        GoogleRefusalCause.Ended when refused.From == GoogleTokenSource.Sts => (
            ", because the token that was shown has ended",
            "A step that outlives its token gets no second one. Start the pipeline again: the next run finishes or undoes what this one "
                + "left open. If it happens again, set the step's max-time below the token's life (secret-rotator doctor tells it), or "
                + "split the inventory over steps with --shard."),
        GoogleRefusalCause.Ended => (", because the login has ended", "Log in again: gcloud auth application-default login"),
        GoogleRefusalCause.Impersonation => (
            ": the identity may not act as the service account, or there is no such account",
            "Give the identity the role roles/iam.workloadIdentityUser on the service account, or roles/iam.serviceAccountTokenCreator "
                + "where it comes from no pool; or take google.serviceAccount out."),
        GoogleRefusalCause.ApiDisabled => (
            ", because the API isn't switched on in the project",
            "Switch them on: gcloud services enable sts.googleapis.com iamcredentials.googleapis.com --project PROJECT-ID"),
        GoogleRefusalCause.Key => (
            ": the service account or its key isn't known any more",
            "The key was deleted or belongs to another account. Better than a new key: google.workloadIdentityProvider, or a machine of "
                + "Google's."),
        GoogleRefusalCause.Clock => (", because this machine's clock is wrong", "Set the clock, and run again."),
        _ => ("", "Check the identity: docs/google.md lists the ways to get one."),
    };
}
