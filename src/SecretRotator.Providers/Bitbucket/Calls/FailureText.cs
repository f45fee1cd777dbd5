using System.Security.Authentication;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>Tells the failure of a call for the person who must act: what happened, to which thing, and what to do next.</summary>
internal static class FailureText
{
    private const string WhenThrottled =
        "Bitbucket allows each credential 1,000 calls an hour, and less in a burst. Run again later; if something else uses the same "
        + "credential, lower limits.bitbucket-calls-per-hour or give this job a credential of its own.";

    /// <summary>The failure of a call after all its tries.</summary>
    /// <param name="call">The call.</param>
    /// <param name="tried">How often it was tried, and for how long.</param>
    /// <param name="mayHaveHappened">Whether one of the tries may have had its effect.</param>
    /// <param name="last">The last try.</param>
    /// <param name="credential">The credential, so that no message repeats its secret, and a wrong form of it is reported.</param>
    public static RemoteFailureException Tell(
        BitbucketCall call, (int Tries, TimeSpan Length) tried, bool mayHaveHappened, FailedTry last, BitbucketCredential credential)
    {
        var body = Redaction.Apply(last.Body, call.Sent, credential.Secret);
        var message = Happened(call, last) + Said(last, body.Text.TrimEnd('.', ' '));
        if (tried.Tries > 1)
            message += last.Status == 429
                ? $", {TriedText.Of(tried.Tries, tried.Length)}"
                : $", after {tried.Tries} tries";
        return new RemoteFailureException(
            last is { ForToken: true, Status: >= 400 and < 500 and not 429 } ? FailureKind.Unauthenticated : last.Kind,
            mayHaveHappened && call.Nature != CallNature.Read ? Effect.Unknown : Effect.Rejected,
            message + ".",
            Hint(call, last, body, credential),
            // A refusal's own exception adds nothing; a network error's chain tells an expert more.
            last.Cause is HttpRequestException or AuthenticationException ? last.Cause : null)
            .At(BitbucketCall.Service, call.Place.ToString());
    }

    /// <summary>A call that isn't made, since Bitbucket has answered 429 to every one for a while.</summary>
    public static RemoteFailureException TellThrottled(BitbucketCall call, Effect effect, TimeSpan time) => new RemoteFailureException(
        FailureKind.Throttled, effect,
        $"Bitbucket was not asked to {call.Doing}: it has answered every call for {(int)time.TotalMinutes} minutes with 429, too many "
            + "calls.", WhenThrottled)
        .At(BitbucketCall.Service, call.Place.ToString());

    private static string Happened(BitbucketCall call, FailedTry last) => last switch
    {
        { ForToken: true } => $"Bitbucket gave the OAuth consumer no token, and without one it can't be asked to {call.Doing}",
        { Status: >= 400 and < 500 } => $"Bitbucket refused to {call.Doing}",
        { Status: > 0 } => $"Bitbucket failed to {call.Doing}",
        { Kind: FailureKind.Garbled } => $"Bitbucket was asked to {call.Doing}, and its answer can't be understood",
        _ => $"Bitbucket did not answer when asked to {call.Doing}",
    };

    private static string Said(FailedTry last, string text) => (last.Status, text) switch
    {
        (0, _) => $": {last.Detail}",
        ( < 400, _) => $" ({last.Status}, a redirect, which is never followed)",
        (_, "") => $" ({last.Status})",
        _ => $" ({last.Status}: {text})",
    };

    private static string? Hint(BitbucketCall call, FailedTry last, ErrorBody body, BitbucketCredential credential) => last switch
    {
        { Status: 401 } or { ForToken: true, Status: 400 } when CredentialForm.Doubt(credential) is var (what, hint) => $"{what} {hint}",
        { ForToken: true, Status: >= 400 and < 500 and not 429 } =>
            "Check the OAuth consumer's key and secret, and that it is marked as private, which client credentials need.",
        { Status: 401 } => "The credential is wrong, was revoked or has ended (API tokens end within a year, access tokens on a date): "
            + $"make a new one with the scope {call.Scopes}.",
        { Kind: FailureKind.AccessDenied } when body.Required.Length > 0 =>
            $"The credential needs {Listed(body.Required)}"
            + (body.Granted.Length > 0 ? $" and has {Listed(body.Granted)}." : ".") + " Make a new one with these scopes.",
        { Kind: FailureKind.AccessDenied } =>
            $"The credential needs access to {VariableAddresses.Place(call.Place)} with the scope {call.Scopes}; the workspace may also "
                + "admit certain networks only.",
        { Kind: FailureKind.NotFound } =>
            $"Bitbucket says so as well when the credential may not see {VariableAddresses.Place(call.Place)}. Check the name, that the "
                + "credential has access to it "
            + $"with the scope {call.Scopes}, and that Pipelines is enabled there.",
        { Kind: FailureKind.Throttled } => WhenThrottled,
        { Cause: ProxyRefusedException refused } => refused.Hint,
        { Status: 0, Cause: var cause } when TlsTrust.IsMissing(cause) => TlsTrust.Hint,
        { Kind: FailureKind.Unavailable or FailureKind.Garbled } =>
            "Check that Bitbucket can be reached from here, and whether it is available (bitbucket.status.atlassian.com). Then run again.",
        _ => null,
    };

    private static string Listed(IEnumerable<string> scopes) => string.Join(", ", scopes.Select(s => $"\"{s}\""));
}
