
using SecretRotator.Values;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>Draws the same byte again and again: 0 for the shortest pause, 255 for the longest.</summary>
internal sealed class FixedRandom(byte drawn) : IRandomSource
{
    public void Fill(Span<byte> bytes) => bytes.Fill(drawn);
}
