namespace SecretRotator.Sandbox.Google;

/// <summary>Refusals as Google writes them.</summary>
internal static class GoogleAnswers
{
    /// <summary>In OAuth's form.</summary>
    public static SandboxAnswer OAuth(Refusal refusal) => SandboxAnswer.Json(
        refusal.Status, new JsonObject { ["error"] = refusal.Code, ["error_description"] = refusal.Message });

    /// <summary>In that of Google's APIs (https://google.aip.dev/193).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">Such as <c>PERMISSION_DENIED</c>.</param>
    /// <param name="message">What people read.</param>
    /// <param name="reason">What programs read, such as <c>IAM_PERMISSION_DENIED</c>; null for none.</param>
    /// <param name="domain">Whose reason it is.</param>
    /// <param name="permission">The permission that was missing, or null.</param>
    public static SandboxAnswer Refused(
        int status, string code, string message, string? reason = null, string domain = "googleapis.com", string? permission = null)
    {
        var error = new JsonObject { ["code"] = status, ["message"] = message, ["status"] = code };
        if (reason is not null)
        {
            var info = new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = reason,
                ["domain"] = domain,
            };
            if (permission is not null)
                info["metadata"] = new JsonObject { ["permission"] = permission };
            error["details"] = new JsonArray(info);
        }

        return SandboxAnswer.Json(status, new JsonObject { ["error"] = error });
    }

    /// <summary>What an API answers when it is unavailable.</summary>
    public static SandboxAnswer Trouble(int status) => status switch
    {
        400 => Refused(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
        401 => Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        403 => Refused(403, "PERMISSION_DENIED", "The caller does not have permission", "IAM_PERMISSION_DENIED"),
        404 => Refused(404, "NOT_FOUND", "Requested entity was not found."),
        429 => Refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded."),
        503 => Refused(503, "UNAVAILABLE", "The service is currently unavailable."),
        _ => Refused(status, "INTERNAL", "Internal error encountered."),
    };
}
