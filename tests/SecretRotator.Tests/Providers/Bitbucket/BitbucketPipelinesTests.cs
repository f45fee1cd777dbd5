using SecretRotator.Attestations;
using SecretRotator.Evidence;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>The client that runs pipelines, against the emulator, which runs their step for real.</summary>
public sealed class BitbucketPipelinesTests
{
    private const string Nonce = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210";
    private static readonly RunId Run = new("11111111-0000-8000-8000-000000000001");

    [Fact]
    public async Task A_pipeline_is_run_watched_and_read()
    {
        await using var stage = await StageAsync(
            "echo \"$SECRET_ROTATOR_ATTEST_KEYS in $BITBUCKET_REPO_FULL_NAME on $BITBUCKET_BRANCH for $SECRET_ROTATOR_ATTEST_RUN\"");

        var started = await StartAsync(stage);
        var progress = await EndAsync(stage, started);

        (started.Build, started.ToString()).Should().Be((1, "pipeline #1 (attest) of secret-rotator"));
        progress.Should().Be(new PipelineProgress("COMPLETED", "SUCCESSFUL"));
        (await stage.Connection.Pipelines.ReadLogAsync(started, Cancellation)).Should()
            .EndWith($"\nONE TWO in acme/secret-rotator on main for {Run.Value}\n");
    }

    [Fact]
    public async Task The_nonce_is_sent_once_in_a_body_and_kept_nowhere()
    {
        await using var stage = await StageAsync("echo \"$SECRET_ROTATOR_ATTEST_NONCE\"");

        var started = await StartAsync(stage);
        await EndAsync(stage, started);
        var log = await stage.Connection.Pipelines.ReadLogAsync(started, Cancellation);

        stage.Recorded.Calls.Where(c => c.Body.Contains(Nonce)).Should().ContainSingle().Which.Method.Should().Be("POST");
        stage.Recorded.Calls.Should().NotContain(c => c.Uri.AbsoluteUri.Contains(Nonce) || c.Answer.Contains(Nonce));
        log.Should().EndWith("\n$SECRET_ROTATOR_ATTEST_NONCE\n");
        (await stage.Host.Store.ReadAsync(state => JsonSerializer.Serialize(state.Bitbucket), Cancellation)).Should().NotContain(Nonce);
        stage.Host.Calls.Snapshot().Should().NotContain(c => c.ToString().Contains(Nonce));
    }

    [Fact]
    public async Task The_storage_that_keeps_logs_is_shown_no_credential()
    {
        await using var stage = await StageAsync("true");

        var started = await StartAsync(stage);
        await EndAsync(stage, started);
        await stage.Connection.Pipelines.ReadLogAsync(started, Cancellation);

        stage.Recorded.Calls.Should().ContainSingle(c => c.Uri.AbsolutePath.StartsWith(BitbucketRuns.StoragePath)).Which.Authorization
            .Should().BeNull();
        stage.Recorded.Calls.Count(c => c.Authorization is null).Should().Be(1);
    }

    [Fact]
    public async Task A_start_without_an_answer_is_looked_for_and_not_repeated()
    {
        await using var stage = await StageAsync("true", "bitbucket.run#1=lost");

        var started = await StartAsync(stage);

        stage.CallsOf("run").Should().Be(1);
        (await stage.Host.Store.ReadAsync(
            state => state.Bitbucket.Workspaces["acme"].Repositories["secret-rotator"].Pipelines.Single().Uuid, Cancellation)).Should()
                .Be($"{{{started.Uuid}}}");
    }

    [Fact]
    public async Task A_start_that_never_arrived_is_repeated_once()
    {
        await using var stage = await StageAsync("true", "bitbucket.run#1=garbage");

        await StartAsync(stage);

        stage.CallsOf("run").Should().Be(2);
        (await stage.Host.Store.ReadAsync(
            state => state.Bitbucket.Workspaces["acme"].Repositories["secret-rotator"].Pipelines.Count, Cancellation)).Should().Be(1);
    }

    [Fact]
    public async Task The_pipeline_of_another_run_is_not_taken_for_ones_own()
    {
        await using var stage = await StageAsync("true", "bitbucket.run#2=garbage");
        using var nonce = SecretValue.FromText(Nonce);
        var others = await stage.Connection.Pipelines.StartAsync(
            Order(nonce) with { Run = new("22222222-0000-8000-8000-000000000002") }, Cancellation);

        (await StartAsync(stage)).Uuid.Should().NotBe(others.Uuid);
    }

