using System.Diagnostics;
using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Telemetry;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Telemetry;

/// <summary>What evidence becomes as spans.</summary>
[Collection("telemetry")]
public sealed class RunTraceTests : IDisposable
{
    private static readonly RotationId Rotation = new("c0ffee00-6a43-4f0e-9d63-2f6f5a0f3b11");

    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public RunTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData(false, "rolled-back")]
    [InlineData(true, "needs-operator")]
    public void A_rotation_that_failed_is_an_error_with_its_cause(bool isLeft, string type)
    {
        using var trace = new RunTrace("rotate", default);
        trace.Append(Step(RotationStep.Claim, StepState.Begun));
        trace.Append(Step(RotationStep.Claim, StepState.Done));
        trace.Append(
            Ended(isLeft
                ? new RotationOutcome.NeedsOperator(new(FailureKind.Throttled, "the cause"), ["x"])
                : new RotationOutcome.RolledBack(new(FailureKind.Throttled, "the cause"), Cancelled: false)));

        var rotation = _ended.Single(span => span.OperationName == "rotation");
        rotation.Status.Should().Be(ActivityStatusCode.Error);
        rotation.StatusDescription.Should().Be("the cause");
        rotation.GetTagItem("error.type").Should().Be(type);
        rotation.GetTagItem("secret_rotator.failure.kind").Should().Be("throttled");
    }

    [Fact]
    public void Steps_to_several_targets_at_once_are_kept_apart()
    {
        using var trace = new RunTrace("rotate", default);
        trace.Append(Step(RotationStep.Distribute, StepState.Begun, "a:X"));
        trace.Append(Step(RotationStep.Distribute, StepState.Begun, "b:X"));
        trace.Append(Step(RotationStep.Distribute, StepState.Failed, "a:X", "503"));
        trace.Append(Step(RotationStep.Distribute, StepState.Done, "b:X"));

        _ended.Select(span => (span.GetTagItem("secret_rotator.target"), span.Status, span.StatusDescription))
            .Should().Equal(("a:X", ActivityStatusCode.Error, "503"), ("b:X", ActivityStatusCode.Unset, null));
    }

    [Fact]
    public void A_step_that_never_ended_is_an_error_when_its_rotation_ends()
    {
        using var trace = new RunTrace("rotate", default);
        trace.Append(Step(RotationStep.Stage, StepState.Begun));
        trace.Append(Ended(new RotationOutcome.RolledBack(new(FailureKind.Other, "x"), Cancelled: true)));

        _ended.Single(span => span.OperationName == "stage").GetTagItem("error.type").Should().Be("unfinished");
    }

    [Fact]
    public void A_command_that_breaks_off_ends_all_its_spans()
    {
        using var trace = new RunTrace("rotate", default);
        trace.Append(Step(RotationStep.Stage, StepState.Begun));

        trace.End(ExitCode.Unexpected);

        _ended.Select(span => span.OperationName).Should().BeEquivalentTo("stage", "rotation", "rotate");
        _ended.Should().OnlyContain(span => span.Status == ActivityStatusCode.Error);
    }

    [Theory]
    [InlineData(0, ActivityStatusCode.Unset)]
    [InlineData(3, ActivityStatusCode.Unset)]
    [InlineData(2, ActivityStatusCode.Error)]
    [InlineData(6, ActivityStatusCode.Error)]
    [InlineData(130, ActivityStatusCode.Error)]
    public void The_command_s_status_follows_its_exit_code(int exitCode, ActivityStatusCode status)
    {
        using var trace = new RunTrace("verify", default);

        trace.End((ExitCode)exitCode);

        _ended.Should().ContainSingle().Which.Status.Should().Be(status);
        _ended[0].GetTagItem("process.exit.code").Should().Be(exitCode);
    }

    [Fact]
    public void A_secret_that_stays_untouched_has_no_span()
    {
        using var trace = new RunTrace("rotate", default);

        trace.Append(new EvidenceRecord.Ended(Samples.Now, "edge", null, Samples.Outcomes[6]));

        _ended.Should().BeEmpty();
    }

    [Fact]
    public void No_span_becomes_the_ambient_one_whose_id_calls_would_carry()
    {
        using var trace = new RunTrace("rotate", default);
        trace.Append(Step(RotationStep.Claim, StepState.Begun));

        Activity.Current.Should().BeNull();
    }

    private static EvidenceRecord.Step Step(RotationStep step, StepState state, string? target = null, string? detail = null) =>
        new(Samples.Now, "payments-db", Rotation, step, state, target, detail);

    private static EvidenceRecord.Ended Ended(RotationOutcome outcome) => new(Samples.Now, "payments-db", Rotation, outcome);
}
