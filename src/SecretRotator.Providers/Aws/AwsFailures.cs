using System.Net;
using Amazon.Runtime;
using Amazon.SecretsManager.Model;
using Amazon.SecurityToken;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// Says what went wrong in words of our own: an SDK's message is never shown, since no one promises what it holds.
/// </summary>
internal static class AwsFailures
{
    private const string SecretsManager = "AWS Secrets Manager";
    private const string Sts = "aws-sts";
    /// <summary>What to do about a clock.</summary>
    public const string ClockHint = "This machine's clock is more than 5 minutes off, which AWS doesn't accept: set it, and run again.";

    /// <summary>What a failed call of Secrets Manager means.</summary>
    /// <param name="failure">What the SDK threw.</param>
    /// <param name="act">What was tried, such as <c>reading prod/db</c>.</param>
    /// <param name="path">The secret.</param>
    /// <param name="writes">Whether the call changes something.</param>
    public static RemoteFailureException Of(Exception failure, string act, string path, bool writes) =>
        Of(failure, act, writes, SecretsManager, answer => OfAnswer(answer, act, path, writes));

    /// <summary>What a failed call of any service means.</summary>
    /// <param name="failure">What the SDK threw.</param>
    /// <param name="act">What was tried.</param>
    /// <param name="writes">Whether the call changes something.</param>
    /// <param name="service">The service, for people.</param>
    /// <param name="ofAnswer">What a refusal of that service means.</param>
    public static RemoteFailureException Of(
        Exception failure, string act, bool writes, string service, Func<AmazonServiceException, RemoteFailureException> ofAnswer)
    {
        if (ProxyRefusedException.In(failure) is not null)
            return OfSilence(failure, act, writes, service);
        if (ExceptionChain.Of(failure).OfType<AmazonSecurityTokenServiceException>().FirstOrDefault() is { } identity)
            return OfIdentity(identity, act);
        return ExceptionChain.Of(failure).OfType<AmazonServiceException>().FirstOrDefault() switch
        {
            AmazonUnmarshallingException => Garbled(act, writes, service),
            { } answer => ofAnswer(answer),
            _ => OfSilence(failure, act, writes, service),
        };
    }

    /// <summary>An answer that isn't the service's, or isn't whole.</summary>
    public static RemoteFailureException Garbled(string act, bool writes, string service = SecretsManager) => Unclear(
        FailureKind.Garbled, writes, $"{service} answered something that can't be understood when {act}.",
        "Look for a proxy in between that answers in its place.");

