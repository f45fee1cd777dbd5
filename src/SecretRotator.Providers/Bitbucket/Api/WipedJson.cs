using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>
/// A request's JSON that holds something secret. Disposing zeroes its buffer. Refit disposes it with its request, so each
/// try needs one of its own.
/// </summary>
internal sealed class WipedJson : ByteArrayContent
{
    private readonly Action _wipe;

    /// <summary>Takes a pinned buffer over: no one else may use it any more.</summary>
    public WipedJson(byte[] json)
        : this(json, () => CryptographicOperations.ZeroMemory(json))
    {
    }

    /// <summary>Takes a buffer over: no one else may use it any more.</summary>
    public WipedJson(SecretBuffer json)
        : this(json.Segment, json.Dispose)
    {
    }

    private WipedJson(ArraySegment<byte> json, Action wipe)
        : base(json.Array!, json.Offset, json.Count)
    {
        _wipe = wipe;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _wipe();
        base.Dispose(disposing);
    }
}
