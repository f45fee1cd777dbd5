using System.Buffers;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.SecretsManager.Model;

namespace Amazon.SecretsManager.Internal;

/// <summary>Writes a request as AWS JSON 1.1.</summary>
internal sealed class JsonRequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    // Large enough for most secrets: a buffer that must grow leaves its old self behind, with the secret in it.
    private const int RoomForMostRequests = 8 * 1024;

    public static JsonRequestMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var asked = (AmazonSecretsManagerRequest)input;
        var buffer = new ArrayBufferWriter<byte>(Math.Max(RoomForMostRequests, asked.SecretRoom));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            asked.Write(writer);
            writer.WriteEndObject();
        }

        var request = new DefaultRequest(asked, "Amazon.SecretsManager")
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = buffer.WrittenSpan.ToArray(),
        };
        buffer.Clear();
        request.Headers["X-Amz-Target"] = "secretsmanager." + asked.Operation;
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        request.Headers[Amazon.Util.HeaderKeys.XAmzApiVersion] = "2017-10-17";
        return request;
    }
}
