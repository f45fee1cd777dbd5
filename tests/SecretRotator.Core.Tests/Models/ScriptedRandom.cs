namespace SecretRotator.Tests.Models;

/// <summary>Gives the bytes that a test wrote down, over and over. As one byte, 0 draws the shortest pause and 255 the longest.</summary>
internal sealed class ScriptedRandom(params byte[] script) : IRandomSource
{
    private int _next;

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
            value = script[_next++ % script.Length];
    }
}
