using System.Text.RegularExpressions;
using CsCheck;
using SecretRotator.Configuration;

namespace SecretRotator.Tests.Configuration;

/// <summary>The one-pass search for issuers' shapes finds what the patterns that they are published as find.</summary>
public sealed partial class SecretShapesTests
{
    // Put together here, so that scanners of this repository don't take the tests for a leak.
    private static readonly string[] Pieces =
    [
        "AKIA", "ASIA", "ABCDEFGHIJKLMNOP", "234567", "eyJ", "eyJhbGciOiJIUzI1NiJ9", ".", "-", "_", "a", "Z9", " ", "\n", "\"", "ATATT",
        "ATCTT", "ATBB", "ATBBATATT", "3xFfGF0abcdefgh", "=",
        "-----BEGIN ", "RSA ", "PRIVATE KEY", "OPENSSH PRIVATE KEY-----", "Account" + "Key=", "abcdefghijklmnopqrst", "+/", "ghp_",
        "github_pat_", "glpat-", "xoxb-", "sk_live_", "rk_live_", "ä",
    ];

    [Fact]
    public void The_scan_finds_what_the_patterns_find_at_the_same_places() =>
        Gen.Int[0, Pieces.Length - 1].Array[0, 14].Sample(
            choice =>
            {
                var text = string.Concat(choice.Select(i => Pieces[i]));
                SecretShapes.In(text).Should().Equal(Patterns().Matches(text).Select(match => (match.Index, KindOf(match))), text);
            },
            iter: 20_000);

    [Fact]
    public void A_token_whose_first_part_is_long_is_a_token() =>
        SecretLiteral.KnownShapeIn("eyJ" + new string('a', 5_000) + ".eyJzdWIiOiJ4In0.c2ln").Should().Be("a JSON web token");

    [Theory]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", false)]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8 6ba7b810-9dad-11d1-80b4-00c04fd430c8x", false)]
    [InlineData("a6ba7b810-9dad-11d1-80b4-00c04fd430c8f0", true)]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8f0", true)]
    public void A_UUID_among_others_is_not_taken_for_random_and_a_longer_text_is(string text, bool looksRandom) =>
        SecretLiteral.LooksRandom(text).Should().Be(looksRandom);

    private static string KindOf(Match match) =>
        match.Groups["aws"].Success ? "an AWS access key id"
        : match.Groups["pem"].Success ? "a private key"
        : match.Groups["jwt"].Success ? "a JSON web token"
        : match.Groups["atlassian"].Success ? "an Atlassian token"
        : match.Groups["azure"].Success ? "an Azure key"
        : "an access token";

    [GeneratedRegex(
        @"(?<aws>\b(?:AKIA|ASIA)[A-Z2-7]{16}\b)"
        + @"|(?<pem>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY)"
        + @"|(?<jwt>\beyJ(?>[A-Za-z0-9_-]{10,})\.(?>[A-Za-z0-9_-]{4,}))"
        + @"|(?<atlassian>\b(?:ATATT|ATCTT|ATBB)[A-Za-z0-9_=-]{12,})"
        + @"|(?<azure>\bAccountKey=[A-Za-z0-9+/]{20,})"
        + @"|(?<other>\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|[sr]k_live_[A-Za-z0-9]{16,}))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Patterns();
}
