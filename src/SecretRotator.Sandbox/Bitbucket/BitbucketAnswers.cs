using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Answers as Bitbucket words them, in each of its shapes.</summary>
internal static class BitbucketAnswers
{
    private static readonly JsonWriterOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer with JSON.</summary>
    public static SandboxAnswer Json(int status, Action<Utf8JsonWriter> write, bool changed = false)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plainly))
            write(writer);
        return new(status, MediaTypeNames.Application.Json, stream.ToArray()) { Changed = changed };
    }

    /// <summary>A refusal by what stands in front of every service: <c>{"type":"error","error":{"message":…}}</c>.</summary>
    public static SandboxAnswer Refused(int status, string message, IReadOnlyList<string>? required = null, IReadOnlyList<string>? granted = null) =>
        Json(status, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "error");
            writer.WriteStartObject("error");
            writer.WriteString("message", message);
            if (required is not null)
            {
                writer.WriteStartObject("detail");
                WriteStrings(writer, "required", required);
                WriteStrings(writer, "granted", granted ?? []);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        });

    /// <summary>A refusal by the Pipelines service: <c>{"error":{"message":…,"detail":…,"data":…}}</c>, without a type.</summary>
    public static SandboxAnswer ByPipelines(int status, string message, string detail, string? key = null) =>
        Json(status, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteString("message", message);
            writer.WriteString("detail", detail);
            if (key is not null)
            {
                writer.WriteStartObject("data");
                writer.WriteString("key", key);
                writer.WriteStartObject("arguments");
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        });

    /// <summary>A repository or workspace that doesn't exist, or that the credential may not see: Bitbucket doesn't tell which.</summary>
    public static SandboxAnswer NoAccess(string? repository) => Refused(
        404,
        repository is null
            ? "No workspace with that identifier."
            : "You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access, make sure you are authenticated.");

    /// <summary>Something of Pipelines that doesn't exist.</summary>
    public static SandboxAnswer NotFound(string what) =>
        ByPipelines(404, "Not Found", $"Could not find the {what}.", $"rest-service.{what.Replace(' ', '-')}.not-found");

    /// <summary>The answer that the service gives with this status when it is in trouble.</summary>
    public static SandboxAnswer Trouble(int status) => status switch
    {
        429 => new(429, MediaTypeNames.Text.Plain, "Rate limit for this resource has been exceeded"u8.ToArray()),
        401 => ByPipelines(401, "Unauthorized", "The credentials were not accepted.", "rest-service.request.unauthorized"),
        403 => Refused(403, "Your credentials lack one or more required privilege scopes.", ["pipeline:variable"], ["pipeline"]),
        404 => NotFound("resource"),
        409 => ByPipelines(409, "Conflict", "A variable with the key provided already exists for account"),
        >= 500 => new(status, MediaTypeNames.Text.Html, Encoding.UTF8.GetBytes($"<!DOCTYPE html><html><head><title>Bitbucket | {status}</title></head><body>Something went wrong.</body></html>")),
        _ => Refused(status, "Bad request"),
    };

    private static void WriteStrings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
