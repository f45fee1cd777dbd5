using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>
/// The map that instrumented code counts its branches in, and what of it was seen before. Counts are told apart as AFL
/// does: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private static readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Branches that any input took.</summary>
    public int Edges { get; private set; }

    /// <summary>Gives counting code its map, before the first such code runs.</summary>
#pragma warning disable CA2255 // Nothing else comes before the static fields that use the product.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Open() => Trace.SharedMem = _map;

    /// <summary>Forgets the last run.</summary>
    public void Begin()
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last run took a branch that none took before, or another number of times.</summary>
    public bool IsNew()
    {
        var isNew = false;
        foreach (var word in new Span<ulong>(_map, Size / sizeof(ulong)))
        {
            if (word != 0)
            {
                isNew |= Merge();
                break;
            }
        }

        return isNew;
    }

    private bool Merge()
    {
        var isNew = false;
        var words = new Span<ulong>(_map, Size / sizeof(ulong));
        for (var w = 0; w < words.Length; w++)
        {
            if (words[w] == 0)
                continue;
            for (var at = w * sizeof(ulong); at < (w + 1) * sizeof(ulong); at++)
            {
                if (_map[at] == 0 || (_seen[at] & Bucket(_map[at])) != 0)
                    continue;
                Edges += _seen[at] == 0 ? 1 : 0;
                _seen[at] |= Bucket(_map[at]);
                isNew = true;
            }
        }

        return isNew;
    }

    private static byte Bucket(byte count) => count switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
