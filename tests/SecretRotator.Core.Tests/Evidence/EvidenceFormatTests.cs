using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Evidence;

/// <summary>The lines of evidence as auditors' programs read them: a promise, member by member.</summary>
public sealed class EvidenceFormatTests
{
    private static readonly Instant At = Instant.FromUtc(2026, 11, 24, 1, 0);
    private static readonly Instant Later = Instant.FromUtc(2026, 12, 1, 2, 30);
    private static readonly OpenRotation Open = new(
        new("r0"), new("v0"), new Holder.Process("00000000000000aa", 7, 9, "me@here"), At, Staged: true, "handle");

    [Fact]
    public void Every_line_has_its_version_number_chain_and_time_in_canonical_order() =>
        Line(new EvidenceRecord.Planned(At, "d", 2), 5, "hash").Should().Be(
            """{"at":"2026-11-24T01:00:00.000Z","digest":"d","kind":"planned","previous":"hash","secrets":2,"sequence":5,"version":3}""");

    [Fact]
    public void A_run_s_beginning_tells_run_operator_command_tool_holder_and_inventory() =>
        MustTell(
            new EvidenceRecord.RunStarted(At, "rotate", "1.0", Open.Holder, "digest") { Run = new("r"), By = "me" },
            $$"""{"kind":"run-started","run":"r","by":"me","command":"rotate","tool":"1.0","holder":"{{Open.Holder.Format()}}","inventory":"digest"}""");

    [Fact]
    public void A_run_s_beginning_names_the_run_before_where_it_is_known() =>
        Line(new EvidenceRecord.RunStarted(At, "rotate", "1.0", Open.Holder, "digest") { After = new(new("r0"), "h0") },
            1, EvidenceFormat.NoHash)
            .Should().Contain(""" "after":{"head":"h0","run":"r0"} """.Trim());

    [Fact]
    public void A_decision_tells_which_rules_do_not_hold() =>
        MustTell(
            new EvidenceRecord.Decided(At, "db", new Decision.Forced("ada", "leaked")) { Overrides = ["freeze: year-end"] },
            """{"kind":"decided","secret":"db","decision":"forced","reason":"ada: leaked","overrides":["freeze: year-end"]}""");

    [Fact]
    public void A_run_s_end_commits_to_the_number_of_records_and_the_last_one() =>
        Line(new EvidenceRecord.RunEnded(At, 4), 9, "hash").Should()
            .Contain(""" "exitCode":4,"head":"hash","kind":"run-ended","previous":"hash","records":9, """.Trim());

