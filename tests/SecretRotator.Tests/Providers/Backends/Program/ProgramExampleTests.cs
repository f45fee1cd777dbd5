using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SecretRotator.Backends;
using SecretRotator.Tests.Inventory;
using static SecretRotator.Tests.Providers.Backends.Program.ProgramFixture;

namespace SecretRotator.Tests.Providers.Backends.Program;

/// <summary>The examples of docs/examples/backends do what a backend promises, with stand-ins for SQL Server's client and Docker
/// Hub.</summary>
public sealed class ProgramExampleTests : IDisposable
{
    // Keeps logins in a file, as name, password and whether it is disabled; takes exactly the statements of the example.
    private const string Sqlcmd = """
        #!/usr/bin/env bash
        set -euo pipefail
        cd "$(dirname "$0")"
        printf '%s\n' "$*" >> arguments
        user=; while [ $# -gt 0 ]; do [ "$1" = -U ] && user=$2; shift; done
        statements=$(cat)
        row=$(grep "^$user	" logins || true)
        if [ -e down ]; then echo 'Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login timeout expired.'; exit 1; fi
        if [ "$(cut -f2 <<<"$row")" != "$SQLCMDPASSWORD" ] || [ "$(cut -f3 <<<"$row")" = off ]; then
          echo "Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login failed for user '$user'."; exit 1
        fi
        text() { sed -n "s/.*@$1 [a-z0-9()]* = N'\(\([^']\|''\)*\)'[,;].*/\1/p" <<<"$statements" | sed "s/''/'/g"; }
        case $statements in
          *HAS_PERMS*) awk -F'\t' '$1 != "boss" { printf "{\"id\":\"%s\",\"enabled\":%s}\n", $1, $3 == "on" ? "true" : "false" }' logins ;;
          *"WITH PASSWORD"*)
            { grep -v "^$(text login)	" logins; printf '%s\t%s\ton\n' "$(text login)" "$(text password)"; } > next; mv next logins ;;
          *DISABLE*) sed -i "s/^\($(text login)	.*	\)on$/\1off/" logins ;;
        esac
        """;

    private readonly ProgramFixture _fixture = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_example_for_sql_server_sets_proves_and_disables()
    {
        const string Odd = "worthless-it's \"$(id)\" \\ %|&<>;";
        SkipWithout("bash", "jq");
        var backend = OpenSqlServer();
        using var current = Content("a", "worthless-old-1");
        using var generated = Content("a", Odd);
        using var staged = backend.Prepare(current, generated);

        (await backend.InspectAsync(current, Stop)).Slots
            .Select(slot => (slot.Id.Value, slot.Enabled))
            .Should()
            .Equal(("a", true), ("b", false));
        (await backend.ProveAsync(current, Stop)).Should().Be(Proof.Accepted);
        (await backend.ProveAsync(staged, Stop)).Acceptance.Should().Be(Acceptance.Refused);
        await backend.SetAsync(Id, staged, Stop);
        await backend.SetAsync(Id, staged, Stop);
        (await backend.ProveAsync(staged, Stop)).Should().Be(Proof.Accepted);
        (await backend.ProveAsync(current, Stop)).Should().Be(Proof.Accepted);
        await backend.DisableAsync(new("b"), new("a"), Stop);
        await backend.DisableAsync(new("b"), new("a"), Stop);
        (await backend.ProveAsync(staged, Stop)).Acceptance.Should().Be(Acceptance.Refused);
        await backend.EnableAsync(new("b"), staged, Stop);
        (await backend.ProveAsync(staged, Stop)).Should().Be(Proof.Accepted);
        (await File.ReadAllTextAsync(_fixture.PathOf("bin/arguments"), Stop)).Should().NotContain("worthless");
    }

    [Fact]
    public async Task The_example_for_sql_server_says_when_the_server_or_the_admin_is_out()
    {
        SkipWithout("bash", "jq");
        var backend = OpenSqlServer();
        using var current = Content("a", "worthless-old-1");
        await File.WriteAllTextAsync(_fixture.PathOf("bin/down"), "", Stop);

        (await backend.ProveAsync(current, Stop)).Acceptance.Should().Be(Acceptance.Unknown);
        (await FailureOf(backend.SetAsync(Id, current, Stop))).Should().Be((FailureKind.Unavailable, Effect.Rejected));
        File.Delete(_fixture.PathOf("bin/down"));
        await File.WriteAllTextAsync(_fixture.PathOf("bin/logins"), "a\tworthless-old-1\ton\nb\tx\toff\nboss\tother\ton\n", Stop);
        (await FailureOf(backend.InspectAsync(current, Stop))).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
    }

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

    private ICredentialBackend OpenSqlServer()
    {
        Directory.CreateDirectory(_fixture.PathOf("bin"));
        _fixture.Write("bin/sqlcmd", Sqlcmd);
        File.WriteAllText(_fixture.PathOf("bin/logins"), "a\tworthless-old-1\ton\nb\tx\toff\nboss\tworthless-admin-77aa\ton\n");
        _fixture.Write("backend", File.ReadAllText(Example("sql-server")));
        return _fixture.Open(Set with
        {
            Command = [Env, $"PATH={_fixture.PathOf("bin")}:/usr/bin:/bin", _fixture.PathOf("backend"), "db.internal,1433"],
            AdminAt = AdminReference,
        });
    }

    private const string Env = "/usr/bin/env";

    private static string Example(string name) => Path.Combine(RepositoryFiles.Root, "docs", "examples", "backends", name);

    private static void SkipWithout(params string[] tools)
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
