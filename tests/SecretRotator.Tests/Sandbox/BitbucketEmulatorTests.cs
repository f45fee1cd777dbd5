using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Sandbox;

public sealed class BitbucketEmulatorTests
{
    private const string Repository = "/2.0/repositories/acme/app/pipelines_config/variables";
    private const string Workspace = "/2.0/workspaces/acme/pipelines-config/variables";
    private const string Environment =
        "/2.0/repositories/acme/app/deployments_config/environments/%7B00000000-0000-0000-0000-00000000000e%7D/variables";
    private const string Uuid = "{00000000-0000-0000-0000-000000000001}";

    private static readonly SandboxClock Clock = new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    private readonly BitbucketEmulator _standIn = new(new SecretRotator.Values.SystemRandom());
    private readonly SandboxState _state = new();

    public BitbucketEmulatorTests()
    {
        BitbucketAuthentication.Seed(_state.Bitbucket);
        _state.Bitbucket.Workspaces["acme"] = new()
        {
            Variables = { Variable("SHARED") },
            Repositories =
            {
                ["app"] = new()
                {
                    Variables = { Variable("KEY") },
                    Environments =
                    {
                        new() { Uuid = "{00000000-0000-0000-0000-00000000000e}", Name = "production", Variables = { Variable("KEY") } },
                    },
                },
            },
        };
    }

    [Theory]
    [InlineData("GET", Repository, "list", "app")]
    [InlineData("GET", Workspace, "list", "workspace")]
    [InlineData("GET", Environment, "list", "app/production")]
    [InlineData("GET", "/2.0/repositories/acme/app/environments", "environments", "app")]
    [InlineData("GET", "/2.0/repositories/acme/app/pipelines/%7Bu%7D", "pipeline", "app:{u}")]
    [InlineData("PUT", Repository + "/%7B00000000-0000-0000-0000-000000000001%7D", "put", "app:KEY")]
    [InlineData("DELETE", Environment + "/00000000-0000-0000-0000-000000000001", "delete", "app/production:KEY")]
    [InlineData("GET", Workspace + "/%7B00000000-0000-0000-0000-000000000001%7D", "get", "workspace:SHARED")]
    [InlineData("POST", Workspace, "post", "workspace:NEW")]
    [InlineData("POST", "/site/oauth2/access_token", "token", "")]
    public void A_call_has_the_name_that_faults_use(string method, string path, string operation, string resource) =>
        _standIn.Identify(Request(method, path, """{"type":"pipeline_variable","key":"NEW"}"""), _state).Should()
            .Be(new CallName(operation, resource));

    [Fact]
    public void A_page_holds_ten_unless_asked()
    {
        for (var i = 0; i < 30; i++)
            _state.Bitbucket.Workspaces["acme"].Variables.Add(Variable($"K{i}"));

        var page = Json(Ask("GET", Workspace));

        (page.GetProperty("values").GetArrayLength(), page.GetProperty("size").GetInt32()).Should().Be((10, 31));
    }

    [Theory]
    [InlineData("POST", Repository)]
    [InlineData("POST", Workspace)]
    [InlineData("PUT", Environment + "/%7B00000000-0000-0000-0000-000000000001%7D")]
    public void A_body_without_the_type_that_the_description_requires_is_refused(string method, string path) =>
        Ask(method, path, """{"key":"NEW","value":"v","secured":true}""").Status.Should().Be(400);

    [Theory]
    [InlineData("pagelen", "101")]
    [InlineData("pagelen", "0")]
    [InlineData("page", "0")]
    [InlineData("page", "x")]
    public void A_page_that_can_t_be_is_refused(string name, string value) =>
        Ask("GET", Workspace, query: (name, value)).Status.Should().Be(400);

    [Fact]
    public void Next_lies()
    {
        for (var i = 0; i < 30; i++)
        {
            _state.Bitbucket.Workspaces["acme"].Variables.Add(Variable($"K{i}"));
            _state.Bitbucket.Workspaces["acme"].Repositories["app"].Variables.Add(Variable($"K{i}"));
        }

        Json(Ask("GET", Workspace)).GetProperty("next").GetString().Should().Contain("/internal/");
        Json(Ask("GET", Repository)).TryGetProperty("next", out _).Should().BeFalse();
        Json(Ask("GET", Environment)).TryGetProperty("next", out _).Should().BeTrue();
    }

