namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Draws numbers that the same seed draws again (xorshift64*).</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15 | 1;

    /// <summary>A number from 0 to one less than <paramref name="count"/>.</summary>
    public int Below(int count)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (int)((_state * 0x2545F4914F6CDD1D >> 33) % (ulong)Math.Max(1, count));
    }

    /// <summary>One of several.</summary>
    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
