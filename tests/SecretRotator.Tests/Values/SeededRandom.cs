using System.Buffers.Binary;
using System.Security.Cryptography;
using SecretRotator.Values;

namespace SecretRotator.Tests.Values;

/// <summary>Random bytes that are the same in every run: SHA-256 over seed and counter.</summary>
internal sealed class SeededRandom(ulong seed) : IRandomSource
{
    private readonly Queue<byte> _left = new();
    private ulong _counter;

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            if (_left.Count == 0)
                Refill();
            value = _left.Dequeue();
        }
    }

    private void Refill()
    {
        var block = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(block, seed);
        BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(8), _counter++);
        foreach (var value in SHA256.HashData(block))
            _left.Enqueue(value);
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
