
using SecretRotator.Configuration;

namespace SecretRotator;

/// <summary>Says what somebody may have meant.</summary>
internal static class Suggestions
{
    /// <summary>"Did you mean …?", or null where nothing is near.</summary>
    public static string? Hint(string written, IEnumerable<string> candidates) =>
        Spelling.Closest(written, candidates) is { } close ? $"Did you mean {close}?" : null;
}
