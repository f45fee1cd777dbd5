using System.Text.RegularExpressions;

namespace SecretRotator.Configuration;

/// <summary>
/// What a text without quotes means in YAML 1.2 (section 10.3.2), which editors go by: the parser refuses a number
/// where a text must be, so that it never reads a file otherwise than an editor with the schema shows it.
/// </summary>
internal static partial class CoreSchema
{
    public static bool IsNull(string plain) => plain is "" or "~" or "null" or "Null" or "NULL";

    public static bool? Truth(string plain) => plain switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    public static bool IsNumber(string plain) => Number().IsMatch(plain);

    /// <summary>What a text is, for messages, where it isn't a text.</summary>
    public static string? NameOfOther(string plain) =>
        IsNull(plain) ? "nothing" : Truth(plain) is not null ? "a truth value" : IsNumber(plain) ? "a number" : null;

    [GeneratedRegex(
        @"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Number();
}
