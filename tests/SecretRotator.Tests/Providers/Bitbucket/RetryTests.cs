using System.Net;
using System.Security.Authentication;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class RetryTests
{
    private static readonly VariableScope Scope = new VariableScope.Repository("acme", "payments-api");
    private static readonly ObservedVariable Variable = new(Guid.Parse(ScriptedNetwork.UuidOf("K")).ToString(), "K", true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pauses_are_drawn_below_a_bound_that_doubles()
    {
        var time = new SkippingTime();
        using var connection = ScriptedNetwork.Always(500, "").Connect(time, drawn: 255);

        await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        time.Waits.Should().Equal(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Pauses_stay_bounded()
    {
        var time = new SkippingTime();
        using var connection = ScriptedNetwork.Always(500, "")
            .Connect(time, drawn: 255, patience: new() { Attempt = Timeout.InfiniteTimeSpan, Tries = 9 });

        await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        time.Waits.Max().Should().Be(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_429_is_waited_out()
    {
        var network = ScriptedNetwork.InTurn(TooMany, TooMany, () => ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect();

        (await connection.Variables.ListAsync(Scope, Cancellation)).Should().ContainSingle();
        (connection.CallsMade, connection.CallsThrottled).Should().Be((3, 2));
    }

    [Fact]
    public async Task A_429_on_one_variable_doesn_t_fail_another_one()
    {
        var network = new ScriptedNetwork(
            (request,
                _) => request.RequestUri!.AbsoluteUri.Contains("busy", StringComparison.Ordinal)
                    ? TooMany()
                    : ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect();

        var busy = FailureOf(() => connection.Variables.ListAsync(new VariableScope.Repository("acme", "busy"), Cancellation));
        for (var i = 0; i < 20; i++)
            (await connection.Variables.ListAsync(Scope, Cancellation)).Should().ContainSingle();

        (await busy).Kind.Should().Be(FailureKind.Throttled);
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("Mon, 23 Nov 2026 12:00:42 GMT", 42)]
    [InlineData("Mon, 23 Nov 2026 11:00:00 GMT", 0)]
    public async Task A_retry_after_is_honoured(string header, int seconds)
    {
        var time = new SkippingTime();
        var network = ScriptedNetwork.InTurn(() => With(TooMany(), "Retry-After", header), () => ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect(time);

        await connection.Variables.ListAsync(Scope, Cancellation);

        time.Waited.Should().BeCloseTo(TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_retry_after_of_a_503_is_honoured()
    {
        var time = new SkippingTime();
        var network = ScriptedNetwork.InTurn(
            () => With(ScriptedNetwork.Answer(503, ""), "Retry-After", "20"), () => ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect(time);

        await connection.Variables.ListAsync(Scope, Cancellation);

        time.Waits.Should().Equal(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_retry_after_that_is_too_long_fails_the_call_at_once()
    {
        var network = new ScriptedNetwork((_, _) => With(TooMany(), "Retry-After", "3600"));
        using var connection = network.Connect();

        var failure = await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        (failure.Kind, network.Requests).Should().Be((FailureKind.Throttled, 1));
    }

    [Fact]
    public async Task A_429_that_never_ends_says_for_how_long_it_was_tried()
    {
        var time = new SkippingTime();
        var network = new ScriptedNetwork((_, _) => TooMany());
        using var connection = network.Connect(time);

        var failure = await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        failure.Message.Should().MatchRegex(@"\(429: .*\), after [0-9]+ tries in ([0-9]+ min )?[0-9]+ s\.$").And.NotContain(" in 0 s");
    }

    [Fact]
    public async Task After_ten_minutes_of_429s_nothing_is_asked_that_begins_something_until_another_answer_comes()
    {
        var throttled = true;
        var time = new SkippingTime();
        var network = new ScriptedNetwork((request, _) => throttled ? TooMany()
            : request.Method == HttpMethod.Delete ? new HttpResponseMessage(HttpStatusCode.NoContent)
            : ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect(time);
        using var value = SecretValue.FromText("v");

        do
            await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));
        while (time.Waited < TimeSpan.FromMinutes(10));
        var (asked, took) = (network.Requests, time.Waited);
        var failure = await FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation));

        (network.Requests, failure.Kind, failure.Effect).Should().Be((asked, FailureKind.Throttled, Effect.Rejected));
        failure.Message.Should().MatchRegex("^Bitbucket was not asked to .* for 1[0-9] minutes with 429, too many calls\\.$");
        took.Should().BeLessThan(TimeSpan.FromMinutes(20));
        throttled = false;
        await connection.Variables.DeleteAsync(Scope, Variable.Uuid, Cancellation);
        (await connection.Variables.ListAsync(Scope, Cancellation)).Should().ContainSingle();
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.ProxyTunnelError)]
    public async Task What_was_never_sent_was_rejected_for_certain(HttpRequestError error)
    {
        var network = new ScriptedNetwork((_, _) => throw new HttpRequestException(error));
        using var connection = network.Connect();
        using var value = SecretValue.FromText("v");

        var failure = await FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation));

        (failure.Effect, network.Requests).Should().Be((Effect.Rejected, 4));
    }

    [Fact]
    public async Task A_connection_that_broke_leaves_a_put_unknown()
    {
        using var connection = new ScriptedNetwork((_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded)).Connect();
        using var value = SecretValue.FromText("v");

        (await FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation))).Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_certificate_that_isn_t_trusted_is_final()
    {
        var network = new ScriptedNetwork(
            (_, _) => throw new HttpRequestException(HttpRequestError.SecureConnectionError, inner: new AuthenticationException()));
        using var connection = network.Connect();
        using var value = SecretValue.FromText("v");

        var failure = await FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation));

        (failure.Effect, network.Requests).Should().Be((Effect.Rejected, 1));
        failure.Message.Should().Contain("TLS certificate isn't trusted");
        failure.Hint.Should().Contain("tls.caBundle");
    }

    [Fact]
    public async Task A_try_that_takes_too_long_is_given_up()
    {
        var time = new ManualTime();
        using var connection = BitbucketConnection.Create(
            new BitbucketSettings { Patience = new() { Tries = 1 } },
            BitbucketStage.Token("the-token-of-a-test"),
            RunLimits.Default,
            new NodaTime.Testing.FakeClock(ScriptedNetwork.Noon),
            time,
            new ScriptedRandom(0),
            () => new SilentNetwork());
        using var value = SecretValue.FromText("v");

        var put = FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation));
        time.Pass(TimeSpan.FromSeconds(30));

        var failure = await put;
        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Unknown));
        failure.Message.Should().Contain("no answer within 30 seconds");
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_read_to_its_end()
    {
        using var connection = ScriptedNetwork.Always(200, new string(' ', (1 << 20) + 1)).Connect();

        var failure = await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        failure.Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var network = new ScriptedNetwork((_, _) => With(ScriptedNetwork.Answer(302, ""), "Location", "https://elsewhere.example/"));
        using var connection = network.Connect();

        var failure = await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        (failure.Kind, network.Requests).Should().Be((FailureKind.Other, 1));
    }

    [Theory]
    [InlineData("""{"uuid":"{00000000-0000-0000-0000-000000000001}","key":"K","secured":true}""", "another one")]
    [InlineData("""{"uuid":"UUID","key":"RENAMED","secured":true}""", "another one")]
    [InlineData("""{"uuid":"UUID","key":"K","secured":false}""", "unsecured")]
    [InlineData("""{"uuid":"UUID","key":"K"}""", "unsecured")]
    public async Task A_put_that_answers_something_else_than_asked_is_unknown(string answer, string says)
    {
        using var connection = ScriptedNetwork.Always(200, answer.Replace("UUID", Variable.Uuid, StringComparison.Ordinal)).Connect();
        using var value = SecretValue.FromText("v");

        var failure = await FailureOf(() => connection.Variables.PutAsync(Scope, Variable, value, Cancellation));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Message.Should().Contain(says);
    }

    [Fact]
    public async Task When_the_budget_is_used_up_an_undo_goes_on_and_new_work_waits()
    {
        var network = new ScriptedNetwork((request, _) => request.Method == HttpMethod.Put
            ? ScriptedNetwork.Answer(200, $$"""{"uuid":"{{Variable.Uuid}}","key":"K","secured":true}""")
            : ScriptedNetwork.Page("", "K"));
        using var connection = network.Connect(new ManualTime(), callsPerHour: 20);
        using var value = SecretValue.FromText("v");
        await connection.Variables.PutAsync(Scope, Variable, value, Cancellation);
        await connection.Variables.ListAsync(Scope, Cancellation);
        while (connection.CallsLeft > 0)
            await connection.Variables.ListAsync(Scope, Cancellation);

        var work = connection.Variables.ListAsync(new VariableScope.Workspace("acme"), Cancellation);
        var undo = connection.Variables.PutAsync(Scope, Variable, value, Cancellation);
        var verification = connection.Variables.ListAsync(Scope, Cancellation);

        (work.IsCompleted, undo.IsCompletedSuccessfully, verification.IsCompletedSuccessfully).Should().Be((false, true, true));
    }

    private static HttpResponseMessage TooMany() =>
        ScriptedNetwork.Answer(429, "Rate limit for this resource has been exceeded", "text/plain");

    private static HttpResponseMessage With(HttpResponseMessage response, string name, string value)
    {
        response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;

    private sealed class SilentNetwork : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