    [Theory]
    [InlineData(Repository)]
    [InlineData(Workspace)]
    [InlineData(Environment)]
    public void A_secured_value_is_never_returned(string path)
    {
        var answers = new[]
        {
            Ask("GET", path),
            Ask("PUT", $"{path}/{Uuid}", """{"type":"pipeline_variable","key":"KEY","value":"hidden2","secured":true}"""),
            Ask("POST", path, """{"type":"pipeline_variable","key":"NEW","value":"hidden3","secured":true}"""),
        };

        answers.Select(a => Encoding.UTF8.GetString(a.Body)).Should()
            .OnlyContain(body => !body.Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plain_value_is_returned()
    {
        Ask("PUT", $"{Repository}/{Uuid}", """{"type":"pipeline_variable","value":"seen","secured":false}""");

        Json(Ask("GET", $"{Repository}/{Uuid}")).GetProperty("value").GetString().Should().Be("seen");
    }

    [Fact]
    public void A_put_with_another_key_renames()
    {
        Ask("PUT", $"{Repository}/{Uuid}", """{"type":"pipeline_variable","key":"RENAMED","value":"v","secured":true}""");

        _state.Bitbucket.Workspaces["acme"].Repositories["app"].Variables.Select(v => (v.Uuid, v.Key)).Should().Equal((Uuid, "RENAMED"));
    }

    [Fact]
    public void A_key_that_exists_conflicts_whatever_its_case() =>
        Ask("POST", Repository, """{"type":"pipeline_variable","key":"key","value":"v"}""").Status.Should().Be(409);

    [Theory]
    [InlineData("""{"type":"pipeline_variable","key":"1K","value":"v"}""")]
    [InlineData("""{"type":"pipeline_variable","key":"K-K","value":"v"}""")]
    [InlineData("""{"type":"pipeline_variable","key":"K"}""")]
    [InlineData("""{"type":"pipeline_variable","key":1,"value":"v"}""")]
    [InlineData("nonsense")]
    [InlineData("{\"key\":\"KEY\",\"value\":\"two\\nlines\"}")]
    public void A_variable_that_can_t_be_is_refused(string body) => Ask("POST", Repository, body).Status.Should().Be(400);

    [Fact]
    public void A_deployment_variable_can_t_be_asked_for_alone() => Ask("GET", $"{Environment}/{Uuid}").Status.Should().Be(405);

    [Fact]
    public void Without_access_a_repository_is_not_found()
    {
        _state.Bitbucket.Credentials[0].Repositories = ["acme/other"];

        (Ask("GET", Repository).Status, Ask("GET", Workspace).Status).Should().Be((404, 404));
    }

    [Fact]
    public void Without_the_scope_a_write_is_forbidden_and_the_scope_is_named()
    {
        _state.Bitbucket.Credentials[0].Scopes = ["pipeline"];

        var answer = Ask("DELETE", $"{Repository}/{Uuid}");

        (Ask("GET", Repository).Status, answer.Status).Should().Be((200, 403));
        Json(answer).GetProperty("error").GetProperty("detail").GetProperty("required")[0].GetString().Should().Be("pipeline:variable");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer " + BitbucketAuthentication.ApiToken)]
    [InlineData("Basic !!!")]
    public void Without_a_credential_that_is_accepted_nothing_is_answered(string authorization) =>
        _standIn.Answer(Request("GET", Repository, authorization: authorization), _state, Clock).Status.Should().Be(401);

    [Fact]
    public void A_429_is_plain_text_without_a_retry_after()
    {
        var answer = _standIn.Trouble(429);

        (answer.ContentType, answer.Headers.Count).Should().Be(("text/plain", 0));
    }

    private static VariableState Variable(string key) => new() { Uuid = Uuid, Key = key, Value = "hidden", Secured = true };

    private SandboxAnswer Ask(string method, string path, string body = "", (string Name, string Value)? query = null) =>
        _standIn.Answer(Request(method, path, body, query: query), _state, Clock);

    private static SandboxRequest Request(
        string method, string path, string body =
            "", string authorization = $"Bearer {BitbucketAuthentication.AccessToken}", (string Name, string Value)? query = null) => new(
            method,
            path,
            "",
            query is { } q
                ? new Dictionary<string, string>(StringComparer.Ordinal) { [q.Name] = q.Value }
                : new Dictionary<string, string>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = authorization },
            Encoding.UTF8.GetBytes(body),
            new Uri("http://127.0.0.1:1/"));

    private static JsonElement Json(SandboxAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }
}
