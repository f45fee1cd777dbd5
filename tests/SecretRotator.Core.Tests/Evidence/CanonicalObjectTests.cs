using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>The canonical form against the examples that RFC 8785 publishes, as far as they are of texts, whole numbers and
/// order.</summary>
public sealed class CanonicalObjectTests
{
    [Fact]
    public void Strings_are_escaped_as_section_3_2_2_2_shows() =>
        new CanonicalObject().With("string", "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/").ToString()
            .Should().Be("""{"string":"€$\u000f\nA'B\"\\\\\"/"}""");

    [Fact]
    public void Members_are_sorted_as_section_3_2_3_shows()
    {
        var sorted = new CanonicalObject()
            .With("\u20ac", "Euro Sign").With("\r", "Carriage Return").With("\ufb33", "Hebrew Letter Dalet With Dagesh").With("1", "One")
            .With("\ud83d\ude00", "Emoji: Grinning Face")
            .With("\u0080", "Control")
            .With("\u00f6", "Latin Small Letter O With Diaeresis")
            .ToUtf8();

        JsonDocument.Parse(sorted).RootElement.EnumerateObject().Select(member => member.Value.GetString()).Should().Equal(
            "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh");
    }

    [Fact]
    public void Words_are_written_as_the_bytes_of_section_3_2_4() =>
        Convert.ToHexStringLower(
            Encoding.UTF8.GetBytes(CanonicalObject.Of(JsonDocument.Parse("""{ "literals": [null, true, false] }""").RootElement)))
            .Should().Be("7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d7d");

    [Theory]
    [InlineData("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"")]
    [InlineData("\u0000\u001f\u007f", "\"\\u0000\\u001f\u007f\"")]
    [InlineData("</script>&'\u2028", "\"</script>&'\u2028\"")]
    [InlineData("a \"b\" c", "\"a \\\"b\\\" c\"")]
    [InlineData("\ud83d\ude00", "\"\ud83d\ude00\"")]
    public void Nothing_is_escaped_that_need_not_be(string text, string json) =>
        new CanonicalObject().With("a", text).ToString().Should().Be($"{{\"a\":{json}}}");

    [Fact]
    public void Half_a_character_becomes_the_sign_for_what_is_missing() =>
        new CanonicalObject().With("a", "x\ud83dy").ToString().Should().Be("{\"a\":\"x\ufffdy\"}");

    [Fact]
    public void A_list_holds_its_objects_in_their_order() =>
        new CanonicalObject().With("a", [new CanonicalObject().With("c", 1), new CanonicalObject().With("b", 2)]).ToString()
            .Should().Be("""{"a":[{"c":1},{"b":2}]}""");

    [Fact]
    public void Nothing_is_written_for_what_is_not_there() =>
        new CanonicalObject().With("a", (string?)null).With("b", (CanonicalObject?)null).With("c", 1).ToString().Should().Be("""{"c":1}""");

    [Fact]
    public void Whole_numbers_are_those_that_every_reader_holds()
    {
        new CanonicalObject()
            .With("a", 9007199254740991)
            .With("b", -9007199254740991)
            .With("c", 0)
            .ToString()
            .Should().Be("""{"a":9007199254740991,"b":-9007199254740991,"c":0}""");
        FluentActions.Invoking(() => new CanonicalObject().With("a", 9007199254740992)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("1e400")]
    [InlineData("9007199254740993")]
    [InlineData("\"\\ud800\"")]
    public void What_has_no_canonical_form_of_ours_is_refused(string json) =>
        FluentActions.Invoking(() => CanonicalObject.Of(JsonDocument.Parse(json).RootElement)).Should().Throw<SystemException>();
}
