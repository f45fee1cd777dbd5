using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json.Nodes;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>A body without secrets. Refit disposes it with its request, so each try needs one of its own.</summary>
internal static class JsonBody
{
    /// <summary>The body as a request sends it.</summary>
    public static ByteArrayContent Of(JsonNode json) => new(Encoding.UTF8.GetBytes(json.ToJsonString()))
    {
        Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) },
    };

    /// <summary>A custom pipeline on a branch. Without the <c>type</c> Bitbucket answers 400.</summary>
    public static JsonObject Target(string branch, string pipeline) => new()
    {
        ["type"] = "pipeline_ref_target",
        ["ref_type"] = "branch",
        ["ref_name"] = branch,
        ["selector"] = new JsonObject { ["type"] = "custom", ["pattern"] = pipeline },
    };
}
