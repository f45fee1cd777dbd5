using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

public sealed class RunHistoryBuilderTests
{
    private static readonly Instant At = Instant.FromUtc(2026, 11, 24, 1, 0);
    private readonly RunHistoryBuilder _teller = new();

    public RunHistoryBuilderTests() =>
        _teller.Add(new EvidenceEntry.RunStarted(1, "", At, new("run"), "me", "rotate", "1", "holder", "inventory", null, []));

    [Fact]
    public void What_was_decided_is_told_with_its_reason_and_the_rules_that_did_not_hold()
    {
        var forced = new RecordedDecision("forced", "leaked", null, null, null, null);
        _teller.Add(new EvidenceEntry.Decided(2, "", At, "db", forced, ["freeze: year-end"]));

        Secret.Decision.Should().Be(forced);
        Secret.Overrides.Should().Equal("freeze: year-end");
    }

    [Fact]
    public void All_that_was_done_under_a_heading_is_one_step()
    {
        Step("claim", "begun");
        Step("claim", "done");
        Step("stage", "begun");

        Secret.Steps.Should().Equal(new StepHistory("claim", At, At, 1, 1, [], 0), new StepHistory("stage", At, At, 1, 0, [], 0));
    }

    [Fact]
    public void Failures_are_counted_and_the_first_twenty_are_told()
    {
        for (var failure = 1; failure <= 25; failure++)
            Step("distribute", "failed", $"target {failure}");

        Secret.Steps.Single().Failed.Should().Be(25);
        Secret.Steps.Single().Failures.Select(failure => failure.Target)
            .Should().Equal(Enumerable.Range(1, 20).Select(failure => $"target {failure}"));
    }

    [Fact]
    public void Of_the_credentials_of_a_step_the_first_twenty_are_told()
    {
        for (var key = 1; key <= 25; key++)
            Step("delete", "done", $"key {key}");

        Secret.Steps.Single().Credentials.Select(each => each.Credential)
            .Should().Equal(Enumerable.Range(1, 20).Select(key => $"key {key}"));
    }

    [Fact]
    public void Credentials_at_a_backend_are_told_with_what_it_said_and_targets_that_were_reached_are_not()
    {
        Step("disable", "done", "payments_a");
        Step("prove", "done", "payments_a", "refused by db:5432/payments");
        Step("distribute", "done", "payments-api:DB_PASSWORD");

        Secret.Steps.SelectMany(step => step.Credentials)
            .Should().Equal(new("payments_a", null), new CredentialHistory("payments_a", "refused by db:5432/payments"));
    }

    [Fact]
    public void Of_steps_of_ever_new_kinds_the_first_thirty_two_are_told_and_still_counted()
    {
        for (var kind = 1; kind <= 40; kind++)
            Step($"kind {kind}", "begun");
        Step("kind 1", "done");
        Step("kind 2", "done");

        Secret.Steps.Select(step => step.Kind).Should().Equal(Enumerable.Range(1, 32).Select(kind => $"kind {kind}"));
        Secret.Steps.Take(3).Select(step => step.Done).Should().Equal(1, 1, 0);
    }

    [Theory]
    [InlineData(null, "begun")]
    [InlineData("ended", "ended")]
    public void A_rotation_is_the_one_that_its_end_names_or_else_its_steps(string? named, string told)
    {
        Step("claim", "begun");
        _teller.Add(new EvidenceEntry.Ended(3, "", At, "db", named, new RecordedOutcome("rotated")));

        Secret.Rotation.Should().Be(told);
    }

    private SecretHistory Secret => _teller.Story!.Secrets.Single();

    private void Step(string kind, string state, string? target = null, string? detail = null) =>
        _teller.Add(new EvidenceEntry.Step(2, "", At, "db", "begun", kind, state, target, detail, null));
}
