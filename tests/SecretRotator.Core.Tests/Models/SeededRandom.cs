namespace SecretRotator.Tests.Models;

/// <summary>Random bytes that are the same for the same seed. Worthless as secrets, which is all that they are used for here.</summary>
internal sealed class SeededRandom(ulong seed) : IRandomSource
{
    private ulong _state = Mix(seed);

    /// <summary>A number that depends on all of the given ones and looks like any other (SplitMix64).</summary>
    public static ulong Mix(params ReadOnlySpan<ulong> numbers)
    {
        var mixed = 0x9E3779B97F4A7C15UL;
        foreach (var number in numbers)
        {
            mixed += number + 0x9E3779B97F4A7C15UL;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            mixed ^= mixed >> 31;
        }

        return mixed;
    }

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
            value = (byte)(Next() >> 24);
    }

    public ulong Next() => _state = Mix(_state);

    /// <summary>From 0 up to, and without, <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>True in so many of a thousand cases.</summary>
    public bool Happens(int permille) => Below(1000) < permille;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
}
