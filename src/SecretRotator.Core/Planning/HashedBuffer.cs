using System.Buffers;
using System.Security.Cryptography;

namespace SecretRotator.Planning;

/// <summary>Hashes what a JSON writer writes, a piece at a time, so that memory doesn't grow with it.</summary>
/// <param name="hash">What it goes into.</param>
internal sealed class HashedBuffer(IncrementalHash hash) : IBufferWriter<byte>
{
    // Most digests are made of a few hundred bytes. A writer that needs more asks for it.
    private byte[] _piece = new byte[512];

    public void Advance(int count) => hash.AppendData(_piece, 0, count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_piece.Length < sizeHint)
            _piece = new byte[sizeHint];
        return _piece;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
