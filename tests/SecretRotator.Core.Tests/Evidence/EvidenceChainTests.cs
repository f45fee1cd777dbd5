using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Several runs, each of which names the one before.</summary>
public sealed class EvidenceChainTests : IDisposable
{
    private readonly EvidenceFolder _folder = new();

    [Fact]
    public void A_chain_that_begins_with_the_first_run_has_nothing_to_say_but_that()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        var three = _folder.Run(two);

        Check([one, two, three], fromStart: true).Should().Equal(new ChainFinding.Unnamed(one, IsEarliest: true));
    }

    [Fact]
    public void A_run_that_was_removed_is_missed()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        var three = _folder.Run(two);

        Check([one, three]).Should().Contain(new ChainFinding.Missing(three, EvidenceFolder.IdOf(two))).Which.IsFailure.Should().BeTrue();
    }

    [Fact]
    public void The_run_before_the_earliest_may_lie_outside_unless_it_is_the_first_ever()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);

        Check([two]).Should().Equal(new ChainFinding.Outside(two, EvidenceFolder.IdOf(one)));
        Check([two], fromStart: true).Should().Equal(new ChainFinding.Missing(two, EvidenceFolder.IdOf(one)));
    }

    [Fact]
    public void Runs_that_begin_at_the_same_time_name_the_same_one_and_that_is_said()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one, until: 9);
        var three = _folder.Run(one);

        var fork = Check([one, two, three]).OfType<ChainFinding.Fork>().Should().ContainSingle().Which;
        fork.IsFailure.Should().BeFalse();
        fork.Files.Should().Equal(two, three);
    }

    [Fact]
    public void Runs_that_name_the_same_one_and_did_not_run_at_the_same_time_are_a_failure()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        var three = _folder.Run(one);

        Check([one, two, three]).OfType<ChainFinding.Fork>().Should().ContainSingle().Which.IsFailure.Should().BeTrue();
    }

    [Fact]
    public void A_run_that_was_cut_short_may_have_run_until_any_time()
    {
        var one = _folder.Run(null);
        using var file = File.OpenRead(one);
        var two = _folder.Write(EvidenceReader.Ends(file)?.Head, closes: false, out _);
        var three = _folder.Run(one);

        Check([one, two, three])
            .OfType<ChainFinding.Fork>()
            .Should().ContainSingle().Which.IsFailure
            .Should().BeFalse("its own verdict tells already");
    }

    [Fact]
    public void A_run_that_is_named_beside_another_is_missed_like_that()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one, until: 9);
        var three = _folder.Run(one);
        var four = _folder.Path + "/four.jsonl";
        using (var file = EvidenceFile.Create(_folder.Path, "four.jsonl"))
        {
            file.Append(
                new EvidenceRecord.RunStarted(
                    EvidenceFolder.At(12), "rotate", "1", new SecretRotator.Vaults.Holder.Process("00000000000000aa", 7, 9, "me@here"),
                    EvidenceFormat.NoHash)
                {
                    Run = new RunId("00000000-0000-8000-8000-000000000004"),
                    After = HeadOf(three),
                    Beside = [HeadOf(two)],
                });
            file.Append(new EvidenceRecord.RunEnded(EvidenceFolder.At(12), 0));
        }

        Check([one, two, three, four]).Should().NotContain(finding => finding.IsFailure);
        Check([one, three, four]).Should().Contain(new ChainFinding.Missing(four, EvidenceFolder.IdOf(two)));
        Check([one, four]).OfType<ChainFinding.Missing>().Select(finding => finding.Run)
            .Should().Equal(EvidenceFolder.IdOf(three), EvidenceFolder.IdOf(two));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_names_an_older_one_than_the_last_that_had_ended_passed_that_over(bool fromStart)
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        var three = _folder.Run(one);

        Check([one, two, three], fromStart).OfType<ChainFinding.PassedOver>().Should()
            .Equal(new ChainFinding.PassedOver(three, two, MustBeWhole: fromStart));
    }

    [Fact]
    public void A_run_that_began_at_the_very_time_at_which_another_ended_may_have_found_none()
    {
        var one = _folder.Run(null, until: 2);
        var two = _folder.Run(null);

        Check([one, two], fromStart: true).Should().NotContain(finding => finding.IsFailure);
    }

    [Fact]
    public void A_chain_that_has_to_be_whole_begins_once()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(null);

        Check([one, two], fromStart: true).OfType<ChainFinding.Unnamed>().Select(finding => finding.IsFailure).Should().Equal(false, true);
        Check([one, two]).Should().NotContain(finding => finding.IsFailure);
    }

    [Fact]
    public void A_later_run_that_names_none_is_pointed_out()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(null);

        Check([one, two]).Should().Equal(new ChainFinding.Unnamed(one, IsEarliest: true), new ChainFinding.Unnamed(two, IsEarliest: false));
    }

    [Fact]
    public void A_file_whose_end_was_cut_after_another_run_named_it_is_found()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        var lines = File.ReadAllLines(one);
        File.WriteAllText(one, string.Concat(lines[..^1].Select(line => line + "\n")));

        Check([one, two])
            .OfType<ChainFinding.HeadMissing>()
            .Should().ContainSingle().Which
            .Should().Be(new ChainFinding.HeadMissing(two, one));
    }

    [Fact]
    public void A_run_that_began_while_the_one_before_was_running_is_said()
    {
        var one = _folder.Write(null, closes: false, out var head);
        var two = _folder.Write(new PreviousRun(EvidenceFolder.IdOf(one), head), closes: true, out _);
        using (var more = new FileStream(one, FileMode.Append))
            more.Write([.. EvidenceFormat.Format(new EvidenceRecord.RunEnded(EvidenceFolder.At(9), 0), 2, head).ToArray(), (byte)'\n']);

        Check([one, two]).Should().Contain(new ChainFinding.Overlap(two, one)).And.NotContain(finding => finding.IsFailure);
    }

    [Fact]
    public void Two_files_of_one_run_are_harmless_only_as_copies()
    {
        var one = _folder.Run(null);
        var copy = Path.Combine(_folder.Path, "copy.jsonl");
        File.Copy(one, copy);
        Check([one, copy]).OfType<ChainFinding.Twice>().Should().ContainSingle().Which.IsFailure.Should().BeFalse();

        File.WriteAllLines(copy, File.ReadAllLines(one)[..1]);
        Check([one, copy]).OfType<ChainFinding.Twice>().Should().ContainSingle().Which.IsFailure.Should().BeTrue();
    }

    [Fact]
    public async Task A_real_run_s_story_is_told_from_its_file()
    {
        var story = RealRun.Check(await RealRun.BytesAsync()).Story!;

        (story.Command, story.By, story.Tool, story.ExitCode).Should().Be(("rotate", "jo@laptop", "1.0", 4L));
        story.Secrets.Select(secret => (secret.Name, secret.Outcome!.Word)).Should()
            .Equal(("db", "rotated"), ("api", "rolled-back"), ("fresh", "untouched"));
        story.Secrets[0].Steps.Select(step => step.Kind).Should().StartWith("claim").And.Contain(["stage", "distribute", "promote"]);
        story.Secrets[0].Steps
            .Single(step => step.Kind == "distribute")
            .Should().Match<StepHistory>(step => step.Begun == 2 && step.Done == 2 && step.Failed == 0);
        story.Secrets[1].Steps
            .Single(step => step.Kind == "distribute").Failures
            .Should().Contain(failure => failure.Target == "workspace:API");
        story.Secrets[1].Outcome!.Cause.Should().Contain("refused");
    }

    public void Dispose() => _folder.Dispose();

    private static PreviousRun HeadOf(string path)
    {
        using var file = File.OpenRead(path);
        return EvidenceReader.Ends(file)!.Value.Head;
    }

    private static ImmutableArray<ChainFinding> Check(IReadOnlyCollection<string> files, bool fromStart = false) =>
        EvidenceReader.Read(files, File.OpenRead, fromStart).Chain;
}
