using Amazon.Runtime;
using SecretRotator.Backends;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Aws.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.AwsIam;

/// <summary>Says what a failed call about a user's keys means, in words of our own.</summary>
/// <param name="definition">Whose keys.</param>
internal sealed class AwsIamFailures(AwsIamDefinition definition)
{
    /// <summary>The code for a third key.</summary>
    public const string LimitExceeded = "LimitExceeded";

    private const string Iam = "AWS IAM";
    private const string Sts = "STS";
    private const string Id = "aws-iam";

    /// <summary>What an exception of the library means.</summary>
    /// <param name="failure">What it threw.</param>
    /// <param name="act">What was tried, such as <c>listing the access keys of ci-deploy</c>.</param>
    /// <param name="action">The action that the policy must allow, such as <c>iam:ListAccessKeys</c>.</param>
    /// <param name="writes">Whether the call changes something.</param>
    public RemoteFailureException Of(Exception failure, string act, string action, bool writes) =>
        AwsFailures.Of(failure, act, writes, Iam, answer => OfAnswer(answer, act, action, writes)).At(Id, definition.Place);

    /// <summary>An answer that isn't IAM's, or isn't whole.</summary>
    public RemoteFailureException Garbled(string act, bool writes) => AwsFailures.Garbled(act, writes, Iam).At(Id, definition.Place);

    /// <summary>IAM's own code for a refusal, or null.</summary>
    public static string? CodeOf(RemoteFailureException failure) => (failure.InnerException as AmazonServiceException)?.ErrorCode;

    /// <summary>What it means that STS didn't tell whose key it is.</summary>
    /// <remarks>
    /// A key that is unknown, deleted or deactivated: InvalidClientTokenId. One whose secret is another: SignatureDoesNotMatch, which a
    /// wrong clock has too. No policy can deny the question
    /// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
    /// </remarks>
    public Proof OfProof(Exception failure, SlotId key)
    {
        var act = $"proving the access key {key} of {definition.UserName}";
        if (ExceptionChain.Of(failure).OfType<AmazonServiceException>().FirstOrDefault() is not { } answer
            || (int)answer.StatusCode == 0)
            return Unknown(AwsFailures.OfSilence(failure, act, writes: false, Sts));
        var code = AwsFailures.Word(answer.ErrorCode);
        var said = $"{Sts} answered {code ?? $"status {(int)answer.StatusCode}"} when {act}.";
        return ((int)answer.StatusCode, code) switch
        {
            _ when answer is AmazonUnmarshallingException => Unknown(AwsFailures.Garbled(act, writes: false, Sts)),
            (403, "SignatureDoesNotMatch") when AwsFailures.IsOfClock(code, answer.Message) =>
                Unknown(new(FailureKind.Unauthenticated, Effect.Rejected, said, AwsFailures.ClockHint)),
            (403, "InvalidClientTokenId" or "SignatureDoesNotMatch") => new Proof(
                Acceptance.Refused,
                new Failure(
                    FailureKind.Unauthenticated,
                    said,
                    code == "SignatureDoesNotMatch"
                        ? "The key exists, and the secret in the vault isn't its secret."
                        : $"The key was deactivated or deleted, or is too new: aws iam list-access-keys --user-name {definition.UserName}")
                    .At(Id, definition.Place)),
            (429, _) or (_, "Throttling" or "ThrottlingException") =>
                Unknown(new(FailureKind.Throttled, Effect.Rejected, said, "Wait a few minutes, then run again.")),
            (408 or >= 500, _) => Unknown(new(FailureKind.Unavailable, Effect.Rejected, said, "Run again later.")),
            _ => Unknown(new(
                FailureKind.Other, Effect.Rejected, said,
                "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html says what that is.")),
        };
    }

    /// <summary>What it means that STS knows the key, as that of someone else.</summary>
    public Proof OfAnother(SlotId key, string? arn) => Unknown(
        arn is null
            ? AwsFailures.Garbled($"proving the access key {key} of {definition.UserName}", writes: false, Sts)
            : new RemoteFailureException(
                FailureKind.Conflict,
                Effect.Rejected,
                $"The access key {key} is one of {arn}, and not of {definition.Arn}.",
                "Correct the user in the inventory, or the key in the vault."));

    private Proof Unknown(RemoteFailureException why) => new(Acceptance.Unknown, why.At(Id, definition.Place).Failure);

    private RemoteFailureException OfAnswer(AmazonServiceException answer, string act, string action, bool writes)
    {
        var code = AwsFailures.Word(answer.ErrorCode) ?? "";
        var status = (int)answer.StatusCode;
        var said = $"{Iam} refused {act}: {(code.Length > 0 ? code : $"status {status}")}.";
        return (code, status) switch
        {
            // The status goes before the code: a failing service, or another server that answers for it, may send any code.
            (_, < 400) => AwsFailures.Garbled(act, writes, Iam),
            (_, 408 or >= 500) when status != 503 || !AwsFailures.IsThrottling(code) => new(
                FailureKind.Unavailable,
                writes ? Effect.Unknown : Effect.Rejected,
                $"{Iam} failed when {act}: {(code.Length > 0 ? code : $"status {status}")}.",
                "Run again later; see https://health.aws.amazon.com/.",
                answer),
            (_, 429) => No(FailureKind.Throttled, "Wait a few minutes, then run again."),
            _ when AwsFailures.IsThrottling(code) => No(FailureKind.Throttled, "Wait a few minutes, then run again."),
            ("NoSuchEntity", _) => No(
                FailureKind.NotFound,
                $"Check that the user {definition.UserName} exists: aws iam list-access-keys --user-name {definition.UserName}"),
            (LimitExceeded or "EntityTemporarilyUnmodifiable", _) => No(FailureKind.Conflict, null),
            _ when AwsFailures.IsOfClock(code, answer.Message) => No(FailureKind.Unauthenticated, AwsFailures.ClockHint),
            _ when AwsFailures.IsUnauthenticated(code) => No(
                FailureKind.Unauthenticated, "AWS doesn't take the identity that changes keys: check the role, or log in again."),
            (_, 401 or 403) => new(FailureKind.AccessDenied, Effect.Rejected, said, Missing(action, answer), answer),
            _ => No(FailureKind.Other, null),
        };

        RemoteFailureException No(FailureKind kind, string? hint) => new(kind, Effect.Rejected, said, hint, answer);
    }

    private string Missing(string action, AmazonServiceException answer)
    {
        var because = AwsDenial.Of(new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, "", null, answer))?.Because;
        return $"Allow {action} on {definition.Arn} for "
            + $"{definition.Role ?? "the identity in use"}{(because is null ? "" : $" ({because})")}. "
            + "secret-rotator doctor trust --for aws writes the whole policy.";
    }
}
