using SecretRotator.Commands;
using SecretRotator.Rotation;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

/// <summary>The command that is advised does what is wanted.</summary>
public sealed class AdviceTests
{
    private static readonly RotationOutcome Left = new RotationOutcome.NeedsOperator(
        new(FailureKind.Other, "The tag was refused"), ["Not recorded."])
    { State = ["The vault ...", "a:KEY holds the new value."] };
    private static readonly RotationOutcome Undone = new RotationOutcome.RolledBack(
        new(FailureKind.Other, "Bitbucket said no"), Cancelled: false);

    [Fact]
    public void An_adoption_that_was_not_recorded_is_finished_by_an_adoption() =>
        Of(new Decision.Adopt(Approved: true), Left).Command.Should().Be("secret-rotator rotate --only payments-db --adopt");

    [Fact]
    public void An_adoption_that_was_put_back_is_made_again_by_an_adoption() =>
        Of(new Decision.Adopt(Approved: true), Undone).Command.Should().Be("secret-rotator rotate --only payments-db --adopt");

    [Fact]
    public void What_was_forced_and_put_back_is_not_due_so_it_is_forced_again() =>
        Of(new Decision.Forced("me", "it's leaked"), Undone).Command.Should()
            .Be(@"secret-rotator rotate --force payments-db --reason 'it'\''s leaked'");

    [Fact]
    public void A_rollback_that_was_put_back_is_rolled_back_again() =>
        Of(new Decision.Forced("me", "refused"), Undone, restores: new VersionId("eabf858d-1")).Command.Should()
            .Be("secret-rotator rollback payments-db --to eabf858d-1 --reason 'refused'");

    [Fact]
    public void A_rollback_that_stands_open_is_finished_by_a_rotation() =>
        Of(new Decision.Forced("me", "refused"), Left, restores: new VersionId("eabf858d-1")).Command.Should()
            .Be("secret-rotator rotate --only payments-db");

    [Fact]
    public void What_needs_an_operator_tells_the_state_of_everything_and_then_what_is_left() =>
        Of(new Decision.Due(Samples.Now), Left).Now.Should().Equal("The vault ...", "a:KEY holds the new value.", "Not recorded.");

    private static Advice Of(Decision decision, RotationOutcome outcome, VersionId? restores = null) =>
        Advice.For(new SecretResult(Samples.PlanOf([decision]).Items[0] with { Restores = restores }, outcome))!;
}
