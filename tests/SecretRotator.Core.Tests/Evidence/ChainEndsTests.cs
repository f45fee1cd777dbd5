using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Finding the runs that a folder ends with, for the next one to name.</summary>
public sealed class ChainEndsTests : IDisposable
{
    private readonly EvidenceFolder _folder = new();
    private readonly List<string> _notices = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_of_an_earlier_run_under_a_name_in_the_future_is_not_the_run_before()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        File.Copy(one, PathOf("20991231T000000Z-rotate-00000000.jsonl"));

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(two));
        _notices.Should().BeEmpty("the records tell what it is");
    }

    [Fact]
    public async Task A_run_that_says_of_itself_that_it_lies_in_the_future_is_passed_over_and_told()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);

        (await EndsAsync(EvidenceFolder.At(1))).After!.Run.Should()
            .Be(EvidenceFolder.IdOf(two), "clocks of two machines may differ by some minutes");
        (await EndsAsync(EvidenceFolder.At(1) - Duration.FromMinutes(5))).After!.Run.Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().ContainSingle().Which.Should().Contain("in the future");
    }

    [Fact]
    public async Task Of_two_runs_within_one_second_the_next_one_names_the_later_whatever_their_names()
    {
        var one = Within("ffffffff", 100, null);
        var two = Within("00000000", 200, one);

        (await EndsAsync(EvidenceFolder.At(9))).Should().BeEquivalentTo(new ChainEnds(two, []));
    }

    [Fact]
    public async Task Of_two_runs_that_could_not_see_each_other_the_next_one_names_both()
    {
        var one = Within("ffffffff", 100, null);
        var two = Within("eeeeeeee", 200, one);
        var three = Within("11111111", 300, one);

        (await EndsAsync(EvidenceFolder.At(9))).Should().BeEquivalentTo(new ChainEnds(three, [two]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_claims_to_be_the_last_hides_none_that_it_does_not_name(bool namesAnOlderOne)
    {
        var one = Within("11111111", 100, null);
        var two = Within("22222222", 200, one);
        var claimed = Within("33333333", 180_000, namesAnOlderOne ? one : null);

        (await EndsAsync(EvidenceFolder.At(6))).Should().BeEquivalentTo(new ChainEnds(claimed, [two]));
    }

    [Fact]
    public async Task A_run_that_was_killed_is_named_by_its_last_whole_record()
    {
        var one = _folder.Write(null, closes: false, out var head);
        await File.AppendAllTextAsync(one, "{\"at\":\"20", Stop);

        (await EndsAsync(EvidenceFolder.At(9))).After.Should().Be(new PreviousRun(EvidenceFolder.IdOf(one), head));
    }

    [Fact]
    public async Task A_run_that_was_killed_before_its_first_record_is_passed_over()
    {
        var one = _folder.Run(null);
        await File.WriteAllTextAsync(PathOf("20991231T000000Z-rotate-00000000.jsonl"), "", Stop);

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_no_evidence_hides_no_run_and_is_told()
    {
        var one = _folder.Run(null);
        await File.WriteAllTextAsync(PathOf("20991231T000000Z-rotate-00000000.jsonl"), "rubbish\n", Stop);

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().ContainSingle().Which.Should().Contain("20991231T000000Z-rotate-00000000.jsonl").And.Contain("passed over");
    }

    [Fact]
    public async Task More_misleading_files_than_are_read_are_told()
    {
        var one = _folder.Run(null);
        for (var number = 0; number < 70; number++)
            File.Copy(one, PathOf($"20991231T0000{number % 60:d2}Z-rotate-{number:d8}.jsonl"));
        _folder.Run(one);

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().ContainSingle().Which.Should().Contain("Find out who put them there");
    }

    [Fact]
    public async Task Files_of_others_are_passed_over()
    {
        var one = _folder.Run(null);
        await File.WriteAllTextAsync(PathOf("zzz.jsonl"), "rubbish\n", Stop);

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(one));
    }

    [Fact]
    public async Task Of_a_run_and_the_beginning_of_a_copy_of_it_the_one_in_its_place_counts()
    {
        var one = Within("11111111", 100, null);
        var whole = Directory.GetFiles(_folder.Path).Single();
        var begun = File.ReadAllLines(whole)[0] + "\n";
        await File.WriteAllTextAsync(PathOf("20991231T000000Z-rotate-11111111.jsonl"), begun, Stop);
        await File.WriteAllTextAsync(whole.Replace("11111111", "00000000", StringComparison.Ordinal), begun, Stop);

        (await EndsAsync(EvidenceFolder.At(9))).Should().BeEquivalentTo(new ChainEnds(one, []));
    }

    [Fact]
    public async Task A_run_that_was_renamed_into_the_future_hides_none_that_it_does_not_name()
    {
        var one = Within("11111111", 100, null);
        var two = Within("22222222", 200, one);
        var renamed = Within("33333333", 180_000, one);
        File.Move(Directory.GetFiles(_folder.Path, "*33333333*").Single(), PathOf("20991231T000000Z-rotate-33333333.jsonl"));

        (await EndsAsync(EvidenceFolder.At(9))).Should().BeEquivalentTo(new ChainEnds(renamed, [two]));
    }

    public void Dispose() => _folder.Dispose();

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private async Task<RunId> RunBeforeAsync() => (await EndsAsync(EvidenceFolder.At(9))).After!.Run;

    private Task<ChainEnds> EndsAsync(Instant now) =>
        ChainEnds.FindAsync(
            Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)),
            name => Task.FromResult<Stream?>(File.OpenRead(PathOf(name))), now, _notices.Add);

    /// <summary>A run that began and ended so many milliseconds after the same second.</summary>
    private PreviousRun Within(string id, int milliseconds, PreviousRun? after)
    {
        var (at, run) = (EvidenceFolder.At(5) + Duration.FromMilliseconds(milliseconds), new RunId($"{id}-0000-8000-8000-000000000000"));
        using var file = EvidenceFile.Create(_folder.Path, EvidenceName.Of(at, "rotate", run));
        file.Append(
            new EvidenceRecord.RunStarted(
                at, "rotate", "1", new SecretRotator.Vaults.Holder.Process("00000000000000aa", 7, 9, "me@here"), EvidenceFormat.NoHash)
            { Run = run, After = after });
        file.Append(new EvidenceRecord.RunEnded(at, 0));
        return new PreviousRun(run, file.Head);
    }
}
