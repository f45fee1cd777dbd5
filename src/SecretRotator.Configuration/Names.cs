using System.Text.RegularExpressions;

namespace SecretRotator.Configuration;

/// <summary>What names may look like, here and at the services.</summary>
internal static partial class Names
{
    public const string NameRule = "Write lower-case letters, digits and hyphens, at most 63, and begin with a letter or a digit.";

    public const string SlugRule = "Write the slug as it is in the address: letters, digits, dots, hyphens and underscores, at most 62.";

    /// <summary>Bitbucket doesn't say how long a key may be; no shell or runner has trouble with this length.</summary>
    public const int LongestVariable = 255;

    /// <summary>The name of a secret or of a vault in the inventory.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>The slug of a workspace or repository, in any case.</summary>
    public static bool IsSlug(string text) => Slug().IsMatch(text) && text.AsSpan().IndexOfAnyExcept('.') >= 0;

    /// <summary>A key that Bitbucket takes: letters, digits and underscores, no leading digit.</summary>
    public static bool IsVariable(string text) => Variable().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Slug();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,254}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Variable();
}
