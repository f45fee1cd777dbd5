using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class ErrorBodyTests
{
    [Theory]
    [InlineData(
        """{"type":"error","error":{"message":"Your credentials lack scopes.","detail":{"required":["admin:pipeline:bitbucket"],"granted":["read:x"]}}}""", "Your credentials lack scopes.")]
    [InlineData(
        """{"error":{"message":"Unauthorized","detail":"The token ended.","data":{"key":"rest-service.x","arguments":{}}}}""",
        "Unauthorized: The token ended.")]
    [InlineData(
        """{"error":{"message":"Conflict","detail":"A variable with the key provided already exists for account acme"}}""",
        "Conflict: A variable with the key provided already exists for account acme")]
    [InlineData(
        """{"error":{"message":"Bad request","fields":{"key":["is too long","is odd"]}}}""", "Bad request: key: is too long is odd")]
    [InlineData("""{"error":"invalid_client","error_description":"No such consumer"}""", "invalid_client: No such consumer")]
    [InlineData("""{"error":7}""", "")]
    [InlineData("""{"error":{"message":7,"detail":[]}}""", "")]
    [InlineData("[1,2]", "[1,2]")]
    [InlineData("{\"error\":{\"message\":\"cut", "{\"error\":{\"message\":\"cut")]
    [InlineData("", "")]
    public void Every_shape_is_read(string body, string text) => Read(body, "application/json").Text.Should().Be(text);

    [Fact]
    public void Scopes_are_read()
    {
        var body = Read("""{"type":"error","error":{"message":"m","detail":{"required":["a","b"],"granted":["c"]}}}""", "application/json");

        (string.Join(',', body.Required), string.Join(',', body.Granted)).Should().Be(("a,b", "c"));
    }

    [Fact]
    public void Plain_text_is_a_message() =>
        Read("Rate limit for this resource has been exceeded", "text/plain").Text.Should()
            .Be("Rate limit for this resource has been exceeded");

    [Theory]
    [InlineData("<html><head><title> Bitbucket\n| 503 </title>", "a web page titled \"Bitbucket | 503\"")]
    [InlineData("<html><body>no title", "a web page")]
    public void Of_a_web_page_only_the_title_is_told(string body, string text) => Read(body, "text/html").Text.Should().Be(text);

    [Fact]
    public void A_message_is_one_line_without_control_characters() =>
        Read("a\r\n\tb\u001b[31m\u202ec\0", "text/plain").Text.Should().Be("a b [31m c");

    [Fact]
    public void A_message_is_cut() =>
        Read(new string('x', 5000), "text/plain").Text.Should().HaveLength(ErrorBody.LongestText + 1).And.EndWith("…");

    private static ErrorBody Read(string body, string type) => ErrorBody.Read(Encoding.UTF8.GetBytes(body), type);

    [Fact]
    public void A_megabyte_of_refused_fields_costs_no_more_than_its_parsing()
    {
        var body = System.Text.Encoding.UTF8.GetBytes(
            "{\"error\":{\"message\":\"no\",\"fields\":{" + string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"f{i}\":\"x{i}\""))
                + "}}}");
        var before = GC.GetAllocatedBytesForCurrentThread();

        ErrorBody.Read(body, null).Text.Should().StartWith("no: f0: x0");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(16 << 20);
    }

    [Fact]
    public void What_isn_t_Unicode_is_told_as_text() =>
        ErrorBody.Read("{\"error\":{\"message\":\"\\ud800\"}}"u8, null).Text.Should().Contain("message");
}
