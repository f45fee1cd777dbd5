using SecretRotator.Bitbucket;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class BitbucketPipelineReaderTests
{
    private static readonly VariableScope.Repository Repository = new(BitbucketStage.Workspace, BitbucketStage.Repository);
    private static readonly DateTimeOffset Created = new(2026, 11, 23, 11, 50, 0, TimeSpan.Zero);

    [Fact]
    public async Task Pipelines_that_run_or_are_pending_are_listed_with_what_people_know_them_by()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await AddAsync(stage, Pipeline(12, "IN_PROGRESS"), Pipeline(13, "PENDING"), Pipeline(11, "COMPLETED", result: "FAILED"));

        var running = await ListAsync(stage);

        running.Select(p => (p.Build, p.IsPending, p.Name, p.CreatedAt, p.Repository)).Should().Equal(
            (12, false, "main", Instant.FromDateTimeOffset(Created), Repository),
            (13, true, "main", Instant.FromDateTimeOffset(Created), Repository));
        stage.CallsOf("pipelines").Should().Be(2);
    }

    [Fact]
    public async Task A_pipeline_that_waits_for_a_person_runs_no_step()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await AddAsync(stage, Pipeline(12, "IN_PROGRESS", stage: "PAUSED"), Pipeline(13, "IN_PROGRESS", stage: "HALTED"));

        (await ListAsync(stage)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_hundred_and_fifty_are_listed_whole()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await AddAsync(stage, [.. Enumerable.Range(1, 150).Select(build => Pipeline(build, "IN_PROGRESS"))]);

        (await ListAsync(stage)).Should().HaveCount(150);
    }

    [Fact]
    public async Task More_than_runners_ever_take_are_not_gone_through()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await AddAsync(stage, [.. Enumerable.Range(1, 501).Select(build => Pipeline(build, "PENDING"))]);

        (await FailureAsync(stage)).Kind.Should().Be(FailureKind.Garbled);
        stage.CallsOf("pipelines").Should().BeLessThanOrEqualTo(10);
    }

    [Theory]
    [InlineData("403", FailureKind.AccessDenied)]
    [InlineData("404", FailureKind.NotFound)]
    [InlineData("garbage", FailureKind.Garbled)]
    public async Task A_list_without_an_answer_is_a_failure_and_never_an_empty_list(string fault, FailureKind kind)
    {
        await using var stage = await BitbucketStage.StartAsync(null, $"bitbucket.pipelines={fault}");

        (await FailureAsync(stage)).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task A_second_list_without_an_answer_is_a_failure_too()
    {
        await using var stage = await BitbucketStage.StartAsync(null, "bitbucket.pipelines#2..=403");

        (await FailureAsync(stage)).Kind.Should().Be(FailureKind.AccessDenied);
    }

    [Fact]
    public async Task A_state_that_no_one_knows_makes_the_list_unknown()
    {
        var network = Answering(
            """{"page":1,"size":1,"pagelen":100,"values":[{"uuid":"{0e1f2a3b-0000-4000-8000-000000000001}","build_number":7,"created_on":"2026-11-23T11:50:00.123456Z","state":{"name":"DREAMING"}}]}""");

        (await FailureAsync(network)).Message.Should().Contain("DREAMING");
    }

    [Fact]
    public async Task What_has_ended_is_left_out_though_it_was_not_asked_for()
    {
        var network = Answering(
            """{"page":1,"size":1,"pagelen":100,"values":[{"uuid":"{0e1f2a3b-0000-4000-8000-000000000001}","build_number":7,"state":{"name":"COMPLETED"}}]}""");

        (await ListAsync(network)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("PAUSED")]
    [InlineData("HALTED")]
    public async Task What_waits_for_a_person_is_left_out_though_it_was_not_asked_for(string stage)
    {
        var network = Answering(
            """{"page":1,"size":1,"pagelen":100,"values":[{"uuid":"{0e1f2a3b-0000-4000-8000-000000000001}","build_number":7,"created_on":"2026-11-23T11:50:00.123456Z","state":{"name":"IN_PROGRESS","stage":{"name":"STAGE"}}}]}""".Replace("STAGE", stage, StringComparison.Ordinal));

        (await ListAsync(network)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_pipeline_without_a_time_of_creation_makes_the_list_unknown()
    {
        var network = Answering(
            """{"page":1,"size":1,"pagelen":100,"values":[{"uuid":"{0e1f2a3b-0000-4000-8000-000000000001}","build_number":7,"state":{"name":"IN_PROGRESS"}}]}""");

        (await FailureAsync(network)).Message.Should().Contain("no time of creation");
    }

    [Fact]
    public async Task Pending_ones_are_asked_for_first_and_each_page_by_its_number()
    {
        List<string> asked = [];
        var network = new ScriptedNetwork((request, _) =>
        {
            asked.Add(request.RequestUri!.PathAndQuery);
            return ScriptedNetwork.Answer(200, """{"page":1,"size":0,"pagelen":100,"values":[]}""");
        });

        await ListAsync(network);

        asked.Should().Equal(
            "/2.0/repositories/acme/payments-api/pipelines?status=PENDING&sort=created_on&pagelen=100&page=1",
            "/2.0/repositories/acme/payments-api/pipelines?status=BUILDING&sort=created_on&pagelen=100&page=1");
    }

    [Fact]
    public async Task A_custom_pipeline_is_told_by_its_name()
    {
        var network = Answering(
            """{"page":1,"size":1,"pagelen":100,"values":[{"uuid":"{0e1f2a3b-0000-4000-8000-000000000001}","build_number":7,"created_on":"2026-11-23T11:50:00.123456+00:00","state":{"name":"IN_PROGRESS","stage":{"name":"RUNNING"}},"target":{"ref_name":"main","selector":{"type":"custom","pattern":"nightly"}}}]}""");

        var running = (await ListAsync(network)).Single();
        running.ToString().Should().Be("payments-api #7 (custom: nightly)");
        running.Custom.Should().Be("nightly");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ScriptedNetwork Answering(string page) => ScriptedNetwork.Always(200, page);

    private static async Task<ImmutableArray<RunningPipeline>> ListAsync(ScriptedNetwork network)
    {
        using var connection = network.Connect();
        return await connection.InFlight.ListRunningAsync(Repository, Stop);
    }

    private static async Task<RemoteFailureException> FailureAsync(ScriptedNetwork network) =>
        (await FluentActions.Awaiting(() => ListAsync(network)).Should().ThrowAsync<RemoteFailureException>()).Which;

    private static Task<ImmutableArray<RunningPipeline>> ListAsync(BitbucketStage stage) =>
        stage.Connection.InFlight.ListRunningAsync(Repository, Stop);

    private static async Task<RemoteFailureException> FailureAsync(BitbucketStage stage) =>
        (await FluentActions.Awaiting(() => ListAsync(stage)).Should().ThrowAsync<RemoteFailureException>()).Which;

    private static Task AddAsync(BitbucketStage stage, params PipelineState[] pipelines) =>
        stage.ChangeAsync(
            state => state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Repository].Pipelines.AddRange(pipelines));

    private static PipelineState Pipeline(int build, string state, string? stage = null, string? result = null) =>
        new()
        {
            Uuid = Guid.NewGuid().ToString("B"),
            BuildNumber = build,
            State = state,
            Stage = stage,
            Result = result,
            Created = Created
        };
}
