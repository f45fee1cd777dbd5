using System.Text.Json.Nodes;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.HashiCorp;

namespace SecretRotator.Tests.Sandbox.HashiCorp;

public sealed class HashiCorpEmulatorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly HashiCorpEmulator _server = new("hcp", []);
    private readonly SandboxState _state = new();

    public HashiCorpEmulatorTests()
    {
        var server = _state.HashiCorp["hcp"] = new HashiCorpState();
        server.Mounts["secret"] = new KvMountState();
        server.Tokens["good"] = new HashiCorpTokenState { Policies = { "all" }, Ends = Noon.AddHours(1) };
        server.Policies["all"] = new(StringComparer.Ordinal)
        {
            ["secret/+/db"] = ["create", "read", "update"],
            ["secret/metadata/*"] = ["read"],
        };
    }

    private KvMountState Mount => _state.HashiCorp["hcp"].Mounts["secret"];

    [Fact]
    public void A_write_that_follows_another_version_is_refused()
    {
        Status("POST", "data/db", """{"options":{"cas":0},"data":{"value":"a"}}""").Should().Be(200);

        var refused = Call("POST", "data/db", """{"options":{"cas":0},"data":{"value":"b"}}""");

        (refused.Status, Text(refused)).Should().Be(
            (400, """{"errors":["check-and-set parameter did not match the current version"]}""" + "\n"));
        Status("POST", "data/db", """{"options":{"cas":1},"data":{"value":"b"}}""").Should().Be(200);
    }

    [Fact]
    public void A_write_without_check_and_set_is_taken_unless_that_is_required()
    {
        Status("POST", "data/db", """{"data":{"value":"a"}}""").Should().Be(200);
        Mount.CasRequired = true;

        Status("POST", "data/db", """{"data":{"value":"b"}}""").Should().Be(400);
    }

    [Fact]
    public void Versions_that_are_too_many_vanish()
    {
        Mount.MaxVersions = 2;
        for (var number = 0; number < 3; number++)
            Call("POST", "data/db", """{"data":{"value":"a"}}""");

        Status("GET", "data/db?version=1").Should().Be(404);
        var seen = Json(Call("GET", "metadata/db"))["data"]!;
        (seen["oldest_version"]!.GetValue<long>(), seen["versions"]!.AsObject().Count).Should().Be((2L, 2));
    }

    [Fact]
    public void A_deleted_version_answers_404_with_its_metadata_and_can_be_brought_back()
    {
        Call("POST", "data/db", """{"data":{"value":"a"}}""");
        Status("POST", "delete/db", """{"versions":[1]}""").Should().Be(204);

        var gone = Call("GET", "data/db");

        gone.Status.Should().Be(404);
        Json(gone)["data"]!["metadata"]!["deletion_time"]!.GetValue<string>().Should().Be("2026-11-23T12:00:00Z");
        Status("POST", "undelete/db", """{"versions":[1]}""").Should().Be(204);
        Status("GET", "data/db").Should().Be(200);
        Call("POST", "destroy/db", """{"versions":[1]}""");
        Status("GET", "data/db").Should().Be(404);
    }

    [Theory]
    [InlineData("GET", "data/other", 403)]
    [InlineData("GET", "metadata/other", 404)]
    [InlineData("POST", "delete/other", 403)]
    [InlineData("GET", "config", 403)]
    [InlineData("GET", "metadata/other?list=true", 403)]
    [InlineData("PATCH", "data/db", 405)]
    public void A_token_may_do_what_its_policy_names(string method, string path, int status) => Status(method, path).Should().Be(status);

    [Theory]
    [InlineData("unknown", "", 403)]
    [InlineData("good", "elsewhere", 403)]
    public void A_token_of_elsewhere_opens_nothing(string token, string @namespace, int status) =>
        _server.Answer(Request("GET", "metadata/db", "", token, @namespace), _state, new(Noon, Noon)).Status.Should().Be(status);

    [Fact]
    public void A_token_ends() =>
        _server.Answer(Request("GET", "metadata/db", "", "good", ""), _state, new(Noon, Noon.AddHours(1))).Status.Should().Be(403);

    [Fact]
    public void Members_come_back_as_Go_writes_them()
    {
        Call("POST", "data/db", """{"data":{"b":"<é>", "a":{"y":1.0,"x":1e3}}}""");

        Text(Call("GET", "data/db")).Should().Contain("""{"a":{"x":1000,"y":1},"b":"\u003cé\u003e"}""");
    }

    private static JsonNode Json(SandboxAnswer answer) => JsonNode.Parse(answer.Body)!;

    private static string Text(SandboxAnswer answer) => Encoding.UTF8.GetString(answer.Body);

    private int Status(string method, string path, string body = "") => Call(method, path, body).Status;

    private SandboxAnswer Call(string method, string path, string body = "") =>
        _server.Answer(Request(method, path, body, "good", ""), _state, new(Noon, Noon));

    private static SandboxRequest Request(string method, string path, string body, string token, string @namespace)
    {
        var parts = path.Split('?');
        var query = parts.Length > 1 ? parts[1].Split('=') : [];
        return new SandboxRequest(
            method,
            "/v1/secret/" + parts[0],
            parts.Length > 1 ? parts[1] : "",
            query.Length > 1 ? new Dictionary<string, string>(StringComparer.Ordinal) { [query[0]] = query[1] } : [],
            new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["X-Vault-Token"] = token,
                ["X-Vault-Namespace"] = @namespace,
            },
            Encoding.UTF8.GetBytes(body),
            new Uri("http://127.0.0.1:8200"));
    }
}
