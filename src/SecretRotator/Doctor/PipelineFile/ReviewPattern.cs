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

/// <summary>Parts of patterns that find things in shell scripts.</summary>
internal static class ShellWords
{
    /// <summary>The place of a command's name: at the beginning, behind a separator or a word that takes a command, with assignments before
    /// it or not.</summary>
    public const string CommandPosition =
        @"(?:^|[;&|(`{!]|\b(?:then|do|else|if|while|until|sudo|time|exec|command|nohup)\s)\s*(?:[A-Za-z_]\w*=[^\s;&|]*\s+)*";

    /// <summary>The name of a variable that holds a secret, by the custom of naming it so.</summary>
    public const string SecretName =
        @"[A-Za-z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|CREDENTIALS?)";

    /// <summary>The shells that take a script from their input.</summary>
    public const string Shell = @"(?:[\w./]*/)?(?:ba|da|z|k)?sh";
}
