using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Tests.Sandbox.Azure;

public sealed class KeyVaultEmulatorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, 750, TimeSpan.Zero);

    private readonly KeyVaultEmulator _vault = new(
        "prod", () => new Uri("https://127.0.0.1:4433/"), new SecretRotator.Values.SystemRandom());
    private readonly SandboxState _state = new();

    public KeyVaultEmulatorTests() => _state.Entra.Tokens["good"] = Noon.AddHours(1);

    [Fact]
    public void A_call_without_a_token_is_told_where_to_get_one()
    {
        var answer = _vault.Answer(Request("GET", "/secrets/db", token: null), _state, Clock());

        answer.Status.Should().Be(401);
        answer.Headers["WWW-Authenticate"].Should().Be(
            $"Bearer authorization=\"https://127.0.0.1:4433/{_state.Entra.Tenant}\", resource=\"https://vault.azure.net\"");
    }

    [Theory]
    [InlineData("Bearer never-given-out")]
    [InlineData("Basic good")]
    public void Only_a_token_that_Entra_gave_out_opens_the_vault(string authorization) =>
        _vault.Answer(Request("GET", "/secrets", token: authorization), _state, Clock()).Status.Should().Be(401);

    [Fact]
    public void A_token_ends()
    {
        _state.Entra.Tokens["good"] = Noon;

        _vault.Answer(Request("GET", "/secrets"), _state, Clock()).Status.Should().Be(401);
    }

    [Fact]
    public void A_call_without_a_token_doesn_t_count_as_the_operation_that_it_wants() =>
        (_vault.Identify(Request("PUT", "/secrets/db", token: null), _state), _vault.Identify(Request("PUT", "/secrets/db"), _state))
            .Should().Be((new CallName("Challenge", "db"), new CallName("PutSecret", "db")));

    [Theory]
    [InlineData("GET", "/secrets", "ListSecrets", "")]
    [InlineData("GET", "/secrets/db/", "GetSecret", "db")]
    [InlineData("GET", "/secrets/db/0123", "GetSecret", "db")]
    [InlineData("GET", "/secrets/db/versions", "ListVersions", "db")]
    [InlineData("PATCH", "/secrets/db/0123", "PatchSecret", "db")]
    [InlineData("DELETE", "/secrets/db", "DeleteSecret", "db")]
    [InlineData("POST", "/deletedsecrets/db/recover", "RecoverDeletedSecret", "db")]
    public void Calls_are_named_for_faults(string method, string path, string operation, string resource) =>
        _vault.Identify(Request(method, path), _state).Should().Be(new CallName(operation, resource));

    [Theory]
    [InlineData("7.6", 200)]
    [InlineData("2026-04-01", 200)]
    [InlineData("6.0", 400)]
    [InlineData("", 400)]
    public void Only_versions_of_the_interface_that_exist_are_spoken(string version, int status) =>
        _vault.Answer(Request("GET", "/secrets", version: version), _state, Clock()).Status.Should().Be(status);

    [Fact]
    public void Every_put_makes_a_new_version_which_is_current()
    {
        var first = Put("one");
        var second = Put("two");

        second.Should().NotBe(first);
        Json(Call("GET", "/secrets/db/")).GetProperty("value").GetString().Should().Be("two");
        Json(Call("GET", $"/secrets/db/{first}")).GetProperty("value").GetString().Should().Be("one");
    }

    [Fact]
    public void A_put_of_the_same_value_makes_a_new_version_too()
    {
        Put("one");
        Put("one");

        _state.KeyVaults["prod"].Secrets["db"].Versions.Should().HaveCount(2);
    }

    [Fact]
    public void The_newest_version_is_current_even_when_it_is_disabled()
    {
        Put("one");
        var second = Put("two");
        Call("PATCH", $"/secrets/db/{second}", """{"attributes":{"enabled":false}}""").Status.Should().Be(200);

        var answer = Call("GET", "/secrets/db/");

        answer.Status.Should().Be(403);
        Json(answer).GetProperty("error").GetProperty("innererror").GetProperty("code").GetString().Should().Be("SecretDisabled");
    }

    [Fact]
    public void The_newest_version_is_current_even_before_it_is_valid()
    {
        Put("one");
        Call("PUT", "/secrets/db", """{"value":"two","attributes":{"nbf":4102444800}}""");

        Json(Call("GET", "/secrets/db/")).GetProperty("value").GetString().Should().Be("two");
    }

    [Fact]
    public void A_patch_replaces_the_whole_tag_set_and_returns_no_value()
    {
        var version = Id(Call("PUT", "/secrets/db", """{"value":"one","tags":{"a":"1","b":"2"}}"""));

        var answer = Json(Call("PATCH", $"/secrets/db/{version}", """{"tags":{"c":"3"}}"""));

        answer.TryGetProperty("value", out _).Should().BeFalse();
        answer.GetProperty("tags").EnumerateObject().Select(t => t.Name).Should().Equal("c");
    }

    [Fact]
    public void A_patch_leaves_alone_what_it_doesn_t_name()
    {
        var version = Id(
            Call("PUT", "/secrets/db", """{"value":"one","contentType":"text/plain","tags":{"a":"1"},"attributes":{"exp":4102444800}}"""));

        var answer = Json(Call("PATCH", $"/secrets/db/{version}", """{"attributes":{"enabled":false}}"""));

        answer.GetProperty("contentType").GetString().Should().Be("text/plain");
        answer.GetProperty("tags").GetProperty("a").GetString().Should().Be("1");
        answer.GetProperty("attributes").GetProperty("exp").GetInt64().Should().Be(4102444800);
    }

    [Fact]
    public void Times_are_whole_seconds()
    {
        Put("one");

        _state.KeyVaults["prod"].Secrets["db"].Versions
            .Single().Created
            .Should().Be(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Versions_come_in_pages_of_25_and_not_in_the_order_of_their_making()
    {
        var made = Enumerable.Range(0, 60).Select(n => Put($"value {n}")).ToList();
        var listed = new List<string>();
        var sizes = new List<int>();
        for (var next = "/secrets/db/versions?api-version=7.6"; next is not null;)
        {
            var page = Json(_vault.Answer(Request("GET", new Uri(new Uri("https://127.0.0.1/"), next)), _state, Clock()));
            listed.AddRange(page.GetProperty("value").EnumerateArray().Select(v => v.GetProperty("id").GetString()!.Split('/')[^1]));
            sizes.Add(page.GetProperty("value").GetArrayLength());
            next = page.GetProperty("nextLink").GetString();
        }

        sizes.Should().Equal(25, 25, 10);
        listed.Should().BeEquivalentTo(made).And.NotEqual(made);
    }

    [Fact]
    public void A_list_hands_out_no_value()
    {
        Put("one-Value");

        Encoding.UTF8.GetString(Call("GET", "/secrets/db/versions").Body).Should().NotContain("one-Value");
        Encoding.UTF8.GetString(Call("GET", "/secrets").Body).Should().NotContain("one-Value");
    }

    [Fact]
    public void A_missing_secret_is_not_found_but_has_an_empty_list_of_versions()
    {
        Code(Call("GET", "/secrets/db/")).Should().Be((404, "SecretNotFound", null));
        Json(Call("GET", "/secrets/db/versions")).GetProperty("value").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void A_deleted_name_stays_taken_until_it_is_recovered_or_purged()
    {
        Put("one");
        Call("DELETE", "/secrets/db").Status.Should().Be(200);

        Code(Call("GET", "/secrets/db/")).Should().Be((404, "SecretNotFound", null));
        Code(Call("PUT", "/secrets/db", """{"value":"two"}""")).Should().Be((409, "Conflict", "ObjectIsDeletedButRecoverable"));
        Call("POST", "/deletedsecrets/db/recover").Status.Should().Be(200);
        Json(Call("GET", "/secrets/db/")).GetProperty("value").GetString().Should().Be("one");
        Call("DELETE", "/secrets/db");
        Call("DELETE", "/deletedsecrets/db").Status.Should().Be(204);
        Call("PUT", "/secrets/db", """{"value":"two"}""").Status.Should().Be(200);
    }

    [Theory]
    [InlineData("/secrets/db_1")]
    [InlineData("/secrets/prod%2Fdb")]
    public void A_name_has_letters_digits_and_hyphens(string path) =>
        Code(Call("PUT", path, """{"value":"one"}""")).Should().Be((400, "BadParameter", null));

    [Fact]
    public void Values_tags_and_content_types_have_their_limits()
    {
        var tags = string.Join(',', Enumerable.Range(0, 16).Select(n => $"\"t{n}\":\"\""));

        Call("PUT", "/secrets/db", $$"""{"value":"{{new string('v', 25_600)}}"}""").Status.Should().Be(200);
        Call("PUT", "/secrets/db", $$"""{"value":"{{new string('v', 25_601)}}"}""").Status.Should().Be(400);
        Call("PUT", "/secrets/db", $$$"""{"value":"v","tags":{{{{tags}}}}}""").Status.Should().Be(400);
        Call("PUT", "/secrets/db", $$$"""{"value":"v","tags":{"t":"{{{new string('t', 257)}}}"}}""").Status.Should().Be(400);
        Call("PUT", "/secrets/db", $$"""{"value":"v","contentType":"{{new string('c', 256)}}"}""").Status.Should().Be(400);
        Call("PUT", "/secrets/db", """{"contentType":"text/plain"}""").Status.Should().Be(400);
        Call("PUT", "/secrets/db", "not json").Status.Should().Be(400);
    }

    [Fact]
    public void Only_what_changes_the_state_says_so()
    {
        Call("PUT", "/secrets/db", """{"value":"one"}""").Changed.Should().BeTrue();
        Call("GET", "/secrets/db/").Changed.Should().BeFalse();
        Call("GET", "/secrets/db/versions").Changed.Should().BeFalse();
        Call("PUT", "/secrets/db", "not json").Changed.Should().BeFalse();
    }

    [Fact]
    public void A_secret_of_a_certificate_can_not_be_set()
    {
        Put("one");
        _state.KeyVaults["prod"].Secrets["db"].Managed = true;

        Call("PUT", "/secrets/db", """{"value":"two"}""").Status.Should().Be(403);
    }

    private static SandboxClock Clock() => new(Noon, Noon);

    private SandboxAnswer Call(string method, string path, string body = "") => _vault.Answer(Request(method, path, body), _state, Clock());

    private string Put(string value) => Id(Call("PUT", "/secrets/db", $$"""{"value":"{{value}}"}"""));

    private static string Id(SandboxAnswer answer) => Json(answer).GetProperty("id").GetString()!.Split('/')[^1];

    private static JsonElement Json(SandboxAnswer answer) => JsonDocument.Parse(answer.Body).RootElement;

    private static (int Status, string? Code, string? Inner) Code(SandboxAnswer answer)
    {
        var error = Json(answer).GetProperty("error");
        return (answer.Status,
            error.GetProperty("code").GetString(),
            error.TryGetProperty("innererror", out var inner) ? inner.GetProperty("code").GetString() : null);
    }

    private static SandboxRequest Request(
        string method, string path, string body = "", string? token = "Bearer good", string version = "7.6") =>
        Request(method, new Uri(new Uri("https://127.0.0.1/"), $"{path}?api-version={version}"), body, token);

    private static SandboxRequest Request(string method, Uri uri, string body = "", string? token = "Bearer good") => new(
        method,
        uri.AbsolutePath,
        uri.Query.TrimStart('?'),
        uri.Query.TrimStart('?')
            .Split('&')
            .Select(p => p.Split('=', 2))
            .ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]), StringComparer.Ordinal),
        token is null
            ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            : new(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = token },
        Encoding.UTF8.GetBytes(body),
        new Uri("https://127.0.0.1/"));
}
