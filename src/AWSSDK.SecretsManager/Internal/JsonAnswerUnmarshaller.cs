using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;
using Amazon.SecretsManager.Model;

namespace Amazon.SecretsManager.Internal;

/// <summary>Reads an answer in AWS JSON 1.1, and wipes what it read it from.</summary>
/// <param name="read">Makes the answer of a JSON object.</param>
/// <param name="maySayNothing">Whether the operation has no output, so that the service may leave the body empty.</param>
internal sealed class JsonAnswerUnmarshaller<TResponse>(Func<JsonElement, TResponse> read, bool maySayNothing) : JsonResponseUnmarshaller
    where TResponse : AmazonWebServiceResponse
{
    // Of two members with one name readers take either: such an answer isn't understood.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        var body = Drain(input.Stream);
        try
        {
            using var document = JsonDocument.Parse(maySayNothing && body.IsEmpty ? "{}"u8.ToArray() : body, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw new FormatException();
        }
        catch (Exception garbled)
            when (garbled is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            // Neither the body nor the parser's words: both may hold a part of a secret.
            throw new AmazonUnmarshallingException(
                input.ResponseData.GetHeaderValue("x-amzn-RequestId"), null, null, input.ResponseData.StatusCode);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body.Span);
        }
    }

    public override AmazonServiceException UnmarshallException(
        JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var (type, message) = ReadError(Drain(input.Stream));
        type ??= input.ResponseData.GetHeaderValue("x-amzn-ErrorType");
        var code = string.IsNullOrEmpty(type) ? null : type[(type.LastIndexOf('#') + 1)..].Split(':')[0];
        message ??= code is null ? $"The service answered {(int)statusCode}." : $"The service answered {code}.";
        return Of(code, message, innerException, input.ResponseData.GetHeaderValue("x-amzn-RequestId"), statusCode);
    }

    private static AmazonSecretsManagerException Of(
        string code, string message, Exception inner, string requestId, HttpStatusCode status) => code switch
        {
            "DecryptionFailure" => new DecryptionFailureException(message, inner, ErrorType.Unknown, code, requestId, status),
            "EncryptionFailure" => new EncryptionFailureException(message, inner, ErrorType.Unknown, code, requestId, status),
            "InternalServiceError" => new InternalServiceErrorException(message, inner, ErrorType.Unknown, code, requestId, status),
            "InvalidNextTokenException" => new InvalidNextTokenException(message, inner, ErrorType.Unknown, code, requestId, status),
            "InvalidParameterException" => new InvalidParameterException(message, inner, ErrorType.Unknown, code, requestId, status),
            "InvalidRequestException" => new InvalidRequestException(message, inner, ErrorType.Unknown, code, requestId, status),
            "LimitExceededException" => new LimitExceededException(message, inner, ErrorType.Unknown, code, requestId, status),
            "MalformedPolicyDocumentException" =>
                new MalformedPolicyDocumentException(message, inner, ErrorType.Unknown, code, requestId, status),
            "PreconditionNotMetException" => new PreconditionNotMetException(message, inner, ErrorType.Unknown, code, requestId, status),
            "ResourceExistsException" => new ResourceExistsException(message, inner, ErrorType.Unknown, code, requestId, status),
            "ResourceNotFoundException" => new ResourceNotFoundException(message, inner, ErrorType.Unknown, code, requestId, status),
            _ => new AmazonSecretsManagerException(message, inner, ErrorType.Unknown, code, requestId, status),
        };

    private static (string Type, string Message) ReadError(Memory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? (root.Text("__type"), root.Text("message") ?? root.Text("Message"))
                : (null, null);
        }
        catch (Exception garbled) when (garbled is JsonException or InvalidOperationException)
        {
            return (null, null);
        }
    }

    private static Memory<byte> Drain(Stream stream)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (stream.Read(buffer.AsSpan(length)) is var count and > 0)
        {
            length += count;
            if (length < buffer.Length)
                continue;
            var larger = new byte[buffer.Length * 4];
            buffer.CopyTo(larger, 0);
            CryptographicOperations.ZeroMemory(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(0, length);
    }
}
