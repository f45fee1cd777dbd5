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
        var open = Json(order);
        // The variables' array stays open for the nonce: 64 hexadecimal digits, which no JSON needs to escape.
        ReadOnlySpan<byte> begin =
            ",{\"type\":\"pipeline_variable\",\"key\":\"SECRET_ROTATOR_ATTEST_NONCE\",\"secured\":true,\"value\":\""u8, end = "\"}]}"u8;
        var whole = GC.AllocateUninitializedArray<byte>(
            open.Length + begin.Length + (2 * AttestationStep.NonceBytes) + end.Length, pinned: true);
        open.CopyTo(whole);
        begin.CopyTo(whole.AsSpan(open.Length));
        var at = open.Length + begin.Length;
#pragma warning disable RS0030 // The one place where a nonce enters a request to Bitbucket.
        order.Nonce.Reveal(whole.AsMemory(at, 2 * AttestationStep.NonceBytes), static (target, utf8) =>
        {
            utf8.CopyTo(target);
            return true;
        });
#pragma warning restore RS0030
        end.CopyTo(whole.AsSpan(at + (2 * AttestationStep.NonceBytes)));
        return new WipedJson(whole);
    }

    private static ReadOnlySpan<byte> Json(PipelineOrder order)
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
