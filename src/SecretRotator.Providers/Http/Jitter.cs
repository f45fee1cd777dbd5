using System.Buffers.Binary;

namespace SecretRotator.Providers.Http;

/// <summary>Draws pauses, so that calls that failed together don't come back together.</summary>
internal static class Jitter
{
    /// <summary>A uniformly drawn pause from zero up to <paramref name="longest"/>.</summary>
    public static TimeSpan Below(TimeSpan longest, IRandomSource random)
    {
        Span<byte> drawn = stackalloc byte[sizeof(uint)];
        random.Fill(drawn);
        return longest * (BinaryPrimitives.ReadUInt32LittleEndian(drawn) / (double)uint.MaxValue);
    }
}
