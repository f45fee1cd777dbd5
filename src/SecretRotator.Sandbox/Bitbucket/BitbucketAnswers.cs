using System.Net.Mime;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Answers as Bitbucket words them, in each of its shapes.</summary>
internal static class BitbucketAnswers
{
    /// <summary>A refusal by what all services have in front: <c>{"type":"error","error":{"message":…}}</c>.</summary>
    public static SandboxAnswer Refused(
        int status, string message, IReadOnlyList<string>? required = null, IReadOnlyList<string>? granted = null)
    {
        var error = new JsonObject { ["message"] = message };
        if (required is not null)
            error["detail"] = new JsonObject { ["required"] = Strings(required), ["granted"] = Strings(granted ?? []) };
        return SandboxAnswer.Json(status, new JsonObject { ["type"] = "error", ["error"] = error });
    }

    /// <summary>A call that the collection doesn't have.</summary>
    public static SandboxAnswer NotAllowed() => Refused(405, "Method not allowed");

    /// <summary>A refusal by the Pipelines service: <c>{"error":{"message":…,"detail":…,"data":…}}</c>, without a type.</summary>
    public static SandboxAnswer ByPipelines(int status, string message, string detail, string? key = null)
    {
        var error = new JsonObject { ["message"] = message, ["detail"] = detail };
        if (key is not null)
            error["data"] = new JsonObject { ["key"] = key, ["arguments"] = new JsonObject() };
        return SandboxAnswer.Json(status, new JsonObject { ["error"] = error });
    }

    /// <summary>A repository or workspace that doesn't exist, or that the credential may not see: Bitbucket doesn't tell which.</summary>
    public static SandboxAnswer NoAccess(string? repository) => Refused(
        404,
        repository is null
            ? "No workspace with that identifier."
            : "You may not have access to this repository or it no longer exists in this workspace. "
                + "If you think this repository exists and you have access, make sure you are authenticated.");

    /// <summary>Something of Pipelines that doesn't exist.</summary>
    public static SandboxAnswer NotFound(string what) =>
        ByPipelines(404, "Not Found", $"Could not find the {what}.", $"rest-service.{what.Replace(' ', '-')}.not-found");

    /// <summary>The answer that the service gives with this status when it is unavailable.</summary>
    public static SandboxAnswer Trouble(int status) => status switch
    {
        429 => new(429, MediaTypeNames.Text.Plain, "Rate limit for this resource has been exceeded"u8.ToArray()),
        401 => ByPipelines(401, "Unauthorized", "The credentials were not accepted.", "rest-service.request.unauthorized"),
        403 => Refused(403, "Your credentials lack one or more required privilege scopes.", ["pipeline:variable"], ["pipeline"]),
        404 => NotFound("resource"),
        409 => ByPipelines(409, "Conflict", "A variable with the key provided already exists for account"),
        >= 500 => new(status, MediaTypeNames.Text.Html, Encoding.UTF8.GetBytes(
            $"<!DOCTYPE html><html><head><title>Bitbucket | {status}</title></head><body>Something went wrong.</body></html>")),
        _ => Refused(status, "Bad request"),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
