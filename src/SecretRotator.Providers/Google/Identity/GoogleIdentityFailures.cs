namespace SecretRotator.Providers.Google.Identity;

/// <summary>Says why there is no identity for Google, in words of our own: Google's may quote what was sent.</summary>
internal static class GoogleIdentityFailures
{
    /// <summary>What a failure means.</summary>
    public const string What = "No Google identity";

    /// <summary>What it means that a token was refused. Nothing was sent to the service that it is for.</summary>
    public static RemoteFailureException Of(GoogleTokenRefusal refused)
    {
        var kind = refused switch
        {
            { Status: 429 } => FailureKind.Throttled,
            { Status: 408 or >= 500 } => FailureKind.Unavailable,
            { Status: < 400 } => FailureKind.Garbled,
            _ => FailureKind.Unauthenticated,
        };
        return new RemoteFailureException(
            kind, Effect.Rejected, $"{What}: {refused.From.Name} answered {refused.Code ?? $"status {refused.Status}"}{Because(refused)}.",
            Hint(refused), refused).At(refused.From.Id, null);
    }

    /// <summary>There is nothing to ask with.</summary>
    public static RemoteFailureException None(string why, string hint) =>
        new(FailureKind.Unauthenticated, Effect.Rejected, $"{What}: {why}.", hint);

    private static string Because(GoogleTokenRefusal refused) => refused.Cause switch
    {
        GoogleRefusalCause.NoProvider => ": the workload identity provider doesn't exist, or is disabled or deleted",
        GoogleRefusalCause.Condition => ": the provider's attribute condition doesn't admit the token",
        GoogleRefusalCause.Audience => ": the token's audience isn't one that the provider allows",
        GoogleRefusalCause.Issuer => ": the token's issuer isn't the provider's",
        GoogleRefusalCause.Ended when refused.From == GoogleTokenSource.Sts => ", because the token that was shown has ended",
        GoogleRefusalCause.Ended => ", because the login has ended",
        GoogleRefusalCause.Impersonation => ": the identity may not act as the service account, or there is no such account",
        GoogleRefusalCause.ApiDisabled => ", because the API isn't switched on in the project",
        GoogleRefusalCause.Key => ": the service account or its key isn't known any more",
        GoogleRefusalCause.Clock => ", because this machine's clock is wrong",
        _ => "",
    };

    private static string Hint(GoogleTokenRefusal refused) => refused switch
    {
        { Status: 429 } => "Wait a few minutes, then run again.",
        { Status: 408 or >= 500 } => "Run again later; see https://status.cloud.google.com/.",
        { Status: < 400 } => "Look for a proxy in between that answers in its place.",
        { Cause: GoogleRefusalCause.NoProvider } =>
            "Check google.workloadIdentityProvider: it has the project's number, not its id. docs/google.md shows how to make the "
                + "provider.",
        { Cause: GoogleRefusalCause.Condition } =>
            "The condition admits one repository, and one environment where it names one: `secret-rotator doctor trust --for google` "
                + "prints "
                + "one that fits.",
        { Cause: GoogleRefusalCause.Audience } =>
            "Allow the token's audience (ari:cloud:bitbucket::workspace/UUID) in the provider: `secret-rotator doctor trust --for google`.",
        { Cause: GoogleRefusalCause.Issuer } =>
            "The provider's issuer must be https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc, letter by "
                + "letter.",
        { Cause: GoogleRefusalCause.Ended } when refused.From == GoogleTokenSource.Sts =>
            "A step that outlives its token gets no second one. Start the pipeline again: the next run finishes or undoes what this one "
                + "left open. If it happens again, set the step's max-time below the token's life (secret-rotator doctor tells it), or "
                + "split the inventory over steps with --shard.",
        { Cause: GoogleRefusalCause.Ended } => "Log in again: gcloud auth application-default login",
        { Cause: GoogleRefusalCause.Impersonation } =>
            "Give the identity the role roles/iam.workloadIdentityUser on the service account, or roles/iam.serviceAccountTokenCreator "
                + "where "
                + "it comes from no pool; or take google.serviceAccount out.",
        { Cause: GoogleRefusalCause.ApiDisabled } =>
            "Switch them on: gcloud services enable sts.googleapis.com iamcredentials.googleapis.com --project PROJECT-ID",
        { Cause: GoogleRefusalCause.Key } =>
            "The key was deleted or belongs to another account. Better than a new key: google.workloadIdentityProvider, or a machine of "
                + "Google's.",
        { Cause: GoogleRefusalCause.Clock } => "Set the clock, and run again.",
        _ => "Check the identity: docs/google.md lists the ways to get one.",
    };
}
