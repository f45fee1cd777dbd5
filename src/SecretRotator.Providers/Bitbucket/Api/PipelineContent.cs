using System.Text.Json.Nodes;
using SecretRotator.Attestations;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>
/// A request to run a custom pipeline that proves what its step sees. The nonce goes into one pinned buffer and never
/// becomes a string.
/// </summary>
internal static class PipelineContent
{
    /// <summary>The request: where and what to run, and the step's three variables.</summary>
    public static WipedJson Of(PipelineOrder order)
    {
        var json = new SecretBuffer(1024);
        json.Append(Open(order));
        json.Append(",{\"type\":\"pipeline_variable\",\"key\":\"SECRET_ROTATOR_ATTEST_NONCE\",\"secured\":true,\"value\":"u8);
#pragma warning disable RS0030 // The one place where a nonce enters a request to Bitbucket.
        order.Nonce.Reveal(json, static (json, utf8) => JsonSecret.AppendString(json, utf8.Span));
#pragma warning restore RS0030
        json.Append("}]}"u8);
        return new WipedJson(json);
    }

    // The variables' array stays open for the nonce.
    private static ReadOnlySpan<byte> Open(PipelineOrder order)
    {
        var json = new JsonObject
        {
            ["type"] = "pipeline",
            ["target"] = JsonBody.Target(order.Branch, order.Pipeline),
            ["variables"] = new JsonArray(
                Variable(AttestationStep.RunVariable, order.Run.Value),
                Variable(AttestationStep.KeysVariable, string.Join(' ', order.Keys))),
        };
        return Encoding.UTF8.GetBytes(json.ToJsonString()).AsSpan()[..^"]}"u8.Length];
    }

    private static JsonObject Variable(string key, string value) =>
        new() { ["type"] = "pipeline_variable", ["key"] = key, ["value"] = value };
}
