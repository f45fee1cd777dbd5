using CsCheck;

namespace SecretRotator.Tests.Values;

public sealed class JsonSecretTests
{
    private static readonly string[] Spaces = ["", " ", "\n", "\t ", "\r\n  "];

    // Names and texts with everything that escapes are needed for, and numbers in forms that a writer would change.
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 8].Select(text => JsonSerializer.Serialize(text)),
        Gen.OneOf("\"\\u0061\"", "\"\\/\"", "\"ü€😀\"", "\"\\ud83d\\ude00\"", "\"\\\\\\\"\"", "\"\""));

    private static readonly Gen<string> Other = Gen.OneOf(
        Text,
        Gen.OneOf(
            "1.0", "1e2", "-0", "100000000000000000000", "true", "null", "[]", "{}", "[1, {\"password\" : \"inner\"}]",
            "{ \"password\":{} }"));

    [Fact]
    public void Every_byte_outside_the_replaced_values_stays() =>
        Gen.Select(Other.Array[0, 6], Gen.OneOf(Spaces).Array[40], Gen.Int[0, 6], Gen.String).Sample((others, spaces, at, fresh) =>
        {
            if (!IsWhole(fresh))
                return true;
            var (before, after) = Around(others, spaces, Math.Min(at, others.Length));
            var replaced = Replace(before + "\"old\"" + after, ("password", fresh));
            return replaced.StartsWith(before, StringComparison.Ordinal) && replaced.EndsWith(after, StringComparison.Ordinal)
                && JsonDocument.Parse(replaced).RootElement.GetProperty("password").GetString() == fresh;
        }, iter: 3000);

    [Fact]
    public void What_was_put_in_is_what_is_read_again() => Gen.String.Sample(text =>
        !IsWhole(text) || Read(Replace("{\"a\":null, \"b\": 1}", ("a", text)), "a") == text);

    [Fact]
    public void Several_fields_are_replaced_in_whatever_order_they_stand() =>
        Replace("{ \"b\" : \"1\" ,\"x\":2, \"a\":\"3\"}", ("a", "A"), ("b", "B")).Should().Be("{ \"b\" : \"B\" ,\"x\":2, \"a\":\"A\"}");

    [Fact]
    public void A_name_that_is_written_with_escapes_is_found() =>
        Replace("{\"p\\u0061ss\":\"1\"}", ("pass", "2")).Should().Be("{\"p\\u0061ss\":\"2\"}");

    [Fact]
    public void Fields_further_down_are_not_meant() =>
        Replace("{\"o\":{\"p\":\"in\"},\"p\":\"1\"}", ("p", "2")).Should().Be("{\"o\":{\"p\":\"in\"},\"p\":\"2\"}");

    [Fact]
    public void A_private_key_keeps_its_line_feeds() =>
        Replace("{\"k\":\"\"}", ("k", "a\nb\"\\\u0001ü")).Should().Be("{\"k\":\"a\\nb\\\"\\\\\\u0001ü\"}");

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("\"a\\nb\\u00e9\"", "a\nbé")]
    [InlineData("\"\"", "")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("{ \"a\" : [1 , 2] }", "{ \"a\" : [1 , 2] }")]
    public void A_field_is_read_as_text_and_everything_else_as_the_json_it_is(string json, string value) =>
        Read($"{{\"x\":0, \"f\" : {json} , \"y\":0}}", "f").Should().Be(value);

    [Theory]
    [InlineData("{\"f\":\"hunter2\",\"f\":\"b\"}")]
    [InlineData("{\"f\":\"hunter2\",\"\\u0066\":\"b\"}")]
    [InlineData("{\"f\":\"b\",\"g\":\"hunter2\",\"g\":1}")]
    [InlineData("{\"f\":null,\"g\":\"hunter2\"}")]
    [InlineData("{\"g\":\"hunter2\"}")]
    [InlineData("[\"hunter2\"]")]
    [InlineData("hunter2")]
    [InlineData("\"hunter2\"")]
    [InlineData("")]
    [InlineData("{\"f\":\"hunter2\"")]
    [InlineData("{\"f\":\"hunter2\"} x")]
    [InlineData("{\"f\":\"hunter2\",}")]
    [InlineData("{/*hunter2*/\"f\":\"b\"}")]
    [InlineData("{\"f\":\"hunter2\\ud800\"}")]
    [InlineData("{\"hunter2\\ud800\":1,\"f\":\"b\"}")]
    public void Content_that_is_not_what_the_inventory_says_is_refused_without_showing_it(string json)
    {
        var read = () => Read(json, "f");

        var wrong = read.Should().Throw<SecretContentException>().Which;
        (wrong.Message + wrong.Hint + wrong.InnerException).Should().NotContain("hunter2");
    }

    [Theory]
    [InlineData("{\"f\":12}")]
    [InlineData("{\"f\":true}")]
    [InlineData("{\"f\":{}}")]
    [InlineData("{\"f\":[]}")]
    [InlineData("{\"g\":\"\"}")]
    [InlineData("{\"F\":\"\"}")]
    public void A_field_that_is_missing_or_no_text_is_not_replaced(string json)
    {
        var replace = () => Replace(json, ("f", "new"));

        replace.Should().Throw<SecretContentException>().WithMessage("*\"f\"*");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        using var content = SecretValue.FromUtf8([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);

        content.Invoking(c => JsonSecret.Read(c, "f")).Should().Throw<SecretContentException>();
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        FluentActions.Invoking(() => Read("{\"f\":" + new string('[', 1000) + new string(']', 1000) + "}", "f")).Should()
            .Throw<SecretContentException>();

    private static (string Before, string After) Around(string[] others, string[] spaces, int at)
    {
        var space = new Queue<string>(spaces);
        string Next() => space.Dequeue();
        var fields = others.Select((value, i) => $"{Next()}\"other{i}\"{Next()}:{Next()}{value}{Next()}").ToList();
        var before = Next() + "{" + string.Concat(fields.Take(at).Select(f => f + ",")) + Next() + "\"password\"" + Next() + ":" + Next();
        var after = Next() + string.Concat(fields.Skip(at).Select(f => "," + f)) + "}" + Next();
        return (before, after);
    }

    private static bool IsWhole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static string Read(string json, string field)
    {
        using var content = SecretValue.FromText(json);
        using var value = JsonSecret.Read(content, field);
        return value.RevealText();
    }

    private static string Replace(string json, params (string Field, string Value)[] fields)
    {
        using var content = SecretValue.FromText(json);
        using var replaced = JsonSecret.Replace(
            content, fields.ToDictionary(f => f.Field, f => SecretValue.FromText(f.Value), StringComparer.Ordinal));
        return replaced.RevealText();
    }
}
