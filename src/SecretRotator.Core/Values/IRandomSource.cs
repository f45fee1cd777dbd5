using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>Where random bytes come from. Production uses <see cref="SystemRandom"/> and nothing else.</summary>
public interface IRandomSource
{
    /// <summary>Fills <paramref name="bytes"/> with independent, uniformly distributed bytes.</summary>
    void Fill(Span<byte> bytes);
}

/// <summary>The operating system's cryptographically secure generator.</summary>
public sealed class SystemRandom : IRandomSource
{
    /// <inheritdoc />
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
