using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SecretRotator.Backends;
using SecretRotator.Tests.Inventory;
using static SecretRotator.Tests.Providers.Backends.Program.ProgramFixture;

namespace SecretRotator.Tests.Providers.Backends.Program;

/// <summary>The example for Docker Hub does what a backend promises, with a stand-in for its API.</summary>
public sealed class DockerHubExampleTests : IDisposable
{
    private readonly ProgramFixture _fixture = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_example_for_docker_hub_issues_proves_disables_enables_and_deletes()
    {
        SkipWithout("bash", "jq", "curl");
        await using var hub = await DockerHubStandIn.StartAsync();
        _fixture.Write("backend", await File.ReadAllTextAsync(Example("docker-hub"), Stop));
        var backend = _fixture.Open(Issue with { Command = ["backend", hub.Address, "repo:write"], AdminAt = AdminReference });
        using var current = SecretValue.FromText("""{"username":"ci","uuid":"one","token":"worthless-token-one","note":"stays"}""");

        using var issued = await backend.IssueAsync(Id, current, Stop);

        Text(issued).Should().Contain("stays").And.NotContain("token-one");
        var slot = backend.SlotOf(issued);
        (await backend.InspectAsync(current, Stop)).Find(slot)!.MadeBy.Should().Be(Id);
        (await backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
        (await backend.ProveAsync(current, Stop)).Should().Be(Proof.Accepted);
        await backend.DisableAsync(slot, new("one"), Stop);
        (await backend.ProveAsync(issued, Stop)).Acceptance.Should().Be(Acceptance.Refused);
        await backend.EnableAsync(slot, issued, Stop);
        (await backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
        await backend.DeleteAsync(slot, new("one"), Stop);
        await backend.DeleteAsync(slot, new("one"), Stop);
        await backend.DisableAsync(slot, new("one"), Stop);
        (await backend.InspectAsync(current, Stop)).Slots.Should().ContainSingle();
        (await FailureOf(backend.EnableAsync(slot, issued, Stop))).Should().Be((FailureKind.NotFound, Effect.Rejected));
        hub.Throttles = true;
        (await FailureOf(backend.IssueAsync(Id, current, Stop))).Should().Be((FailureKind.Throttled, Effect.Rejected));
    }

    internal static string Example(string name) => Path.Combine(RepositoryFiles.Root, "docs", "examples", "backends", name);

    internal static void SkipWithout(params string[] tools)
    {
        foreach (var tool in tools)
            Assert.SkipUnless(File.Exists($"/usr/bin/{tool}") || File.Exists($"/bin/{tool}"), $"There is no {tool} on this machine.");
    }

    private static async Task<(FailureKind Kind, Effect Effect)> FailureOf(Task call)
    {
        var failure = (await FluentActions.Awaiting(() => call).Should().ThrowAsync<RemoteFailureException>()).Which;
        return (failure.Kind, failure.Effect);
    }

    /// <summary>What Docker describes of its tokens, as far as the example asks for it.</summary>
    private sealed class DockerHubStandIn : IAsyncDisposable
    {
        private readonly WebApplication _server;
        private readonly Dictionary<string, (string Token, string Label, bool Active)> _tokens = new(StringComparer.Ordinal)
        {
            ["one"] = ("worthless-token-one", "by hand", true),
        };

        private DockerHubStandIn(WebApplication server) => _server = server;

        public string Address => _server.Urls.First();

        public bool Throttles { get; set; }

        public static async Task<DockerHubStandIn> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var hub = new DockerHubStandIn(builder.Build());
            hub._server.Run(hub.AnswerAsync);
            await hub._server.StartAsync(Stop);
            return hub;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task AnswerAsync(HttpContext call)
        {
            var sent = call.Request.ContentLength > 0 ? await JsonNode.ParseAsync(call.Request.Body) : null;
            var (status, answer) = Answer(
                call.Request.Method, call.Request.Path.Value!, call.Request.Headers.Authorization.ToString(), sent);
            call.Response.StatusCode = status;
            if (answer is not null)
                await call.Response.WriteAsync(answer.ToJsonString());
        }

        private (int, JsonNode?) Answer(string method, string path, string bearer, JsonNode? sent)
        {
            if (path == "/v2/auth/token")
            {
                var secret = sent!["secret"]!.GetValue<string>();
                return secret == "worthless-admin-77aa" || _tokens.Values.Any(token => token.Token == secret && token.Active)
                    ? (200, new JsonObject { ["access_token"] = $"jwt-{sent["identifier"]}" })
                    : (401, null);
            }

            if (bearer != "Bearer jwt-boss")
                return (401, null);
            if (Throttles)
                return (429, null);
            var id = path.Split('/')[^1];
            switch (method)
            {
                case "GET":
                    return (200, new JsonObject { ["results"] = new JsonArray([.. _tokens.Select(token => Shown(token.Key))]) });
                case "POST":
                    var made = $"made-{_tokens.Count}";
                    _tokens[made] = ($"worthless-token-{made}", sent!["token_label"]!.GetValue<string>(), true);
                    var shown = Shown(made);
                    shown["token"] = _tokens[made].Token;
                    return (201, shown);
                case var _ when !_tokens.ContainsKey(id):
                    return (404, null);
                case "PATCH":
                    _tokens[id] = _tokens[id] with { Active = sent!["is_active"]!.GetValue<bool>() };
                    return (200, Shown(id));
                default:
                    _tokens.Remove(id);
                    return (202, null);
            }
        }

        private JsonObject Shown(string id) => new()
        {
            ["uuid"] = id,
            ["is_active"] = _tokens[id].Active,
            ["token_label"] = _tokens[id].Label,
            ["created_at"] = "2026-07-20T12:00:00.000000Z",
            ["last_used"] = null,
            ["token"] = "***",
        };
    }
}
