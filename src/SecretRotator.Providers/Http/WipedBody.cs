using System.Security.Cryptography;

namespace SecretRotator.Providers.Http;

/// <summary>The bytes of an answer, which may hold a secret: zeroed as they are read, and when it is disposed.</summary>
internal sealed class WipedBody : Stream
{
    private byte[] _bytes = New(16 * 1024);
    private int _length;
    private int _read;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <summary>How many bytes were taken in.</summary>
    public override long Length => _length;

    /// <inheritdoc />
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>Takes in what another stream has next; false where that has ended.</summary>
    public async ValueTask<bool> FillAsync(Stream source, CancellationToken cancellation)
    {
        if (_length == _bytes.Length)
        {
            var larger = New(_bytes.Length * 4);
            _bytes.CopyTo(larger, 0);
            CryptographicOperations.ZeroMemory(_bytes);
            _bytes = larger;
        }

        var count = await source.ReadAsync(_bytes.AsMemory(_length), cancellation);
        _length += count;
        return count > 0;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        var next = _bytes.AsSpan(_read, Math.Min(buffer.Length, _length - _read));
        next.CopyTo(buffer);
        CryptographicOperations.ZeroMemory(next);
        _read += next.Length;
        return next.Length;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_bytes);
        base.Dispose(disposing);
    }

    // Pinned, so that the garbage collector leaves no copies behind.
    private static byte[] New(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
