using System.Buffers.Binary;
using System.Security.Cryptography;
using SecretRotator.Values;

namespace SecretRotator.Tests.Values;

/// <summary>Random bytes that are the same in every run: SHA-512 over seed and counter.</summary>
internal sealed class SeededRandom(ulong seed) : IRandomSource
{
    private byte[] _block = [];
    private int _used;
    private ulong _counter;

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            if (_used == _block.Length)
                Refill();
            value = _block[_used++];
        }
    }

    private void Refill()
    {
        var input = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(input, seed);
        BinaryPrimitives.WriteUInt64BigEndian(input.AsSpan(8), _counter++);
        (_block, _used) = (SHA512.HashData(input), 0);
    }
}

/// <summary>Gives the bytes that a test wrote down, over and over.</summary>
internal sealed class ScriptedRandom(params byte[] script) : IRandomSource
{
    private int _next;

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
            value = script[_next++ % script.Length];
    }
}
