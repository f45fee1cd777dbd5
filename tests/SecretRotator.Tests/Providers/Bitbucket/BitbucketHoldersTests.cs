using SecretRotator.Providers.Bitbucket;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class BitbucketHoldersTests
{
    private static readonly Guid Uuid = Guid.Parse("0e1f2a3b-0000-4000-8000-000000000001");

    private static readonly Guid Step = Guid.Parse("0e1f2a3b-0000-4000-8000-000000000002");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PENDING", HolderState.Running)]
    [InlineData("IN_PROGRESS", HolderState.Running)]
    [InlineData("COMPLETED", HolderState.Ended)]
    [InlineData("SOMETHING_NEW", HolderState.Unknown)]
    public async Task A_pipeline_is_asked_about(string state, HolderState expected)
    {
        await using var stage = await StartAsync(state);

        (await stage.Connection.Holders.StateOfAsync(Pipeline(), Cancellation)).Should().Be(expected);
    }

    [Theory]
    [InlineData("PENDING", HolderState.Running)]
    [InlineData("READY", HolderState.Running)]
    [InlineData("IN_PROGRESS", HolderState.Running)]
    [InlineData("COMPLETED", HolderState.Ended)]
    [InlineData("SOMETHING_NEW", HolderState.Unknown)]
    public async Task A_step_is_asked_about_where_the_mark_names_one_though_its_pipeline_goes_on(string state, HolderState expected)
    {
        await using var stage = await StartAsync("IN_PROGRESS");
        await stage.ChangeAsync(bitbucket => bitbucket.Workspaces["acme"].Repositories["payments-api"].Pipelines[^1].StepState = state);

        (await stage.Connection.Holders.StateOfAsync(Pipeline() with { Step = new(Step.ToString(), 1) }, Cancellation)).Should()
            .Be(expected);
    }

    [Fact]
    public async Task A_step_that_its_pipeline_does_not_have_is_unknown()
    {
        await using var stage = await StartAsync("COMPLETED");

        (await stage.Connection.Holders.StateOfAsync(Pipeline() with { Step = new(Uuid.ToString(), 1) }, Cancellation)).Should()
            .Be(HolderState.Unknown);
    }

    [Theory]
    [InlineData("404")]
    [InlineData("403")]
    [InlineData("500")]
    [InlineData("garbage")]
    public async Task A_question_without_an_answer_is_unknown(string fault)
    {
        await using var stage = await StartAsync("COMPLETED", $"bitbucket.pipeline={fault}");

        (await stage.Connection.Holders.StateOfAsync(Pipeline(), Cancellation)).Should().Be(HolderState.Unknown);
    }

    [Fact]
    public async Task A_pipeline_that_can_t_exist_is_unknown()
    {
        await using var stage = await StartAsync("COMPLETED");

        (await stage.Connection.Holders.StateOfAsync(Pipeline() with { Repository = ".." }, Cancellation)).Should().Be(HolderState.Unknown);
    }

    [Fact]
    public async Task A_process_of_this_machine_is_looked_up_here()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in Linux's /proc.");
        await using var stage = await StartAsync("COMPLETED");

        (await stage.Connection.Holders.StateOfAsync(new LocalProcesses().Self("someone@somewhere"), Cancellation)).Should()
            .Be(HolderState.Running);
    }

    private static Holder.Pipeline Pipeline() => new("acme", "payments-api", Uuid.ToString(), 7);

    private static async Task<BitbucketStage> StartAsync(string state, params string[] faults)
    {
        var stage = await BitbucketStage.StartAsync(null, faults);
        await stage.ChangeAsync(bitbucket => bitbucket.Workspaces["acme"].Repositories["payments-api"].Pipelines
            .Add(new PipelineState
            {
                Uuid = Uuid.ToString("B"),
                BuildNumber = 7,
                StepUuid = Step.ToString("B"),
                State = state,
                Result = state == "COMPLETED" ? "SUCCESSFUL" : null,
            }));
        return stage;
    }
}
