using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Vaults;

namespace SecretRotator.Tests.Evidence;

/// <summary>Several runs, each of which names the one before.</summary>
public sealed class EvidenceChainTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");
    private int _runs;

    [Fact]
    public void A_chain_that_begins_with_the_first_run_has_nothing_to_say_but_that()
    {
        var one = Run(null);
        var two = Run(one);
        var three = Run(two);

        Check([one, two, three], fromStart: true).Should().Equal(new ChainFinding.Unnamed(one, IsEarliest: true));
    }

    [Fact]
    public void A_run_that_was_removed_is_missed()
    {
        var one = Run(null);
        var two = Run(one);
        var three = Run(two);

        Check([one, three]).Should().Contain(new ChainFinding.Missing(three, IdOf(two))).Which.IsFailure.Should().BeTrue();
    }

    [Fact]
    public void The_run_before_the_earliest_may_lie_outside_unless_it_is_the_first_ever()
    {
        var one = Run(null);
        var two = Run(one);

        Check([two]).Should().Equal(new ChainFinding.Outside(two, IdOf(one)));
        Check([two], fromStart: true).Should().Equal(new ChainFinding.Missing(two, IdOf(one)));
    }

    [Fact]
    public void Runs_that_begin_at_the_same_time_name_the_same_one_and_that_is_said()
    {
        var one = Run(null);
        var two = Run(one);
        var three = Run(one);

        var fork = Check([one, two, three]).OfType<ChainFinding.Fork>().Should().ContainSingle().Which;
        fork.IsFailure.Should().BeFalse();
        fork.Files.Should().Equal(two, three);
    }

    [Fact]
    public void A_later_run_that_names_none_is_pointed_out()
    {
        var one = Run(null);
        var two = Run(null);

        Check([one, two]).Should().Equal(new ChainFinding.Unnamed(one, IsEarliest: true), new ChainFinding.Unnamed(two, IsEarliest: false));
    }

    [Fact]
    public void A_file_whose_end_was_cut_after_another_run_named_it_is_found()
    {
        var one = Run(null);
        var two = Run(one);
        var lines = File.ReadAllLines(one);
        File.WriteAllText(one, string.Concat(lines[..^1].Select(line => line + "\n")));

        Check([one, two]).OfType<ChainFinding.HeadMissing>().Should().ContainSingle().Which.Should().Be(new ChainFinding.HeadMissing(two, one));
    }

    [Fact]
    public void A_run_that_began_while_the_one_before_was_running_is_said()
    {
        var one = Write(null, closes: false, out var head);
        var two = Write(new PreviousRun(IdOf(one), head), closes: true, out _);
        using (var more = new FileStream(one, FileMode.Append))
            more.Write([.. EvidenceFormat.Format(new EvidenceRecord.RunEnded(At(9), 0), 2, head).ToArray(), (byte)'\n']);

        Check([one, two]).Should().Contain(new ChainFinding.Overlap(two, one)).And.NotContain(finding => finding.IsFailure);
    }

    [Fact]
    public void Two_files_of_one_run_are_harmless_only_as_copies()
    {
        var one = Run(null);
        var copy = Path.Combine(_directory.FullName, "copy.jsonl");
        File.Copy(one, copy);
        Check([one, copy]).OfType<ChainFinding.Twice>().Should().ContainSingle().Which.IsFailure.Should().BeFalse();

        File.WriteAllLines(copy, File.ReadAllLines(one)[..1]);
        Check([one, copy]).OfType<ChainFinding.Twice>().Should().ContainSingle().Which.IsFailure.Should().BeTrue();
    }

    [Fact]
    public void The_newest_file_of_a_directory_is_the_run_before()
    {
        var one = Run(null);
        var two = Run(one);

        Last()!.Run.Should().Be(IdOf(two));
    }

    [Fact]
    public async Task A_run_that_was_killed_is_named_by_its_last_whole_record()
    {
        var one = Write(null, closes: false, out var head);
        await File.AppendAllTextAsync(one, "{\"at\":\"20", TestContext.Current.CancellationToken);

        Last().Should().Be(new PreviousRun(IdOf(one), head));
    }

    [Fact]
    public async Task A_run_that_was_killed_before_its_first_record_is_passed_over()
    {
        var one = Run(null);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "20991231T000000Z-rotate-00000000.jsonl"), "", TestContext.Current.CancellationToken);

        Last()!.Run.Should().Be(IdOf(one));
    }

    [Fact]
    public async Task A_newest_file_that_is_no_evidence_stops_nothing_and_is_told()
    {
        Run(null);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "20991231T000000Z-rotate-00000000.jsonl"), "rubbish\n", TestContext.Current.CancellationToken);
        var notices = new List<string>();

        new DirectoryHistory(_directory.FullName, notices.Add).Last().Should().BeNull();
        notices.Should().ContainSingle().Which.Should().Contain("20991231T000000Z-rotate-00000000.jsonl").And.Contain("names no run before it");
    }

    [Fact]
    public async Task Files_of_others_are_passed_over()
    {
        var one = Run(null);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "zzz.jsonl"), "rubbish\n", TestContext.Current.CancellationToken);

        Last()!.Run.Should().Be(IdOf(one));
    }

    [Fact]
    public void A_directory_that_is_not_there_has_no_run() =>
        new DirectoryHistory(Path.Combine(_directory.FullName, "missing"), _ => throw new InvalidOperationException()).Last().Should().BeNull();

    [Fact]
    public async Task A_real_run_s_story_is_told_from_its_file()
    {
        var story = RealRun.Check(await RealRun.BytesAsync()).Story!;

        (story.Command, story.By, story.Tool, story.ExitCode).Should().Be(("rotate", "jo@laptop", "1.0", 4L));
        story.Secrets.Select(secret => (secret.Name, secret.Outcome!.Word)).Should().Equal(("db", "rotated"), ("api", "rolled-back"), ("fresh", "untouched"));
        story.Secrets[0].Steps.Select(step => step.Kind).Should().StartWith("claim").And.Contain(["stage", "distribute", "promote"]);
        story.Secrets[0].Steps.Single(step => step.Kind == "distribute").Should().Match<StepStory>(step => step.Begun == 2 && step.Done == 2 && step.Failed == 0);
        story.Secrets[1].Steps.Single(step => step.Kind == "distribute").Failures.Should().Contain(failure => failure.Target == "workspace:API");
        story.Secrets[1].Outcome!.Cause.Should().Contain("refused");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static Instant At(int minute) => Instant.FromUtc(2026, 11, 24, 1, minute);

    private PreviousRun? Last() => new DirectoryHistory(_directory.FullName, notice => throw new InvalidOperationException(notice)).Last();

    private static RunId IdOf(string path)
    {
        using var file = File.OpenRead(path);
        return EvidenceReader.Head(file)!.Run;
    }

    private string Run(string? before)
    {
        if (before is null)
            return Write(null, closes: true, out _);
        using var file = File.OpenRead(before);
        return Write(EvidenceReader.Head(file), closes: true, out _);
    }

    private string Write(PreviousRun? after, bool closes, out string head)
    {
        var number = ++_runs;
        using var file = EvidenceFile.Create(_directory.FullName, $"20261124T01{number:d2}00Z-rotate-0000000{number}.jsonl");
        file.Append(new EvidenceRecord.RunStarted(At(number), "rotate", "1", new Holder.Process("00000000000000aa", 7, 9, "me@here"), EvidenceFormat.NoHash)
        {
            Run = new RunId($"00000000-0000-8000-8000-{number:d12}"),
            After = after,
        });
        if (closes)
            file.Append(new EvidenceRecord.RunEnded(At(number), 0));
        head = file.Head;
        return file.Path;
    }

    private static ImmutableArray<ChainFinding> Check(IReadOnlyCollection<string> files, bool fromStart = false) =>
        EvidenceReader.Read(files, File.OpenRead, fromStart).Chain;
}
