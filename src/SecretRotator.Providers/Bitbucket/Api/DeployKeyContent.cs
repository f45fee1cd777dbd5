using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>A deploy key as a request sends it. Refit disposes it with its request, so each try needs one of its own.</summary>
internal static class DeployKeyContent
{
    /// <summary>A new key.</summary>
    public static ByteArrayContent Of(string key, string label)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "deploy_key");
            json.WriteString("key", key);
            json.WriteString("label", label);
            json.WriteEndObject();
        }

        return new ByteArrayContent(buffer.WrittenSpan.ToArray())
        {
            Headers =
            { ContentType = new MediaTypeHeaderValue("application/json") }
        };
    }
}
