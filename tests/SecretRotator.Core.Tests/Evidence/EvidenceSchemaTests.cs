using System.Text.Json.Nodes;
using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Evidence;

/// <summary><c>schemas/evidence.schema.json</c> describes what is written, and nothing else.</summary>
public sealed class EvidenceSchemaTests
{
    private static readonly JsonObject Root =
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "evidence.schema.json")))!.AsObject();
    private static readonly SchemaEvaluator Schema = new(Root);
    private static readonly NodaTime.Instant At = NodaTime.Instant.FromUtc(2026, 11, 24, 1, 0);
    private static readonly Holder Self = new Holder.Process("00000000000000aa", 7, 9, "me@here");

    [Fact]
    public async Task Every_line_of_a_real_run_satisfies_it()
    {
        foreach (var line in await RealRun.LinesAsync())
            Schema.Accepts(JsonNode.Parse(line)).Should().BeTrue(line);
    }

    public static TheoryData<EvidenceRecord> Records =>
    [
        new EvidenceRecord.RunStarted(At, "rotate", "1.0", Self, EvidenceFormat.NoHash) { By =
            "me", After = new(RunId.None, EvidenceFormat.NoHash), Beside = [new(RunId.None, EvidenceFormat.NoHash)] },
        new EvidenceRecord.Planned(At, EvidenceFormat.NoHash, 0),
        new EvidenceRecord.Decided(At, "db", new Decision.Unfinished(new(new("r"), new("v"), Self, At, true, "h"), "Gone.")),
        new EvidenceRecord.Decided(At, "db", new Decision.Redeliver("Changed.")),
        new EvidenceRecord.Decided(At, "db", new Decision.Adopt(false)),
        new EvidenceRecord.Decided(At, "db", new Decision.Due(At)),
        new EvidenceRecord.Decided(At, "db", new Decision.NotDue(At)),
        new EvidenceRecord.Decided(At, "db", new Decision.Forced("me", "leak")) { Overrides = ["freeze: a", "window: b", "weak value: c"] },
        new EvidenceRecord.Decided(At, "db", new Decision.Waiting("Window.", At)),
        new EvidenceRecord.Decided(At, "db", new Decision.Retire(new("a"), "Over.")),
        new EvidenceRecord.Decided(At, "db", new Decision.Blocked(FailureKind.Other, "why", "hint")),
        new EvidenceRecord.Step(At, "db", new("r"), RotationStep.Discard, StepState.Failed, "t", "d")
        {
            Failure = new(FailureKind.Throttled, "d") { Effect = Effect.Unknown, Service = "bitbucket", Resource = "api" },
        },
        new EvidenceRecord.Ended(At, "db", new("r"), new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Attested)),
        new EvidenceRecord.Ended(At, "db", new("r"), new RotationOutcome.Redelivered(new("b"), VerificationLevel.Listed)),
        new EvidenceRecord.Ended(At, "db", new("r"), new RotationOutcome.Adopted(new("b"), VerificationLevel.Listed)),
        new EvidenceRecord.Step(At, "db", new("r"), RotationStep.Retire, StepState.Done, null, "a"),
        new EvidenceRecord.Ended(At, "db", new("r"), new RotationOutcome.Retired(new("a"))),
        new EvidenceRecord.Ended(At, "db", null, new RotationOutcome.RolledBack(new(FailureKind.Other, "c"), true)),
        new EvidenceRecord.Ended(At, "db", new("r"), new RotationOutcome.NeedsOperator(new(FailureKind.Other, "c"), ["a"])),
        new EvidenceRecord.Ended(At, "db", null, new RotationOutcome.Untouched(new Decision.Blocked(FailureKind.Other, "why", "hint"))),
        new EvidenceRecord.Stopped(At, new(FailureKind.Unauthenticated, "No identity.")),
        new EvidenceRecord.RunEnded(At, 130),
    ];

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Every_kind_of_record_satisfies_it_and_nothing_can_be_added(EvidenceRecord record)
    {
        var line = JsonNode.Parse(EvidenceFormat.Format(record, 1, EvidenceFormat.NoHash).Span)!.AsObject();

        Schema.Accepts(line).Should().BeTrue(line.ToJsonString());
        line["value"] = "x";
        Schema.Accepts(line).Should().BeFalse("no kind takes other members");
    }

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Whatever_is_written_is_read_again_as_its_own_kind(EvidenceRecord record)
    {
        var (entry, fault) = EntryReader.Read(EvidenceFormat.Format(record, 1, EvidenceFormat.NoHash));

        fault.Should().BeNull();
        entry!.GetType().Name.Should().Be(record.GetType().Name);
        entry.At.Should().Be(record.At);
    }

    [Theory]
    [InlineData("evidence")]
    [InlineData("report")]
    [InlineData("doctor")]
    [InlineData("schedules")]
    [InlineData("discovery")]
    public void Every_kind_of_failure_is_in_each_schema(string schema)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", schema + ".schema.json"));

        EnumsIn(JsonNode.Parse(text)!).Where(words => words.Contains("access-denied")).Should().ContainSingle()
            .Which.Should().Equal(Enum.GetValues<FailureKind>().Select(SecretRotator.WireNames.Of));
    }

    [Fact]
    public void Its_words_are_the_protocol_s()
    {
        Words("step", "step").Should().Equal(Enum.GetValues<RotationStep>().Select(SecretRotator.WireNames.Of));
        Words("step", "state").Should().Equal(Enum.GetValues<StepState>().Select(SecretRotator.WireNames.Of));
        Root["$defs"]!["level"]!["enum"]!
            .AsArray()
            .Select(word => word!.GetValue<string>())
            .Should().Equal(Enum.GetValues<VerificationLevel>()
                .Append(VerificationLevel.Accepted | VerificationLevel.Attested)
                .Select(SecretRotator.WireNames.Of));
        Root["$defs"]!["failure"]!["properties"]!["kind"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>())
            .Should().Equal(Enum.GetValues<FailureKind>().Select(SecretRotator.WireNames.Of)).And.OnlyHaveUniqueItems();
        Root["$defs"]!["failure"]!["properties"]!["effect"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>())
            .Should().Equal(Enum.GetValues<Effect>().Select(SecretRotator.WireNames.Of));
        Root["oneOf"]!
            .AsArray()
            .Should().HaveCount(typeof(EvidenceRecord).GetNestedTypes().Count(type => type.IsSubclassOf(typeof(EvidenceRecord))));
    }

    private static IEnumerable<string> Words(string kind, string member) =>
        Root["$defs"]![kind]!["properties"]![member]!["enum"]!.AsArray().Select(word => word!.GetValue<string>());

    private static IEnumerable<List<string>> EnumsIn(JsonNode node) => node switch
    {
        JsonArray array => array.SelectMany(item => EnumsIn(item!)),
        JsonObject members =>
        [
            .. members["enum"] is JsonArray words ? [[.. words.Select(word => word!.ToString())]] : Array.Empty<List<string>>(),
            .. members.SelectMany(member => EnumsIn(member.Value!)),
        ],
        _ => [],
    };
}
