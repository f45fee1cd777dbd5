using System.Security.Cryptography;
using SecretRotator.Notifications;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Notifications;

/// <summary>Receivers that are told over HTTP, each on a socket of its own.</summary>
public sealed class HttpReceiverTests : IAsyncLifetime
{
    private readonly NotificationStage _stage = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_webhook_gets_json_that_it_can_verify()
    {
        await using var server = Server("204 No Content");

        (await _stage.SendAsync(Webhook(server))).Answer.Should().Be("204");

        var request = server.Requests.Single();
        var (id, at) = (Header(request, "webhook-id"), Header(request, "webhook-timestamp"));
        at.Should().Be("1795483800");
        Header(request, "webhook-signature").Should().Be("v1," + Convert.ToBase64String(HMACSHA256.HashData(
            Convert.FromBase64String(NotificationStage.Key[6..]), Encoding.UTF8.GetBytes($"{id}.{at}.{request.Body}"))));
        var json = JsonDocument.Parse(request.Body).RootElement;
        json.GetProperty("id").GetString().Should().Be(id);
        json.GetProperty("entries")[1].ToString().Should().Be(
            """{"event":"failed","secret":"payments-db","owner":"\u003C!channel\u003E \u0026 co","failure":"access-denied"}""");
    }

    [Fact]
    public async Task Slack_gets_text_in_which_nothing_can_mention_a_channel()
    {
        await using var server = Server("200 OK", "ok");

        (await _stage.SendAsync(Slack(server))).Answer.Should().Be("200");

        var text = JsonDocument.Parse(server.Requests.Single().Body).RootElement.GetProperty("text").GetString()!;
        text.Should().StartWith("*SecretRotator in acme: 1 needs an operator, 1 failed*\n").And
            .Contain("- payments-db: access-denied, owner &lt;!channel&gt; &amp; co\n").And
            .EndWith("\n<https://bitbucket.org/acme/secret-rotator/pipelines/results/17/steps/%7B0a1b%7D|The pipeline's step>");
    }

    [Fact]
    public async Task Teams_gets_an_adaptive_card_with_a_button()
    {
        await using var server = Server("202 Accepted");

        (await _stage.SendAsync(new NotificationReceiver.Teams("a", [], _stage.Keep(server)))).Answer.Should().Be("202");

        var message = JsonDocument.Parse(server.Requests.Single().Body).RootElement;
        message.GetProperty("type").GetString().Should().Be("message");
        var attachment = message.GetProperty("attachments")[0];
        attachment.GetProperty("contentType").GetString().Should().Be("application/vnd.microsoft.card.adaptive");
        var card = attachment.GetProperty("content");
        (card.GetProperty("type").GetString(), card.GetProperty("body")[0].GetProperty("text").GetString()).Should()
            .Be(("AdaptiveCard", "SecretRotator in acme: 1 needs an operator, 1 failed"));
        card.GetProperty("actions")[0].GetProperty("url").GetString().Should().Be(_stage.Message.Link!.AbsoluteUri);
    }

    [Fact]
    public async Task A_heartbeat_is_called_and_told_nothing()
    {
        await using var server = Server("200 OK");

        (await _stage.SendAsync(new NotificationReceiver.Heartbeat(_stage.Keep(server)))).Answer.Should().Be("200");

        server.Requests.Single().Head.Should().StartWith($"GET /services/{NotificationStage.Canary} ");
        server.Requests.Single().Body.Should().BeEmpty();
    }

    [Fact]
    public async Task A_pull_request_gets_a_comment()
    {
        await using var server = Server("201 Created", "{}");
        _stage.Environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = server.Address.AbsoluteUri;

        (await _stage.SendAsync(PullRequest)).Answer.Should().Be("the comment was added");

        server.Requests.Single().Path.Should().Be("/repositories/acme/ops/pullrequests/7/comments");
        JsonDocument.Parse(server.Requests.Single().Body).RootElement.GetProperty("content").GetProperty("raw").GetString().Should()
            .StartWith("**SecretRotator in acme: 1 needs an operator, 1 failed**  \n");
    }

    [Fact]
    public async Task A_pull_request_that_refuses_names_the_scope()
    {
        await using var server = Server("403 Forbidden", $$"""{"error":{"message":"{{NotificationStage.Canary}}" } }""");
        _stage.Environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = server.Address.AbsoluteUri;

        var answer = await _stage.SendAsync(PullRequest);

        answer.Failure!.Kind.Should().Be(FailureKind.AccessDenied);
        answer.Failure.ToString().Should().Contain("pullrequest");
    }

    [Theory]
    [InlineData("400 Bad Request", FailureKind.Other, 1)]
    [InlineData("403 Forbidden", FailureKind.AccessDenied, 1)]
    [InlineData("404 Not Found", FailureKind.NotFound, 1)]
    [InlineData("410 Gone", FailureKind.NotFound, 1)]
    [InlineData("429 Too Many Requests", FailureKind.Throttled, 3)]
    [InlineData("500 Internal Server Error", FailureKind.Unavailable, 3)]
    public async Task An_answer_that_refuses_is_told_by_its_number_alone(string status, FailureKind kind, int tries)
    {
        await using var server = Server(status, NotificationStage.Canary + " says the server");

        var answer = await _stage.SendAsync(Slack(server));

        (answer.Answer, answer.Failure!.Kind, server.Connections).Should().Be((null, kind, tries));
        answer.Failure.Message.Should().Be($"on-call (slack) was not told: it answered {status[..3]}.");
        NotificationStage.ShowsNothing(answer);
    }

