using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>A step that can't be recorded is not begun; what was begun is put back or finished all the same.</summary>
public sealed class LostEvidenceTests() : DueSecret(Inventories.Payments, Inventories.Workspace)
{
    /// <summary>Fills the disk after every possible number of records.</summary>
    [Theory]
    [InlineData(CallFate.Works)]
    [InlineData(CallFate.Refused)]
    public async Task No_call_that_changes_something_is_made_before_its_step_is_told(CallFate ofPuts)
    {
        for (var room = 3; room < 40; room++)
        {
            var cloud = new ModelCloud();
            cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
            cloud.Fate = (call, number) => call == "put workspace:DB" && number == 1 ? ofPuts : CallFate.Works;
            var disk = new FullDisk(room);
            var run = await new RotationJob(new ModelMachine(cloud).Tools with { Evidence = disk })
                .RunAsync(Inventories.Of(_secret), PlanRequest.Everything, null, TestContext.Current.CancellationToken);

            var because = $"the disk has room for {room} records";
            var begun = disk.Records.OfType<EvidenceRecord.Step>().Where(s => s.State == StepState.Begun).Select(s => s.Kind).ToHashSet();
            cloud.Agrees(_secret).Should().BeTrue(because);
            cloud.Secrets[_secret.Path].Open.Should().BeNull(because);
            cloud.Calls.Any(c => c.StartsWith("claim ")).Should().Be(begun.Contains(RotationStep.Claim), because);
            cloud.Calls.Any(c => c.StartsWith("stage ")).Should().Be(begun.Contains(RotationStep.Stage), because);
            cloud.Calls.Any(c => c.StartsWith("put ")).Should().Be(begun.Contains(RotationStep.Distribute), because);
            cloud.Calls.Any(c => c.StartsWith("promote ")).Should().Be(begun.Contains(RotationStep.Promote), because);
            run.LostEvidence.Should().Be(disk.Lost > 0 ? "Record 1 is lost." : null, because);
        }
    }

    [Fact]
    public async Task A_rotation_whose_first_step_can_not_be_told_is_not_begun_and_says_why()
    {
        var outcome = (await RunAsync(_machine, StepIs(RotationStep.Claim, StepState.Begun))).Results.Single().Outcome;

        outcome.Should().Be(new RotationOutcome.Untouched(
            new Decision.Blocked(FailureKind.EvidenceLost, "The record is lost.", "A run that can't write evidence doesn't rotate.")));
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Fact]
    public async Task A_record_that_is_lost_over_a_claim_of_someone_else_is_told()
    {
        var them = new Holder.Process("00000000000000bb", 1, 1, "them@there");
        _cloud.At("claim ", () => Vault.Open = new OpenRotation(new("theirs"), new("v0"), them, ModelCloud.Start, Staged: true, "theirs"));

        (await RunAsync(_machine, StepIs(RotationStep.Claim, StepState.Done))).LostEvidence.Should().Be("The record is lost.");
    }

    [Fact]
    public async Task A_claim_of_what_need_not_be_done_any_more_is_released_though_its_record_is_lost_and_that_is_told()
    {
        _cloud.At("claim ", () => Vault.Delivered = Vault.Delivered! with { ValueSince = ModelCloud.Start });
        var run = await RunAsync(_machine, StepIs(RotationStep.Claim, StepState.Done));

        run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Untouched>();
        run.LostEvidence.Should().Be("The record is lost.");
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_record_that_is_lost_over_a_rotation_that_can_not_be_resumed_is_told()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await _machine.RotateAsync(Inventories.Of(_secret));
        _cloud.Fate = (call, _) => call.StartsWith("read-staged ") ? CallFate.Refused : CallFate.Works;
        var run = await RunAsync(_machine.Successor(), StepIs(RotationStep.Claim, StepState.Done));

        run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        run.LostEvidence.Should().Be("The record is lost.");
    }

    [Fact]
    public async Task The_claim_of_a_retirement_is_released_though_its_record_is_lost_and_that_is_told()
    {
        var secret = _secret with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) };
        await _machine.RotateAsync(Inventories.Of(secret));
        _cloud.Clock.Advance(Duration.FromHours(2));
        var run = await RunAsync(_machine, StepIs(RotationStep.Retire, StepState.Done), secret);

        run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Retired>();
        run.LostEvidence.Should().Be("The record is lost.");
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_step_that_failed_is_told_with_its_reason()
    {
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? CallFate.Refused : CallFate.Works;
        await _machine.RotateAsync(Inventories.Of(_secret));

        _machine.Evidence.OfType<EvidenceRecord.Step>().Should().Contain(s =>
            s.Kind == RotationStep.Distribute && s.State == StepState.Failed && s.Target == "workspace:DB"
                && s.Detail == "put workspace:DB was refused.");
    }

    [Fact]
    public async Task A_run_tells_who_it_is_and_what_it_acts_on()
    {
        await new RotationJob(_machine.Tools with { Version = "1.2.3" })
            .RunAsync(Inventories.Of(_secret), PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        _machine.Evidence[0].Should().Be(new EvidenceRecord.RunStarted(
                ModelCloud.Start, "rotate", "1.2.3", _machine.Self, InventoryDigest.Of(Inventories.Of(_secret))));
    }

    [Fact]
    public void What_a_failure_says_is_its_own_text_with_its_hint()
    {
        FailureMessages.Describe(new RemoteFailureException(FailureKind.Other, Effect.Rejected, "It was refused.", "Ask.")).Should()
            .Be("It was refused. Ask.");
        FailureMessages.Describe(new RemoteFailureException(FailureKind.Other, Effect.Rejected, "It was refused.")).Should()
            .Be("It was refused.");
        FailureMessages.Describe(new EvidenceException("The disk is full.")).Should().Be("The disk is full.");
        FailureMessages.Describe(new VerificationFailedException("It is gone.")).Should().Be("It is gone.");
        FailureMessages.Describe(new CommitUnknownException(new(FailureKind.Unavailable, "No one knows."), new InvalidOperationException()))
            .Should().Be("No one knows.");
        FailureMessages.Describe(new OperationCanceledException("a library's text")).Should().Be("It was cancelled.");
    }

    [Fact]
    public void The_text_of_an_exception_that_is_not_ours_is_never_repeated() =>
        FailureMessages.Describe(new InvalidOperationException("holds a value")).Should()
            .Be("Unexpected error (InvalidOperationException).");

    private static Func<EvidenceRecord, bool> StepIs(RotationStep kind, StepState state) =>
        record => record is EvidenceRecord.Step step && step.Kind == kind && step.State == state;

    private Task<RunResult> RunAsync(ModelMachine machine, Func<EvidenceRecord, bool> isLost, ManagedSecret? secret = null)
    {
        var evidence = new OnRecord([], isLost, () => throw new EvidenceException("The record is lost."));
        return new RotationJob(machine.Tools with { Evidence = evidence })
            .RunAsync(Inventories.Of(secret ?? _secret), PlanRequest.Everything, null, TestContext.Current.CancellationToken);
    }
}
