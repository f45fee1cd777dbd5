using System.Buffers;

namespace SecretRotator;

/// <summary>
/// Passes on what a JSON writer writes, a piece at a time: given the stream itself, the writer would keep everything in memory till its
/// end.
/// </summary>
/// <param name="stream">Where it goes.</param>
internal sealed class StreamBuffer(Stream stream) : IBufferWriter<byte>
{
    // Most digests are made of a few hundred bytes. A writer that needs more asks for it.
    private byte[] _piece = new byte[512];

    public void Advance(int count) => stream.Write(_piece, 0, count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_piece.Length < sizeHint)
            _piece = new byte[sizeHint];
        return _piece;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