    [Fact]
    public async Task A_receiver_that_recovers_in_time_is_told()
    {
        var calls = 0;
        await using var server = new RawServer((_, stream, stop) => stream.WriteAsync(
            Encoding.ASCII.GetBytes(RawServer.Http(++calls < 3 ? "503 Service Unavailable" : "200 OK", "")), stop).AsTask());

        (await _stage.SendAsync(Webhook(server))).Answer.Should().Be("200");

        server.Requests.Select(request => Header(request, "webhook-id")).Distinct(StringComparer.Ordinal).Should().ContainSingle(
            "a receiver that took it twice recognises it");
    }

    [Fact]
    public async Task A_redirect_is_never_followed()
    {
        await using var elsewhere = Server("200 OK");
        await using var server = RawServer.Always(RawServer.Http("307 Temporary Redirect", "", $"Location: {elsewhere.Address}"));

        var answer = await _stage.SendAsync(Slack(server));

        answer.Failure!.Message.Should().Contain("307, and redirects are not followed");
        elsewhere.Connections.Should().Be(0);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_not_read()
    {
        await using var server = new RawServer(async (_, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync(new byte[8192], stop);
        });

        (await _stage.SendAsync(Slack(server))).Failure!.Message.Should().Contain("longer than 65536 bytes");
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up_in_time()
    {
        ManualTime time = new();
        _stage.Time = time;
        await using var server = new RawServer((_, _, stop) =>
        {
            time.Pass(TimeSpan.FromSeconds(20));
            return Task.Delay(Timeout.Infinite, stop);
        });

        (await _stage.SendAsync(Slack(server))).Failure!.Message.Should().Be("There was no answer within 20 seconds.");
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_told_without_its_address()
    {
        var server = Server("200 OK");
        var slack = Slack(server);
        await server.DisposeAsync();

        var answer = await _stage.SendAsync(slack);

        answer.Failure!.Message.Should().Be("on-call (slack) was not told: it can't be reached.");
        NotificationStage.ShowsNothing(answer);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_server_whose_certificate_is_of_no_one_that_is_trusted()
    {
        using var stranger = SecretRotator.Sandbox.Hosting.SandboxCertificates.InMemory(NodaTime.SystemClock.Instance.GetCurrentInstant());
        await using var server = RawServer.Always(RawServer.Http("200 OK", ""), stranger.Server);

        (await _stage.SendAsync(Slack(server))).Failure!.Message.Should().Contain("its certificate isn't trusted, so nothing was sent");

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task The_bundle_of_authorities_counts_for_receivers_too()
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", ""), _stage.Certificates.Server);

        (await _stage.SendAsync(Slack(server))).Answer.Should().Be("200");
    }

    [Theory]
    [InlineData("http://hooks.acme.example/" + NotificationStage.Canary)]
    [InlineData("https://user:" + NotificationStage.Canary + "@hooks.acme.example/")]
    [InlineData(NotificationStage.Canary)]
    public async Task A_URL_that_can_not_be_called_is_not_repeated(string url)
    {
        var answer = await _stage.SendAsync(new NotificationReceiver.Slack("on-call", [], _stage.Keep("url", url)));

        answer.Failure!.Message.Should().Be("The URL of on-call in vault://prod/ci/notifications#url can't be called.");
        NotificationStage.ShowsNothing(answer);
    }

    [Theory]
    [InlineData("worthless7f3a9c")]
    [InlineData("whsec_c2hvcnQ=")]
    public async Task A_key_that_is_none_signs_nothing(string key)
    {
        await using var server = Server("200 OK");

        var answer = await _stage.SendAsync(new NotificationReceiver.Webhook("a", [], _stage.Keep(server), _stage.Keep("key", key)));

        answer.Failure!.Message.Should().Be("The key of a is no key of a webhook.");
        server.Connections.Should().Be(0);
        NotificationStage.ShowsNothing(answer);
    }

    [Fact]
    public async Task A_reference_that_leads_nowhere_is_named()
    {
        _stage.Keep("other", "x");

        (await _stage.SendAsync(new NotificationReceiver.Slack("on-call", [], new("prod", "ci/notifications", "slack"))))
            .Failure!.Message.Should().StartWith("The URL of on-call vault://prod/ci/notifications#slack can't be read:");
    }

    [Fact]
    public async Task One_receiver_that_fails_keeps_no_other_from_being_told()
    {
        await using var server = Server("200 OK");
        var bad = new NotificationReceiver.Slack("bad", [], _stage.Keep("bad", "no address"));

        var answers = await _stage.SendAllAsync(bad, Slack(server), PullRequest with { Name = "c" });

        answers.Select(answer => (answer.Receiver.Name, answer.Answer)).Take(2).Should().Equal(("bad", null), ("on-call", "200"));
    }

    private static NotificationReceiver.BitbucketPullRequest PullRequest { get; } =
        new("review", [], new VariableScope.Repository("acme", "ops"), 7);

    private NotificationReceiver.Slack Slack(RawServer server) => new("on-call", [], _stage.Keep(server));

    private NotificationReceiver.Webhook Webhook(RawServer server) =>
        new("hook", [], _stage.Keep(server), _stage.Keep("key", NotificationStage.Key));

    private static RawServer Server(string status, string body = "") => RawServer.Always(RawServer.Http(status, body));

    private static string Header(RawRequest request, string name) => request.Head.Split("\r\n")
        .Single(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();
}
