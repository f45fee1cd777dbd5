using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.EvidenceStorage;

public sealed class PastEvidenceTests : IDisposable
{
    private static readonly Instant Start = Instant.FromUtc(2026, 11, 24, 1, 30);
    private static readonly RunId First = new("4f0a5b1c-2b2e-8a8d-9c58-5f5b0c2d7a10");
    private static readonly RunId Second = new("5f0a5b1c-2b2e-8a8d-9c58-5f5b0c2d7a11");

    private readonly string _directory = Directory.CreateTempSubdirectory("past-").FullName;

    [Fact]
    public void What_a_run_did_is_an_event_and_what_it_left_alone_is_none()
    {
        Write("a.jsonl", First);

        var past = PastEvidence.Read("here", Files());

        var happened = past.Runs.Of("payments-db").Newest.Should().ContainSingle().Which;
        (happened.Outcome, happened.From, happened.To, happened.Level, happened.Rotation, happened.Run).Should().Be(
            ("rotated", new VersionId("v1"), new VersionId("v2"), VerificationLevel.Listed, new RotationId("r1"), First.Value));
        (happened.Decision, happened.Why).Should().Be(("forced", "jo@laptop: leaked in a log"));
        happened.Overrides.Should().Equal("freeze: year-end close");
        past.Runs.Of("grid-api").Newest.Should().BeEmpty();
        past.Facts.Runs.Should().ContainSingle().Which.Should().Be(
            new SecretRotator.Audit.PastRun(First.Value, "rotate", "jo@laptop", Start, Start + Duration.FromMinutes(2), 0, "a.jsonl"));
        (past.Facts.Source, past.Facts.Broken.Length, past.Facts.Incomplete.Length, past.Facts.Gaps.Length).Should().Be(("here", 0, 0, 0));
    }

    [Fact]
    public void A_run_that_could_not_begin_is_told_with_its_cause()
    {
        using (var file = EvidenceFile.Create(_directory, "a.jsonl"))
        {
            file.Append(
                new EvidenceRecord.RunStarted(
                    Start, "rotate", "1.0.0", new Holder.Process("0123456789abcdef", 7, 9, "jo@laptop"), new string('a', 64))
                {
                    Run =
                        First,
                    By = "jo@laptop"
                });
            file.Append(new EvidenceRecord.Stopped(Start, new(FailureKind.Unauthenticated, "No AWS identity: STS answered AccessDenied.")));
            file.Append(new EvidenceRecord.RunEnded(Start, 6));
        }

        SecretRotator.Reports.ReportFacts.Of(PastEvidence.Read("here", Files()).Facts.Runs.Single()).Should()
            .EndWith("exit code 6: No AWS identity: STS answered AccessDenied (a.jsonl)");
    }

    [Fact]
    public void A_run_that_was_cut_short_is_told_as_that()
    {
        Write("a.jsonl", First, closes: false);

        var past = PastEvidence.Read("here", Files());

        past.Facts.Incomplete.Should().Equal("a.jsonl has no closing record: the run was cut short after 5 records.");
        past.Facts.Runs.Single().EndedAt.Should().BeNull();
    }

    [Fact]
    public void A_file_that_was_changed_is_told_with_its_first_bad_record_and_nothing_behind_it_counts()
    {
        Write("a.jsonl", First);
        var lines = File.ReadAllLines(Path.Combine(_directory, "a.jsonl"));
        lines[1] = lines[1].Replace("\"secrets\":2", "\"secrets\":3", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_directory, "a.jsonl"), string.Join('\n', lines) + "\n");

        var past = PastEvidence.Read("here", Files());

        past.Facts.Broken.Should().ContainSingle().Which.Should().StartWith("a.jsonl doesn't hold: record 2, changed.");
        past.Runs.Of("payments-db").Newest.Should().BeEmpty();
    }

    [Fact]
    public void The_same_run_in_two_places_counts_once()
    {
        Write("a.jsonl", First);
        File.Copy(Path.Combine(_directory, "a.jsonl"), Path.Combine(_directory, "b.jsonl"));

        var past = PastEvidence.Read("here", Files());

        past.Facts.Runs.Should().ContainSingle();
        past.Runs.Totals.Should().Be((1, 0));
        past.Facts.Gaps.Should().BeEmpty();
    }

    [Fact]
    public void Runs_that_name_none_before_them_are_counted_as_a_gap_that_can_not_be_told()
    {
        Write("a.jsonl", First);
        Write("b.jsonl", Second, Start + Duration.FromHours(1));

        PastEvidence.Read("here", Files()).Facts.Gaps.Should()
            .Equal("1 run names no run before: whether one is missing there can't be determined.");
    }

    [Fact]
    public void A_run_that_is_named_and_missing_is_a_gap()
    {
        Write("a.jsonl", First);
        Write("b.jsonl",
            Second, Start + Duration.FromHours(1), new PreviousRun(new("6f0a5b1c-2b2e-8a8d-9c58-5f5b0c2d7a12"), EvidenceFormat.NoHash));

        PastEvidence.Read("here", Files()).Facts.Gaps.Should().ContainSingle().Which.Should().StartWith("MISSING: b.jsonl");
    }

    [Theory]
    [InlineData("a.begun.jsonl a.jsonl b.jsonl", "a.jsonl b.jsonl")]
    [InlineData("b.jsonl a.begun.jsonl", "a.begun.jsonl b.jsonl")]
    [InlineData("a.dsse.json notes.txt", "")]
    public void A_first_line_counts_where_the_whole_is_not_there(string names, string whole) =>
        string.Join(' ', EvidenceFiles.Whole(names.Split(' '))).Should().Be(whole);

    [Fact]
    public void A_directory_that_is_not_there_has_no_evidence() => EvidenceFiles.In(Path.Combine(_directory, "missing")).Should().BeEmpty();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private List<(string, string)> Files() => [.. EvidenceFiles.In(_directory).Select(path => (Path.GetFileName(path), path))];

    private void Write(string name, RunId run, Instant? at = null, PreviousRun? after = null, bool closes = true)
    {
        var began = at ?? Start;
        using var file = EvidenceFile.Create(_directory, name);
        file.Append(
            new EvidenceRecord.RunStarted(
                began, "rotate", "1.0.0", new Holder.Process("0123456789abcdef", 7, 9, "jo@laptop"), new string('a', 64))
            {
                Run =
                    run,
                By = "jo@laptop",
                After = after
            });
        file.Append(new EvidenceRecord.Planned(began, new string('b', 64), 2));
        file.Append(
            new EvidenceRecord.Decided(began, "payments-db", new Decision.Forced("jo@laptop", "leaked in a log"))
            {
                Overrides =
                ["freeze: year-end close", "weak value: a reason"]
            });
        file.Append(
            new EvidenceRecord.Ended(
                began + Duration.FromMinutes(1), "payments-db", new RotationId("r1"),
                new RotationOutcome.Rotated(new("v1"), new("v2"), VerificationLevel.Listed)));
        file.Append(
            new EvidenceRecord.Ended(
                began + Duration.FromMinutes(1), "grid-api", null,
                new RotationOutcome.Untouched(new Decision.NotDue(began + Duration.FromDays(3)))));
        if (closes)
            file.Append(new EvidenceRecord.RunEnded(began + Duration.FromMinutes(2), 0));
    }
}
