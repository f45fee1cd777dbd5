using System.Net;
using CsCheck;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("value 'correct-horse-battery' is too long")]
    [InlineData("value 'correct-horse… is too long")]
    [InlineData("…se-battery")]
    [InlineData("Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5")]
    public void A_message_that_repeats_a_part_of_the_value_is_withheld(string message)
    {
        using var value = SecretValue.FromText("correct-horse-battery");

        Apply(message, value).Should().Be(Redaction.Withheld);
    }

    [Theory]
    [InlineData("p@ss/w&rd+ü", true)]
    [InlineData("p@ss/w&rd+ü", false)]
    public void Escapes_don_t_hide_it(string text, bool url)
    {
        using var value = SecretValue.FromText(text);

        Apply($"not allowed: {(url ? WebUtility.UrlEncode(text) : WebUtility.HtmlEncode(text))}", value).Should()
            .Be(Redaction.Withheld);
    }

    [Fact]
    public void Line_breaks_don_t_hide_it()
    {
        using var value = SecretValue.FromText("abc\ndef\nghi");

        Apply(ErrorBody.OneLine("not allowed: abc\ndef\nghi"), value).Should().Be(Redaction.Withheld);
    }

    [Fact]
    public void Any_other_message_stays()
    {
        using var value = SecretValue.FromText("correct-horse-battery");

        Apply("the key is not correct", value, null).Should().Be("the key is not correct");
    }

    [Fact]
    public void An_empty_value_withholds_nothing()
    {
        using var value = SecretValue.FromText("");

        Apply("anything", value).Should().Be("anything");
    }

    [Fact]
    public void Whatever_the_value_its_repetition_is_withheld() =>
        Gen.String[Gen.Char[' ', '\u2000'], 1, 60].Where(t => t.Trim().Length > 0 && t.All(c => !char.IsSurrogate(c))).Sample(text =>
        {
            using var value = SecretValue.FromText(text);
            return Apply(ErrorBody.OneLine($"odd: {text}!"), value) == Redaction.Withheld
                || text.EnumerateRunes().All(ErrorBody.IsBlank);
        });

    private static string Apply(string message, params ReadOnlySpan<SecretValue?> values) =>
        Redaction.Apply(new ErrorBody(message, [], []), values).Text;
}