    private static RemoteFailureException OfAnswer(AmazonServiceException answer, string act, string path, bool writes)
    {
        var code = Word(answer.ErrorCode);
        var said = $"AWS Secrets Manager refused {act}: {code ?? $"status {(int)answer.StatusCode}"}.";
        return answer switch
        {
            // The status goes before the code: a failing service, or another server that answers for it, may send any code.
            _ when (int)answer.StatusCode < 400 => Garbled(act, writes),
            _ when answer.StatusCode is HttpStatusCode.ServiceUnavailable && code is not null && IsThrottling(code) =>
                No(FailureKind.Throttled, said, "Wait a few minutes, then run again."),
            _ when (int)answer.StatusCode is 408 or >= 500 =>
                Unclear(FailureKind.Unavailable,
                    writes, $"AWS Secrets Manager failed when {act}: {code ?? $"status {(int)answer.StatusCode}"}.",
                    "Run again later; see https://health.aws.amazon.com/."),
            ResourceNotFoundException =>
                No(FailureKind.NotFound,
                    said, $"Check that {path} exists in this account and region, and that the role may see "
                        + $"it.{(path.StartsWith("arn:", StringComparison.Ordinal) ? " A whole ARN ends in six characters that AWS drew "
                        + "at random." : "")}"),
            InvalidRequestException when answer.Message.Contains("deletion", StringComparison.OrdinalIgnoreCase) =>
                No(FailureKind.Conflict,
                    $"{path} is scheduled for deletion, so AWS Secrets Manager refused {act}.",
                    $"Restore it (aws secretsmanager restore-secret --secret-id {path}), or remove its entry from the inventory."),
            InvalidRequestException =>
                No(FailureKind.Conflict, said, $"Look at its state: aws secretsmanager describe-secret --secret-id {path}"),
            InvalidParameterException or ResourceExistsException or PreconditionNotMetException => No(FailureKind.Conflict, said, null),
            LimitExceededException =>
                No(FailureKind.Other,
                    $"{said} A quota is used up.",
                    "A secret has at most 100 versions; AWS removes unlabelled ones after a day. Rotate it less often, and look for "
                        + "labels that someone left on old versions."),
            EncryptionFailureException or DecryptionFailureException =>
                No(FailureKind.AccessDenied,
                    said, $"Check that the KMS key of {path} is enabled and that the role may use it (kms:Decrypt, kms:GenerateDataKey)."),
            _ when code is not null && IsThrottling(code) => No(FailureKind.Throttled, said, "Wait a few minutes, then run again."),
            _ when code is not null && IsDenied(code) => No(FailureKind.AccessDenied, said, DeniedHint(code)),
            _ when code is not null && IsUnauthenticated(code) =>
                No(FailureKind.Unauthenticated, said, IsOfClock(code, answer.Message) ? ClockHint : DeniedHint(code)),
            _ when answer.StatusCode is HttpStatusCode.TooManyRequests =>
                No(FailureKind.Throttled, said, "Wait a few minutes, then run again."),
            _ when answer.StatusCode is HttpStatusCode.Unauthorized => No(FailureKind.Unauthenticated, said, DeniedHint("")),
            _ when answer.StatusCode is HttpStatusCode.Forbidden => No(FailureKind.AccessDenied, said, DeniedHint("")),
            _ => No(FailureKind.Other, said, null),
        };

