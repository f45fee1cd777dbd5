using System.Text.Json.Nodes;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Evidence;

/// <summary>What an auditor is told of a line that is no record.</summary>
public sealed class EntryReaderTests
{
    private static readonly string Planned = Line(new EvidenceRecord.Planned(ModelCloud.Start, "digest", 1));
    private static readonly Holder Me = new Holder.Process("00000000000000aa", 7, 9, "me@here");
    private static readonly string Started = Line(new EvidenceRecord.RunStarted(ModelCloud.Start, "rotate", "1", Me, "i")
    {
        After = new(new("r"), "h"),
    });
    private static readonly string Decided = Line(new EvidenceRecord.Decided(ModelCloud.Start, "db", new Decision.Forced("ada", "leaked"))
    {
        Overrides = ["freeze: year-end"],
    });

    private static readonly Failure Throttled = new(FailureKind.Throttled, "429")
    {
        Effect = Effect.Unknown,
        Service = "bitbucket",
        Resource = "api",
    };

    private static readonly RecordedFailure ThrottledAsRead = new("throttled", "unknown", "bitbucket", "api");

    [Theory]
    [InlineData("[]")]
    [InlineData("rotate")]
    public void Anything_but_an_object_is_none(string line) => Fault(line).Should().Be("It is not a JSON object.");

    [Fact]
    public void The_same_facts_in_another_form_are_none() =>
        Fault(Planned.Replace(",", ", ", StringComparison.Ordinal)).Should().Be("It is not in canonical form (RFC 8785).");

    [Fact]
    public void A_line_of_another_version_is_none_and_says_which_one_is_read() =>
        Fault(Planned.Replace("\"version\":3", "\"version\":4", StringComparison.Ordinal)).Should()
            .Be("It is of version 4; this program checks versions 2 to 3.");

    [Fact]
    public void A_line_of_an_unknown_kind_is_none() =>
        Fault(Planned.Replace("\"planned\"", "\"guessed\"", StringComparison.Ordinal)).Should()
            .Be("It is of a kind that this program doesn't know.");

    [Fact]
    public void Bytes_that_are_no_text_are_none() => EntryReader.Read(new byte[] { 0xff }).Fault.Should().Be("It is not UTF-8.");

    [Fact]
    public void A_step_is_read_with_all_that_it_says() =>
        Read(Line(new EvidenceRecord.Step(
            ModelCloud.Start, "db", new("r"), RotationStep.Distribute, StepState.Failed, "api:DB", "429")
        { Failure = Throttled }))
            .Entry.Should().Be(new EvidenceEntry.Step(
                1, EvidenceFormat.NoHash, ModelCloud.Start, "db", "r", "distribute", "failed", "api:DB", "429", ThrottledAsRead));

    [Fact]
    public void A_rotation_is_read_with_its_versions_and_its_level() =>
        Read(Line(new EvidenceRecord.Ended(
            ModelCloud.Start, "db", new("r"), new RotationOutcome.Rotated(new("v1"), new("v2"), VerificationLevel.Listed))))
            .Entry.Should().BeEquivalentTo(new EvidenceEntry.Ended(
                1, EvidenceFormat.NoHash, ModelCloud.Start, "db", "r",
                new RecordedOutcome("rotated") { From = "v1", To = "v2", Level = "listed" }));

    [Fact]
    public void What_is_left_to_be_done_by_hand_is_read() =>
        Outcome(new RotationOutcome.NeedsOperator(Throttled, ["api:DB"])).NotUndone.Should().Equal("api:DB");

    [Fact]
    public void Why_it_was_left_alone_is_read_with_the_decision() =>
        Outcome(new RotationOutcome.Untouched(new Decision.Blocked(FailureKind.Other, "It is gone.", "Look."))).Should()
            .BeEquivalentTo(new RecordedOutcome("untouched")
            {
                Because = new("blocked", "It is gone.", null, null, "Look.", new("other", null, null, null)),
            });

