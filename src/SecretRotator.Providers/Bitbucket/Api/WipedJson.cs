using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>
/// A request's JSON that holds something secret. Disposing zeroes its buffer. Refit disposes it with its request, so each
/// try needs one of its own.
/// </summary>
internal sealed class WipedJson : HttpContent
{
    private readonly byte[] _json;

    /// <summary>Takes a pinned buffer over: no one else may use it any more.</summary>
    public WipedJson(byte[] json)
    {
        _json = json;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_json).AsTask();

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_json, cancellationToken).AsTask();

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_json);
        base.Dispose(disposing);
    }
}
