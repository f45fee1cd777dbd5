using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Tells values of secrets from what is written instead of them: names, paths, files, and words to be filled in.</summary>
internal static class SecretValueShape
{
    private const int ShortestSecret = 8;
    private const string Word = @"[A-Za-z][a-z]*(?:[-_.][a-z]+)*[-_.]?\d{0,4}";

    /// <summary>Whether a text that is given to a name looks like the value itself. One whose issuer's shape gives it away is found
    /// elsewhere.</summary>
    public static bool Matches(string name, string value) =>
        value.Length >= ShortestSecret && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter)
            && value[0] is not ('/' or '.' or '~' or '<' or '$' or '%' or '-' or '[' or '@' or '{' or '*')
        && !value.Contains("://", StringComparison.Ordinal) && !value.Contains("...", StringComparison.Ordinal)
        && !value.Contains("${", StringComparison.Ordinal) && SecretLiteral.KnownShapeIn(value) is null
        && !References.IsMatch(value) && !Blanks.IsMatch(value) && !(HoldsNames.IsMatch(name) && Words.IsMatch(value));

    // ARNs; identifiers and settings; paths of words; another variable's name; files.
    private static readonly Regex References = ReviewPattern.Of(
        @"^(?:arn:aws|id=|type=|env=|src=|file:|vault:|ssm:|projects/)"
        + @"|^(?:" + Word + "/)+" + Word + @"(?:[:#@][A-Za-z_][\w-]*)?\z"
        + @"|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\z"
        + @"|\.(?:json|txt|pem|key|crt|cer|p8|p12|pfx|jks|env|ya?ml|ini|gpg|enc)\z");

    private static readonly Regex Blanks = ReviewPattern.Of(
        @"(?i:dummy|fake|change[-_]?me|placeholder|example|your[-_]|redacted)|\{\{|^__.*__\z|^xxx");

    // A variable called SECRET or CREDENTIALS may hold the name of one.
    private static readonly Regex HoldsNames = ReviewPattern.Of("(?:SECRET|CREDENTIALS?)$", RegexOptions.IgnoreCase);

    private static readonly Regex Words = ReviewPattern.Of(@"^[a-z]+(?:[-_.][a-z0-9]{1,16})+\z");
}
