using System.Buffers;

namespace SecretRotator;

/// <summary>Passes on what a JSON writer writes, a piece at a time, so that memory doesn't grow with it.</summary>
/// <param name="pass">Gets an array, and how many bytes at its beginning are new.</param>
internal sealed class PieceBuffer(Action<byte[], int> pass) : IBufferWriter<byte>
{
    // Most digests are made of a few hundred bytes. A writer that needs more asks for it.
    private byte[] _piece = new byte[512];

    public void Advance(int count) => pass(_piece, count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_piece.Length < sizeHint)
            _piece = new byte[sizeHint];
        return _piece;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
