using SecretRotator.Commands;
using SecretRotator.Output;
using SecretRotator.Rotation;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class ExitCodeTests
{
    [Fact]
    public void Every_decision_has_a_sample() =>
        CasesOf<Decision>().Should().BeSubsetOf(Samples.Decisions.Select(decision => decision.GetType()));

    [Fact]
    public void Every_outcome_has_a_sample() =>
        CasesOf<RotationOutcome>().Should().BeSubsetOf(Samples.Outcomes.Select(outcome => outcome.GetType()));

    [Fact]
    public void Every_decision_has_an_exit_code_a_line_and_a_word()
    {
        foreach (var decision in Samples.Decisions)
        {
            Enum.IsDefined(ExitCodes.OfPlanned(decision)).Should().BeTrue();
            Enum.IsDefined(ExitCodes.Of(new RotationOutcome.Untouched(decision))).Should().BeTrue();
            HumanText.Why(decision, Samples.Now).Should().NotBeEmpty();
            WireNames.Of(decision).Should().MatchRegex("^[a-z]+(-[a-z]+)*$");
        }

        CasesOf<Decision>()
            .Select(type => WireNames.Of(Samples.Decisions.First(decision => decision.GetType() == type)))
            .Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_outcome_has_an_exit_code_a_line_and_a_word()
    {
        foreach (var outcome in Samples.Outcomes)
        {
            Enum.IsDefined(ExitCodes.Of(outcome)).Should().BeTrue();
            HumanText.Label(outcome).Should().NotBeEmpty();
            WireNames.Of(outcome).Should().MatchRegex("^[a-z]+(-[a-z]+)*$");
        }

        CasesOf<RotationOutcome>()
            .Select(type => WireNames.Of(Samples.Outcomes.First(outcome => outcome.GetType() == type)))
            .Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Whatever_does_not_end_well_has_advice()
    {
        foreach (var result in Samples.RunOf(Samples.Outcomes).Results)
            (Advice.For(result) is not null).Should().Be(ExitCodes.Of(result.Outcome) != ExitCode.Done, result.Outcome.ToString());
    }

    [Theory]
    [InlineData(new[] { 0, 3, 6, 4, 130, 1, 5 }, 5)]
    [InlineData(new[] { 0, 3, 6, 4, 130, 1 }, 1)]
    [InlineData(new[] { 0, 3, 6, 4, 130 }, 130)]
    [InlineData(new[] { 0, 3, 6, 4 }, 4)]
    [InlineData(new[] { 0, 3, 6 }, 6)]
    [InlineData(new[] { 0, 3 }, 3)]
    [InlineData(new[] { 0 }, 0)]
    [InlineData(new int[0], 0)]
    public void The_worst_one_wins(int[] codes, int worst)
    {
        ExitCodes.Worst(codes.Select(code => (ExitCode)code)).Should().Be((ExitCode)worst);
        ExitCodes.Worst(codes.Reverse().Select(code => (ExitCode)code)).Should().Be((ExitCode)worst);
    }

    [Fact]
    public void Every_exit_code_has_a_rank() =>
        Enum.GetValues<ExitCode>().Should()
            .OnlyContain(code => ExitCodes.Worst(new[] { code }) == code && ExitCodes.Worst(new[] { ExitCode.Done, code }) == code);

    [Fact]
    public void A_secret_that_was_to_be_rotated_and_was_not_counts_as_blocked() =>
        ExitCodes.Of(new RotationOutcome.Untouched(new Decision.Due(Samples.Now))).Should().Be(ExitCode.Blocked);

    [Fact]
    public void A_service_that_refuses_before_anything_was_changed_blocks_the_command_and_an_effect_that_is_not_known_is_never_called_so()
    {
        ExitCodes.Of(new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, "No AWS identity.", null)).Should()
            .Be(ExitCode.Blocked);
        ExitCodes.Of(new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, "No answer.", null)).Should()
            .Be(ExitCode.Unexpected);
    }

    [Fact]
    public void A_stopped_run_answers_130_and_an_operator_s_work_outranks_it()
    {
        ExitCodes.Of(
            Samples.RunOf(
                [new RotationOutcome.RolledBack(new(FailureKind.Other, "The run was stopped"), Cancelled: true)], cancelled: true)).Should()
                    .Be(ExitCode.Cancelled);
        ExitCodes.Of(Samples.RunOf([new RotationOutcome.NeedsOperator(new(FailureKind.Other, "x"), ["y"])], cancelled: true)).Should()
            .Be(ExitCode.NeedsOperator);
    }

    private static IEnumerable<Type> CasesOf<T>() => typeof(T).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(T)));
}
