using Amazon.Runtime;

namespace SecretRotator.Providers.Aws;

/// <summary>Says what a failed call of S3 means, in words of our own.</summary>
/// <param name="location">Where evidence is kept.</param>
/// <param name="region">The region that was asked.</param>
/// <param name="rules">How it is kept.</param>
internal sealed class S3Failures(S3Location location, string region, S3Rules rules)
{
    private const string Service = "S3";
    private const string Id = "aws-s3";
    private const string SetUp = "docs/evidence.md tells how to set a bucket up.";

    private string Partition =>
        region.StartsWith("cn-", StringComparison.Ordinal)
            ? "aws-cn"
            : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";

    private string BucketArn => $"arn:{Partition}:s3:::{location.Bucket}";

    /// <summary>What an exception of the library means.</summary>
    /// <param name="failure">What it threw.</param>
    /// <param name="act">What was tried, such as <c>storing s3://acme-evidence/a.jsonl</c>.</param>
    /// <param name="action">The action that the policy must allow, such as <c>s3:PutObject</c>.</param>
    public RemoteFailureException Of(Exception failure, string act, string action)
    {
        var writes = action == S3Archive.PutAction;
        return AwsFailures.Of(failure, act, writes, Service, answer => OfAnswer(answer, act, action, writes)).At(Id, location.Bucket);
    }

    /// <summary>An answer that isn't S3's, or isn't whole.</summary>
    public static RemoteFailureException Garbled(string act, string action) =>
        AwsFailures.Garbled(act, action == S3Archive.PutAction, Service);

    /// <summary>An answer of a store that keeps no checksums, or behind something that drops them.</summary>
    public static RemoteFailureException WithoutChecksum(string act) => new(
        FailureKind.Other,
        Effect.Unknown,
        $"The answer to {act} doesn't repeat the SHA-256 that was sent (x-amz-checksum-sha256), so nothing shows that the file is there "
            + "as it was sent.",
        "The store behind this address keeps no checksums, or a gateway drops them. Keep evidence in S3 itself, in a store that answers "
            + "with them, or in a directory (--evidence DIR).");

    private RemoteFailureException OfAnswer(AmazonServiceException answer, string act, string action, bool writes)
    {
        var code = AwsFailures.Word(answer.ErrorCode);
        var status = (int)answer.StatusCode;
        var said = $"S3 refused {act}: {code ?? $"status {status}"}.";
        return (code, status) switch
        {
            (_, < 300) => Garbled(act, action),
            ("PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "TemporaryRedirect", _)
                or (_, < 400) => No(
                FailureKind.Other,
                $"The bucket {location.Bucket} isn't in {region}, so S3 refused {act}.",
                $"Set s3.region to the bucket's region (aws s3api get-bucket-location --bucket {location.Bucket} shows it; null means "
                    + "us-east-1)."),
            (_, 503) or ("SlowDown", _) or (_, 429) => No(FailureKind.Throttled, said, "Wait a few minutes, then run again."),
            ("RequestTimeout", _) or (_, 408 or >= 500) =>
                new(FailureKind.Unavailable,
                    writes ? Effect.Unknown : Effect.Rejected, $"S3 failed at {act}: {code ?? $"status {status}"}.",
                    "Run again later; see https://health.aws.amazon.com/.", answer),
            ("NoSuchBucket", _) =>
                No(FailureKind.NotFound,
                    $"There is no bucket {location.Bucket}, so S3 refused {act}.", $"Correct the name, or create it: {SetUp}"),
            ("NoSuchKey", _) or (_, 404) => No(FailureKind.NotFound, said, "Check the name: aws s3 ls shows what is there."),
            (_, 409) => No(FailureKind.Unavailable, $"Another write got in the way of {act}: {code ?? "status 409"}.", "Run again."),
            (_, 412) => No(FailureKind.Conflict, said, null),
            ("InvalidRequest" or "InvalidArgument", 400) when writes && rules.RetainDays is not null => No(
                FailureKind.Other, said, $"s3.retainDays needs a bucket with Object Lock: turn it on, or take the setting out. {SetUp}"),
            ("ExpiredToken" or "ExpiredTokenException", _) =>
                No(FailureKind.Unauthenticated, said, "The credentials have expired. Start the step again, or log in again."),
            ("RequestTimeTooSkewed", _) =>
                No(FailureKind.Unauthenticated, said, "Set this machine's clock: S3 takes requests within 15 minutes only."),
            ("SignatureDoesNotMatch", _) =>
                No(FailureKind.Unauthenticated, said, "The secret access key is wrong, or this machine's clock is."),
            ("InvalidAccessKeyId" or "InvalidToken", _) =>
                No(FailureKind.Unauthenticated, said, "AWS doesn't know these credentials: check the access key and its session token."),
            (_, 401 or 403) => No(FailureKind.AccessDenied, said, Missing(action)),
            _ when answer.ErrorCode?.StartsWith("KMS.", StringComparison.Ordinal) == true => No(
                FailureKind.AccessDenied, $"The KMS key of {location.Bucket} can't be used, so S3 refused {act}.",
                "Check that the key exists in the bucket's region, is enabled, and that its policy admits the role."),
            _ => No(FailureKind.Other, said, null),
        };

        RemoteFailureException No(FailureKind kind, string message, string? hint) => new(kind, Effect.Rejected, message, hint, answer);
    }

    private string Missing(string action)
    {
        var resource = action == S3Archive.ListAction ? BucketArn : $"{BucketArn}/{location.Prefix}*";
        var also = action != S3Archive.PutAction ? ""
            : rules.RetainDays is not null ? $" and s3:PutObjectRetention"
            : "";
        return $"Allow {action}{also} on {resource}; with a KMS key, kms:GenerateDataKey and kms:Decrypt on the key too. {SetUp}";
    }
}