        RemoteFailureException No(FailureKind kind, string message, string? hint) => new(kind, Effect.Rejected, message, hint, answer);
    }

    /// <summary>What it means that an identity could not be had, so that the call itself was never sent.</summary>
    public static RemoteFailureException OfIdentity(AmazonSecurityTokenServiceException answer, string act)
    {
        var code = Word(answer.ErrorCode) ?? $"status {(int)answer.StatusCode}";
        var unavailable = (int)answer.StatusCode is 0 or >= 500;
        var hint = code switch
        {
            _ when (int)answer.StatusCode == 0 && ExceptionChain.Of(answer).Any(TlsTrust.IsMissing) => TlsTrust.Hint,
            _ when (int)answer.StatusCode == 0 => "Check the network, proxy and firewall, then run again.",
            _ when unavailable => "Run again later; see https://health.aws.amazon.com/.",
            "InvalidIdentityToken" or "InvalidIdentityTokenException"
                when answer.Message.Contains("audience", StringComparison.OrdinalIgnoreCase) =>
                "Add the token's audience (ari:cloud:bitbucket::workspace/UUID) to the client ids of the identity provider in IAM.",
            "InvalidIdentityToken" or "InvalidIdentityTokenException" =>
                "Register the workspace's OIDC issuer "
                    + "(https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc) as an identity provider in "
                    + "IAM, in the account of the role.",
            "ExpiredTokenException" =>
                "The step outlived its token, and no step gets a second one. Start the pipeline again: the next run finishes or undoes "
                    + "what this one left open. "
                    + "If it happens again, set the step's max-time below the token's life (secret-rotator doctor tells it), or split "
                    + "the inventory over steps with --shard.",
            "ExpiredToken" => "The credentials that take on the role have ended. Log in again.",
            "AccessDenied" or "AccessDeniedException" =>
                "Check that the step has `oidc: true`, that the role's ARN is right, and that its trust policy admits this repository "
                    + "and environment.",
            "IDPCommunicationError" => "AWS could not reach Bitbucket's OIDC issuer. Run again in a minute.",
            _ => "Check the role and the identity that takes it on.",
        };
        return new RemoteFailureException(
            unavailable ? FailureKind.Unavailable : FailureKind.Unauthenticated, Effect.Rejected,
            $"No AWS identity for {act}: STS "
                + $"{((int)answer.StatusCode == 0 ? "gave no answer" : $"answered {code}")}{(code == "ExpiredTokenException" ? ", because the step's token has ended" : "")}.", hint, answer).At(Sts, null);
    }

    /// <summary>What it means that no answer came.</summary>
    public static RemoteFailureException OfSilence(Exception failure, string act, bool writes, string service = SecretsManager)
    {
        // Nothing was sent, not even by way of the service that gives identities, and no further try gets through.
        if (ProxyRefusedException.In(failure) is { } refused)
            return new RemoteFailureException(
                FailureKind.ProxyRefused, Effect.Rejected, $"{service} can't be reached when {act}: {refused.Message}.", refused.Hint,
                refused);
        if (ExceptionChain.Of(failure).OfType<ProxyUnreachableException>().FirstOrDefault() is { } unreachable)
            return new RemoteFailureException(
                FailureKind.Unavailable, Effect.Rejected, $"{service} can't be reached when {act}: {unreachable.Message}.",
                "Check HTTPS_PROXY, then run again.", unreachable);
        if (ExceptionChain.Of(failure).Any(TlsTrust.IsMissing))
            return Unclear(
                FailureKind.Unavailable, writes,
                $"The certificate of {service} isn't trusted, or no TLS connection was established, when {act}.", TlsTrust.Hint, failure);
        if (ExceptionChain.Of(failure)
            .Any(inner => inner is HttpRequestException or IOException or WebException or OperationCanceledException or TimeoutException))
            return Unclear(
                FailureKind.Unavailable, writes, $"{service} gave no answer when {act}.",
                "Check the network, proxy and firewall, then run again.", failure);

        // Only what says so was never sent. Whatever else a library may throw says nothing of the call.
        return ExceptionChain.Of(failure).OfType<NoAwsIdentityException>().FirstOrDefault() is not { } none
            ? Garbled(act, writes, service)
            : new RemoteFailureException(
                FailureKind.Unauthenticated, Effect.Rejected, $"No AWS identity for {act}: {none.Why}.",
                none.Hint ?? "In a pipeline, set `oidc: true` and a role. Elsewhere, log in with the AWS CLI or set AWS_PROFILE.", failure);
    }

    private static RemoteFailureException Unclear(FailureKind kind, bool writes, string message, string hint, Exception? inner = null) =>
        new(kind, writes ? Effect.Unknown : Effect.Rejected, message, hint, inner);

    /// <summary>Whether a code says that there were too many calls.</summary>
    public static bool IsThrottling(
        string code) => code is "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled"
        or "RequestThrottledException" or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown"
        or "ProvisionedThroughputExceededException";

    /// <summary>Whether a code says that an identity may not do this.</summary>
    public static bool IsDenied(string code) =>
        code is "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "NotAuthorized" or "OptInRequired";

    /// <summary>Whether a code says that there is no such identity, or that the request isn't signed by it.</summary>
    public static bool IsUnauthenticated(string code) => code is "UnrecognizedClientException" or "InvalidClientTokenId"
        or "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignatureException"
        or "MissingAuthenticationTokenException" or "MissingAuthenticationToken" or "ExpiredTokenException" or "ExpiredToken"
        or "RequestExpired";

    /// <summary>Whether a refusal is about the time of a signature
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).</summary>
    public static bool IsOfClock(string code, string message) =>
        code is "RequestExpired" || message.StartsWith("Signature expired", StringComparison.Ordinal)
            || message.StartsWith("Signature not yet current", StringComparison.Ordinal);

    private static string DeniedHint(string code) => code switch
    {
        "ExpiredTokenException" or "ExpiredToken" => "The credentials have expired. Start the step again, or log in again.",
        "InvalidSignatureException" or "SignatureDoesNotMatch" => "The secret access key is wrong, or this machine's clock is.",
        "UnrecognizedClientException" or "InvalidClientTokenId" =>
            "AWS doesn't know these credentials: check the access key and its session token.",
        _ => "Check that the role's policy allows the secretsmanager: action on this secret (docs/aws.md lists what is needed).",
    };

    /// <summary>An error's code, which is a word; null for anything else in its place, which is not repeated to people.</summary>
    public static string? Word(string? code) => code is { Length: > 0 and <= 64 } && code.All(char.IsAsciiLetterOrDigit) ? code : null;
}
