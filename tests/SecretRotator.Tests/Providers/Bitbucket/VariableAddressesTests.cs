using SecretRotator.Providers.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class VariableAddressesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_environments_of_a_repository_are_listed_once_however_many_calls_need_them()
    {
        await using var stage = await BitbucketStage.StartAsync();

        await Task.WhenAll(
            new[] { "production", "staging", "Production", "STAGING" }.Select(
                name => stage.Connection.Variables.ListAsync(Environment(name), Cancellation)));

        (stage.CallsOf("environments"), stage.CallsOf("list")).Should().Be((1, 4));
    }

    [Fact]
    public async Task Repositories_don_t_wait_for_each_other_s_environments()
    {
        var all = new MeetingNetwork(3);
        using var connection = BitbucketConnection.Create(
            new() { Patience = new() { Attempt = Timeout.InfiniteTimeSpan } }, BitbucketStage.Token("the-token-of-a-test"),
            RunLimits.Default,
            new NodaTime.Testing.FakeClock(ScriptedNetwork.Noon), new SkippingTime(), new ScriptedRandom(0), () => all);

        var asked = Task.WhenAll(
            new[] { "one", "two", "three" }.Select(
                slug => FailureOf(() => connection.Variables.ListAsync(new VariableScope.Environment("acme", slug, "x"), Cancellation))));

        (await asked).Should().OnlyContain(failure => failure.Kind == FailureKind.TargetMissing);
    }

    [Fact]
    public async Task A_missing_environment_is_told_with_the_ones_that_exist()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Environment("prod"), Cancellation));

        failure.Kind.Should().Be(FailureKind.TargetMissing);
        failure.Message.Should()
            .Be("The repository acme/payments-api has no deployment environment named prod. It has: staging, production.");
    }

    [Fact]
    public async Task An_ambiguous_environment_is_refused()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(
            state => state.Workspaces["acme"].Repositories["payments-api"].Environments
                .Add(new() { Uuid = $"{{{Guid.NewGuid()}}}", Name = "PRODUCTION" }));

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Environment("production"), Cancellation));

        failure.Message.Should().Contain("has 2 deployment environments named production");
    }

    [Fact]
    public async Task A_failed_listing_of_environments_is_not_remembered()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.environments#1=403");
        await FailureOf(() => stage.Connection.Variables.ListAsync(Environment("production"), Cancellation));

        (await stage.Connection.Variables.ListAsync(Environment("production"), Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task More_environments_than_a_page_holds_are_all_seen()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repositories["payments-api"].Environments
            .AddRange(
                Enumerable.Range(0, 120)
                    .Select(i => new SecretRotator.Sandbox.Bitbucket.EnvironmentState
                    {
                        Uuid = $"{{{Guid.NewGuid()}}}",
                        Name = $"review-{i}",
                    })));

        (await stage.Connection.Variables.ListAsync(Environment("review-119"), Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Pipelines_that_was_never_enabled_is_hinted_at()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repositories["payments-api"].PipelinesEnabled = false);

        var failure = await FailureOf(
            () => stage.Connection.Variables.ListAsync(new VariableScope.Repository("acme", "payments-api"), Cancellation));

        failure.Hint.Should().Contain("Pipelines is enabled");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    [InlineData("")]
    [InlineData("a?b")]
    public void A_slug_that_would_change_the_path_is_refused(string slug) =>
        FluentActions.Invoking(() => VariableAddresses.Segment(slug)).Should().Throw<ArgumentException>();

    private static VariableScope.Environment Environment(string name) => new("acme", "payments-api", name);

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;

    // Answers only when so many requests wait at once.
    private sealed class MeetingNetwork(int needed) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waiting;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _waiting) == needed)
                _met.SetResult();
            await _met.Task.WaitAsync(cancellationToken);
            return ScriptedNetwork.Answer(200, """{"size":0,"values":[]}""");
        }
    }
}