    [Fact]
    public void Since_when_it_is_due_and_until_when_it_is_not_are_read()
    {
        Outcome(new RotationOutcome.Untouched(new Decision.Due(ModelCloud.Start))).Because!.Since.Should().Be(ModelCloud.Start);
        Outcome(new RotationOutcome.Untouched(new Decision.NotDue(ModelCloud.Start))).Because!.Until.Should().Be(ModelCloud.Start);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whether_it_was_stopped_from_outside_is_read(bool cancelled) =>
        Outcome(new RotationOutcome.RolledBack(new(FailureKind.Other, "why"), cancelled)).IsCancelled.Should().Be(cancelled);

    [Fact]
    public void Why_it_failed_is_read_as_data() =>
        Outcome(new RotationOutcome.RolledBack(Throttled, Cancelled: false)).Failure.Should().Be(ThrottledAsRead);

    [Fact]
    public void A_record_from_before_there_were_failures_is_read_without_one()
    {
        const string Failure =
            ",\"failure\":{\"effect\":\"unknown\",\"kind\":\"throttled\",\"resource\":\"api\",\"service\":\"bitbucket\"}";
        var now = Line(new EvidenceRecord.Stopped(ModelCloud.Start, Throttled));

        var before = Read(
            now.Replace(Failure, "", StringComparison.Ordinal).Replace("\"version\":3", "\"version\":2", StringComparison.Ordinal));

        now.Should().Contain(Failure);
        before.Entry.Should().BeOfType<EvidenceEntry.Stopped>().Which
            .Should().BeEquivalentTo(new { Cause = "429", Failure = (RecordedFailure?)null });
    }

    [Fact]
    public void Half_a_character_is_none() =>
        Fault(Planned.Replace("\"digest\":\"digest\"", "\"digest\":\"\\ud800\"", StringComparison.Ordinal)).Should()
            .Be("It holds half a character, or a number that has no canonical form.");

    [Theory]
    [InlineData("at", "")]
    [InlineData("sequence", "\"1\"")]
    [InlineData("by", "1")]
    [InlineData("after", "1")]
    [InlineData("beside", "1")]
    [InlineData("beside", "[1]")]
    [InlineData("overrides", "\"freeze\"")]
    [InlineData("overrides", "[\"freeze\",1]")]
    [InlineData("failure", "1")]
    public void A_member_that_is_missing_or_of_another_type_is_named(string member, string json)
    {
        var line = JsonNode.Parse(member is "overrides" or "failure" ? Decided : Started)!.AsObject();
        line.Remove(member);
        if (json.Length > 0)
            line[member] = JsonNode.Parse(json);

        Fault(line.ToJsonString()).Should().Be($"Its \"{member}\" is missing or wrong.");
    }

    [Fact]
    public void A_line_that_is_nested_deeper_than_any_record_is_none() =>
        Fault(Planned.Replace("\"digest\"", "\"deep\":[[[[[[[[]]]]]]]],\"digest\"", StringComparison.Ordinal)).Should().NotBeNull();

    [Theory]
    [InlineData("{", true)]
    [InlineData("{\"at\":\"20", true)]
    [InlineData("{\"at\":}", false)]
    [InlineData("{} ", false)]
    [InlineData("[1", false)]
    [InlineData(" ", false)]
    public void A_line_that_was_cut_begins_as_an_object(string text, bool isBeginning) =>
        EntryReader.IsBeginning(Encoding.UTF8.GetBytes(text)).Should().Be(isBeginning);

    private static string Line(EvidenceRecord record) =>
        Encoding.UTF8.GetString(EvidenceFormat.Format(record, 1, EvidenceFormat.NoHash).Span);

    private static RecordedOutcome Outcome(RotationOutcome outcome) =>
        Read(Line(new EvidenceRecord.Ended(ModelCloud.Start, "db", null, outcome))).Entry.Should()
            .BeOfType<EvidenceEntry.Ended>().Which.Outcome;

    private static string? Fault(string line) => Read(line).Fault;

    private static (EvidenceEntry? Entry, string? Fault) Read(string line) => EntryReader.Read(Encoding.UTF8.GetBytes(line));
}
