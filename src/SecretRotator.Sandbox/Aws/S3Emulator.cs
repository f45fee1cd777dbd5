using System.Security.Cryptography;
using System.Xml.Linq;

namespace SecretRotator.Sandbox.Aws;

/// <summary>
/// Amazon S3 in its REST protocol, with the bucket in the path and signatures checked. It takes bodies in one piece,
/// signed with their hash or not at all; <c>aws-chunked</c> ones are refused as not implemented.
/// </summary>
internal sealed class S3Emulator : IEmulator
{
    private const string PayloadHash = "x-amz-content-sha256";
    private const string RequestId = "5A5A5A5A00004000";

    public const string Name = "s3";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
        ["PutObject", "GetObject", "HeadObject", "ListObjectsV2", "GetObjectLockConfiguration"];

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var (bucket, key) = Place(request);
        return new CallName(Operation(request), key.Length > 0 ? $"{bucket}/{key}" : bucket);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        try
        {
            CheckPayload(request);
            var caller = Caller(request, state, clock);
            var (bucket, key) = Place(request);
            var call = new S3Call(state.S3, caller, request, bucket, key, clock.Now);
            return Operation(request) switch
            {
                "PutObject" => call.Put(),
                "GetObject" or "HeadObject" => call.Get(),
                "ListObjectsV2" => call.List(),
                "GetObjectLockConfiguration" => call.Lock(),
                _ => throw NotImplemented(),
            };
        }
        catch (Refusal refusal)
        {
            return request.Method == "HEAD" ? Refuse(refusal) with { Body = [] } : Refuse(refusal);
        }
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    public SandboxAnswer Trouble(int status) => Refuse(status switch
    {
        301 => new Refusal("PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified "
            + "endpoint. Please send all future requests to this endpoint.", 301),
        403 => new Refusal("AccessDenied", "Access Denied", 403),
        404 => new Refusal("NoSuchKey", "The specified key does not exist.", 404),
        409 => new Refusal("ConditionalRequestConflict", "The conditional request cannot succeed due to a conflicting operation "
            + "against this resource.", 409),
        412 => PreconditionFailed(),
        503 => new Refusal("SlowDown", "Please reduce your request rate.", 503),
        >= 500 => new Refusal("InternalError", "We encountered an internal error. Please try again.", status),
        _ => new Refusal("InvalidRequest", "The request was refused.", status),
    });

    public static Refusal PreconditionFailed() =>
        new("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);

    public static Refusal NotImplemented() =>
        new("NotImplemented", "A header you provided implies functionality that is not implemented", 501);

    private static string Operation(SandboxRequest request)
    {
        var ofObject = Place(request).Key.Length > 0;
        var word = request.Query.Keys.FirstOrDefault(name =>
            name is "object-lock" or "acl" or "tagging" or "retention" or "legal-hold" or "uploads" or "uploadId" or "versioning"
                or "policy");
        return (request.Method, ofObject, word) switch
        {
            ("PUT", true, null) => "PutObject",
            ("GET", true, null) => "GetObject",
            ("HEAD", true, null) => "HeadObject",
            ("GET", false, null) when request.Query.GetValueOrDefault("list-type") == "2" => "ListObjectsV2",
            ("GET", false, "object-lock") => "GetObjectLockConfiguration",
            _ => "unknown",
        };
    }

    private static (string Bucket, string Key) Place(SandboxRequest request)
    {
        var parts = request.Path.TrimStart('/').Split('/', 2);
        return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static void CheckPayload(SandboxRequest request)
    {
        if (!request.Headers.TryGetValue(PayloadHash, out var stated))
            throw new Refusal("InvalidRequest", $"Missing required header for this request: {PayloadHash}");
        if (stated.StartsWith("STREAMING-", StringComparison.Ordinal))
            throw NotImplemented();
        if (stated != AwsSignature.UnsignedPayload && stated != Convert.ToHexStringLower(SHA256.HashData(request.Body)))
            throw new Refusal(
                "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }

    private static AwsCaller Caller(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        try
        {
            return AwsSignature.Verify(request, "s3", state, clock);
        }
        catch (Refusal refusal)
        {
            // S3 has names and statuses of its own for the same refusals.
            var (code, status) = refusal.Code switch
            {
                "UnrecognizedClientException" => ("InvalidAccessKeyId", 403),
                "InvalidSignatureException" when refusal.Message.StartsWith("Signature ", StringComparison.Ordinal) =>
                    ("RequestTimeTooSkewed", 403),
                "InvalidSignatureException" when refusal.Message.StartsWith("Credential ", StringComparison.Ordinal) =>
                    ("AuthorizationHeaderMalformed", 400),
                "InvalidSignatureException" => ("SignatureDoesNotMatch", 403),
                "MissingAuthenticationTokenException" => ("AccessDenied", 403),
                "ExpiredTokenException" => ("ExpiredToken", 400),
                _ => ("AuthorizationHeaderMalformed", 400),
            };
            throw new Refusal(code, refusal.Message, status);
        }
    }

    private static SandboxAnswer Refuse(Refusal refusal)
    {
        var error = new XElement(
            "Error",
            new XElement("Code", refusal.Code),
            new XElement("Message", refusal.Message),
            new XElement("RequestId", RequestId),
            new XElement("HostId", "sandbox"));
        return new SandboxAnswer(refusal.Status, "application/xml", Encoding.UTF8.GetBytes(error.ToString(SaveOptions.DisableFormatting)))
            .With("x-amz-request-id", RequestId);
    }
}