    [Fact]
    public async Task A_start_that_is_never_answered_is_unknown()
    {
        await using var stage = await StageAsync("true", "bitbucket.run=garbage");

        (await FailureOf(() => StartAsync(stage))).Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_pipeline_that_the_file_lacks_is_explained()
    {
        await using var stage = await StageAsync("true");
        using var nonce = SecretValue.FromText(Nonce);

        var failure = await FailureOf(
            () => stage.Connection.Pipelines.StartAsync(Order(nonce) with { Pipeline = "attest-production" }, Cancellation));

        failure.Message.Should().Contain("run the pipeline attest-production").And.Contain("400");
        failure.Hint.Should().Contain("must be in bitbucket-pipelines.yml on the branch main");
    }

    [Fact]
    public async Task A_credential_that_may_not_run_pipelines_is_told_which_scope_it_lacks()
    {
        await using var stage = await StageAsync("true");
        await stage.ChangeAsync(state => state.Credentials[0].Scopes = ["pipeline", "pipeline:variable"]);

        (await FailureOf(() => StartAsync(stage))).Hint.Should().Contain("\"pipeline:write\"");
    }

    [Fact]
    public async Task A_pipeline_that_waits_is_stopped_and_one_that_has_ended_is_left_alone()
    {
        await using var stage = await StageAsync("true", "bitbucket.step=hold");
        var started = await StartAsync(stage);
        (await stage.Connection.Pipelines.LookAsync(started, Cancellation)).Should().Be(new PipelineProgress("PENDING", null));

        await stage.Connection.Pipelines.StopAsync(started, Cancellation);
        await stage.Connection.Pipelines.StopAsync(started, Cancellation);

        (await stage.Connection.Pipelines.LookAsync(started, Cancellation)).Result.Should().Be("STOPPED");
    }

    [Fact]
    public async Task A_held_pipeline_runs_when_it_is_let_go()
    {
        await using var stage = await StageAsync("true", "bitbucket.step=hold");
        var started = await StartAsync(stage);
        while (stage.Host.Faults.Held == 0)
            await Task.Yield();
        stage.Host.Faults.Clear();

        (await EndAsync(stage, started)).Succeeded.Should().BeTrue();
    }

    [Theory]
    [InlineData("exit 3", "FAILED")]
    [InlineData("kill -9 $$", "FAILED")]
    public async Task A_step_that_fails_fails_its_pipeline(string script, string result)
    {
        await using var stage = await StageAsync(script);

        (await EndAsync(stage, await StartAsync(stage))).Result.Should().Be(result);
    }

    [Theory]
    [InlineData("http://logs.example/x")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("/relative")]
    public async Task A_log_is_followed_to_no_address_without_tls(string address)
    {
        var network = new ScriptedNetwork(
            (request, _) => request.RequestUri!.AbsolutePath.EndsWith("/log", StringComparison.Ordinal) ? Moved(address) : Steps("a"));
        using var connection = network.Connect();

        (await FailureOf(() => connection.Pipelines.ReadLogAsync(Started, Cancellation))).Message.Should().Contain("isn't https");
        network.Requests.Should().Be(2);
    }

    [Fact]
    public async Task A_log_without_end_is_not_read_to_its_end()
    {
        var network = new ScriptedNetwork(
            (request,
                _) => request.RequestUri!.Host == "logs.example" ? ScriptedNetwork.Answer(200, new string('x', (1 << 20) + 1), "text/plain")
                : request.RequestUri.AbsolutePath.EndsWith("/log", StringComparison.Ordinal)
                ? Moved("https://logs.example/x?signature=y")
                : Steps("a"));
        using var connection = network.Connect();

        (await FailureOf(() => connection.Pipelines.ReadLogAsync(Started, Cancellation))).Message
            .Should().Contain("longer than").And
            .NotContain("signature");
    }

    [Fact]
    public async Task A_pipeline_with_several_steps_proves_nothing()
    {
        using var connection = new ScriptedNetwork((_, _) => Steps("a", "b")).Connect();

        (await FailureOf(() => connection.Pipelines.ReadLogAsync(Started, Cancellation))).Message.Should().Contain("has 2 steps");
    }

    [Fact]
    public async Task A_log_that_comes_late_is_waited_for()
    {
        var logs = 0;
        using var connection = new ScriptedNetwork((request, _) =>
            !request.RequestUri!.AbsolutePath.EndsWith("/log", StringComparison.Ordinal) ? Steps("a")
            : ++logs < 3 ? ScriptedNetwork.Answer(404, "{}") : ScriptedNetwork.Answer(200, "here", "text/plain")).Connect();

        (await connection.Pipelines.ReadLogAsync(Started, Cancellation)).Should().Be("here");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StartedPipeline Started => new(BitbucketStage.Home, "attest", "abcdef01-2345-6789-abcd-ef0123456789", 7);

    private static PipelineOrder Order(SecretValue nonce) => new(BitbucketStage.Home, "main", "attest", Run, ["ONE", "TWO"], nonce);

    private static HttpResponseMessage Moved(string address)
    {
        var answer = ScriptedNetwork.Answer(307, "");
        answer.Headers.TryAddWithoutValidation("Location", address);
        return answer;
    }

    private static HttpResponseMessage Steps(params string[] names) =>
        ScriptedNetwork.Answer(
            200, $$"""{"values":[{{string.Join(',', names.Select(n => $$"""{"uuid":"{{ScriptedNetwork.UuidOf(n)}}"}"""))}}]}""");

    private static async Task<BitbucketStage> StageAsync(string script, params string[] faults)
    {
        var stage = await BitbucketStage.StartAsync(null, faults);
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repositories["secret-rotator"].PipelineFile =
            $"pipelines:\n  custom:\n    attest:\n      - step:\n          script:\n            - |\n              {script}\n");
        return stage;
    }

    private static async Task<StartedPipeline> StartAsync(BitbucketStage stage)
    {
        using var nonce = SecretValue.FromText(Nonce);
        return await stage.Connection.Pipelines.StartAsync(Order(nonce), Cancellation);
    }

    private static async Task<PipelineProgress> EndAsync(BitbucketStage stage, StartedPipeline started)
    {
        while (true)
        {
            if (await stage.Host.Store.ReadAsync(
                state => state.Bitbucket.Workspaces["acme"].Repositories["secret-rotator"].Pipelines
                    .Single(p => p.BuildNumber == started.Build).State, Cancellation) == "COMPLETED")
                return await stage.Connection.Pipelines.LookAsync(started, Cancellation);
            await Task.Yield();
        }
    }

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
