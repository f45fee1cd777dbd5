namespace SecretRotator.Sandbox.Aws;

/// <summary>
/// AWS Secrets Manager in AWS JSON 1.1, with signatures checked. What it answers follows traffic recorded on the
/// real service; account and region come from the signature, as there.
/// </summary>
internal sealed class SecretsManagerEmulator : IEmulator
{
    private const string JsonType = "application/x-amz-json-1.1";
    public const string Prefix = "secretsmanager.";
    public const string Name = "aws";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "TagResource", "UntagResource", "RotateSecret",
        "ListSecretVersionIds", "ListSecrets", "CreateSecret", "UpdateSecret", "DeleteSecret", "RestoreSecret",
    ];

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state) => new(Operation(request), Resource(request));

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        try
        {
            var caller = AwsSignature.Verify(request, "secretsmanager", state, clock);
            return Perform(Operation(request), Parse(request.Body), state.SecretsManager, caller, clock.Now);
        }
        catch (Refusal refusal)
        {
            return Refuse(refusal);
        }
    }

    /// <summary>Answers a call whose caller is known.</summary>
    public static SandboxAnswer Perform(string operation, JsonObject input, SecretsManagerState state, AwsCaller caller, DateTimeOffset now)
    {
        var call = new SecretsManagerCall(state, caller, input, now);
        try
        {
            var output = operation switch
            {
                "CreateSecret" => call.Create(),
                "DeleteSecret" => call.Delete(),
                "DescribeSecret" => call.Describe(),
                "GetSecretValue" => call.GetValue(),
                "ListSecretVersionIds" => call.ListVersions(),
                "ListSecrets" => call.List(),
                "PutSecretValue" => call.PutValue(),
                "RestoreSecret" => call.Restore(),
                "RotateSecret" => call.Rotate(),
                "TagResource" => call.Tag(),
                "UntagResource" => call.Untag(),
                "UpdateSecret" => call.Update(),
                "UpdateSecretVersionStage" => call.UpdateStage(),
                _ => throw new Refusal("UnknownOperationException", "The operation is not one that the sandbox knows."),
            };
            return SandboxAnswer.Json(200, output, JsonType) with { Changed = call.Changed };
        }
        catch (Refusal refusal)
        {
            return Refuse(refusal);
        }
    }

    public SandboxAnswer Trouble(int status) => Refuse(status switch
    {
        403 => new Refusal("AccessDeniedException", "User is not authorized to perform this operation on the resource because no "
            + "identity-based policy allows the action"),
        404 => new Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        429 => new Refusal("ThrottlingException", "Rate exceeded"),
        503 => new Refusal("ServiceUnavailableException", "Service is unavailable", 503),
        >= 500 => new Refusal("InternalServiceError", "An error occurred on the server side.", status),
        _ => new Refusal("InvalidRequestException", "The request was refused.", status),
    });

    private static string Operation(SandboxRequest request) =>
        request.Headers.GetValueOrDefault("x-amz-target") is { } target && target.StartsWith(Prefix, StringComparison.Ordinal)
            ? target[Prefix.Length..]
            : "";

    private static string Resource(SandboxRequest request)
    {
        try
        {
            var input = Parse(request.Body);
            return SecretsManagerCall.NameIn((string?)input["SecretId"] ?? (string?)input["Name"] ?? "");
        }
        catch (Exception garbled) when (garbled is Refusal or InvalidOperationException)
        {
            return "";
        }
    }

    private static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject
                ?? throw new Refusal("SerializationException", "Start of structure or map found where not expected.");
        }
        catch (JsonException)
        {
            throw new Refusal("SerializationException", "The body is no JSON.");
        }
    }

    private static SandboxAnswer Refuse(Refusal refusal)
    {
        // The errors of the service's own model say "Message", those that the platform adds say "message".
        var word = refusal.Code is "ValidationException" or "AccessDeniedException" or "ThrottlingException"
            or "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException"
            or "MissingAuthenticationTokenException"
                ? "message"
                : "Message";
        return SandboxAnswer.Json(refusal.Status, new JsonObject { ["__type"] = refusal.Code, [word] = refusal.Message }, JsonType);
    }
}