    [Fact]
    public void A_run_s_end_is_sealed_with_the_hash_of_everything_else_in_it()
    {
        var line = Line(new EvidenceRecord.RunEnded(At, 4), 9, "hash");
        var seal = JsonNode.Parse(line)!["seal"]!.GetValue<string>();

        seal.Should().Be(Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(line.Replace($"\"seal\":\"{seal}\",", "", StringComparison.Ordinal)))));
    }

    [Fact]
    public void A_step_tells_what_it_is_about() =>
        MustTell(
            new EvidenceRecord.Step(At, "db", new("r1"), RotationStep.Distribute, StepState.Failed, "api:DB", "Refused."),
            """{"kind":"step","secret":"db","rotation":"r1","step":"distribute","state":"failed","target":"api:DB","detail":"Refused."}""");

    [Fact]
    public void A_step_without_target_and_detail_leaves_them_out() =>
        MustTell(
            new EvidenceRecord.Step(At, "db", new("r1"), RotationStep.Stage, StepState.Begun, null, null),
            """{"kind":"step","secret":"db","rotation":"r1","step":"stage","state":"begun"}""");

    public static TheoryData<Decision, string> Decisions => new()
    {
        { new Decision.Unfinished(Open, "Its holder has ended."), """ "decision":"unfinished","reason":"Its holder has ended." """ },
        { new Decision.Redeliver("It was changed elsewhere."), """ "decision":"redeliver","reason":"It was changed elsewhere." """ },
        { new Decision.Adopt(Approved: true),
            """ "decision":"adopt","reason":"It was never delivered by this tool; the operator approved." """ },
        { new Decision.Due(Later), """ "decision":"due","since":"2026-12-01T02:30:00.000Z" """ },
        { new Decision.NotDue(Later), """ "decision":"not-due","until":"2026-12-01T02:30:00.000Z" """ },
        { new Decision.Forced("ada", "leaked"), """ "decision":"forced","reason":"ada: leaked" """ },
        { new Decision.Waiting("Outside its window.", Later),
            """ "decision":"waiting","reason":"Outside its window.","until":"2026-12-01T02:30:00.000Z" """ },
        { new Decision.Retire(new("v1"), "Its grace has passed."), """ "decision":"retire","reason":"v1: Its grace has passed." """ },
        { new Decision.Waiting("Over the limit.", null), """ "decision":"waiting","reason":"Over the limit." """ },
        { new Decision.Blocked(FailureKind.Other, "It is gone.", "Look."),
            """ "decision":"blocked","reason":"It is gone.","hint":"Look.","failure":{"kind":"other"} """ },
    };

    [Theory]
    [MemberData(nameof(Decisions), DisableDiscoveryEnumeration = true)]
    public void A_decision_tells_its_reason_and_its_time(Decision decision, string facts) =>
        MustTell(new EvidenceRecord.Decided(At, "db", decision), $$"""{"kind":"decided","secret":"db",{{facts.Trim()}}}""");

    [Fact]
    public void An_adoption_that_no_one_approved_tells_what_would_be_lost_and_what_approves_it() =>
        Facts(new EvidenceRecord.Decided(At, "db", new Decision.Adopt(Approved: false)))
            .Should().Contain("can't be put back").And
            .Contain("--adopt");

    public static TheoryData<RotationOutcome, string> Outcomes => new()
    {
        { new RotationOutcome.Rotated(new("v1"), new("v2"), VerificationLevel.Attested),
            """ "outcome":"rotated","from":"v1","to":"v2","level":"attested" """ },
        { new RotationOutcome.Redelivered(new("v2"), VerificationLevel.Listed),
            """ "outcome":"redelivered","to":"v2","level":"listed" """ },
        { new RotationOutcome.Adopted(new("v2"), VerificationLevel.Listed), """ "outcome":"adopted","to":"v2","level":"listed" """ },
        { new RotationOutcome.Retired(new("v1")), """ "outcome":"retired","from":"v1" """ },
        { new RotationOutcome.Retired(new("v1")) { DeletedFrom = Later },
            """ "outcome":"retired","from":"v1","deletedFrom":"2026-12-01T02:30:00.000Z" """ },
        { new RotationOutcome.RolledBack(new(FailureKind.Other, "Refused."), Cancelled: true),
            """ "outcome":"rolled-back","cause":"Refused.","cancelled":true,"failure":{"kind":"other"} """ },
        {
            new RotationOutcome.NeedsOperator(
                new(FailureKind.Throttled, "Refused.", "Wait.") { Effect = Effect.Unknown, Service = "bitbucket", Resource = "api" },
                ["a", "b"]),
            """
            "outcome":"needs-operator","cause":"Refused. Wait.","notUndone":["a","b"],
            "failure":{"effect":"unknown","kind":"throttled","resource":"api","service":"bitbucket"}
            """
        },
        { new RotationOutcome.Untouched(new Decision.Blocked(FailureKind.Other, "It is gone.", "Look.")),
            """ "outcome":"untouched","decision":"blocked","reason":"It is gone.","hint":"Look.","failure":{"kind":"other"} """ },
    };

    [Theory]
    [MemberData(nameof(Outcomes), DisableDiscoveryEnumeration = true)]
    public void An_outcome_tells_versions_level_and_what_is_left(RotationOutcome outcome, string facts) =>
        MustTell(
            new EvidenceRecord.Ended(At, "db", new RotationId("r1"), outcome),
            $$"""{"kind":"ended","secret":"db","rotation":"r1",{{facts.Trim()}}}""");

    [Fact]
    public void An_outcome_without_a_rotation_names_none() =>
        Facts(new EvidenceRecord.Ended(At, "db", null, new RotationOutcome.RolledBack(new(FailureKind.Other, "Stopped."), Cancelled: true)))
            .Should().NotContain("\"rotation\"");

    [Fact]
    public void The_words_of_steps_and_states_are_the_protocol_s()
    {
        Enum.GetValues<RotationStep>()
            .Select(WireNames.Of)
            .Should().Equal(
                "claim", "check", "issue", "stage", "set", "prove", "distribute", "verify", "promote", "finish", "restore", "discard",
                "retire",
                "disable", "enable", "delete");
        Enum.GetValues<StepState>().Select(WireNames.Of).Should().Equal("begun", "done", "failed");
    }

    [Fact]
    public void A_step_a_state_or_a_level_without_a_word_is_an_error_and_not_an_empty_word()
    {
        FluentActions.Invoking(() => WireNames.Of((RotationStep)99)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => WireNames.Of((StepState)99)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => WireNames.Of((VerificationLevel)99)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static string Line(EvidenceRecord record, long sequence, string previous) =>
        Encoding.UTF8.GetString(EvidenceFormat.Format(record, sequence, previous).Span);

    private static string Facts(EvidenceRecord record) => Line(record, 1, EvidenceFormat.NoHash);

    private static void MustTell(EvidenceRecord record, string facts)
    {
        var told = JsonNode.Parse(Facts(record))!.AsObject();
        foreach (var common in (string[])["version", "sequence", "previous", "at"])
            told.Remove(common);
        JsonNode.DeepEquals(told, JsonNode.Parse(facts)).Should().BeTrue(told.ToJsonString());
    }
}
