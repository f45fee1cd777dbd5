using System.Text.RegularExpressions;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// The patterns of the review. Only <c>doctor</c> needs them, so they are parsed when it runs: source generated for them would be
/// 2 % of the binary.
/// </summary>
internal static class ReviewPattern
{
    // Hostile files make a pattern slow, never endless.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A pattern in which only groups with names capture.</summary>
    /// <param name="text">The pattern. A match that takes 20 seconds throws <see cref="RegexMatchTimeoutException"/>.</param>
    /// <param name="options">Further options.</param>
    public static Regex Of(string text, RegexOptions options = RegexOptions.None) =>
        new(text, options | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience);
}
