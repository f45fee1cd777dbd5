using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>
/// A request's JSON that holds something secret. Disposing zeroes its buffer. Refit disposes it with its request, so each
/// try needs one of its own.
/// </summary>
internal sealed class WipedJson : ByteArrayContent
{
    private readonly byte[] _json;

    /// <summary>Takes a pinned buffer over: no one else may use it any more.</summary>
    public WipedJson(byte[] json)
        : base(json)
    {
        _json = json;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_json);
        base.Dispose(disposing);
    }
}
