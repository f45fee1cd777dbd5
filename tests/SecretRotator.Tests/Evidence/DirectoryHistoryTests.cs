using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Finding the run that an evidence folder ends with, for the next one to name.</summary>
public sealed class DirectoryHistoryTests : IDisposable
{
    private readonly EvidenceFolder _folder = new();

    [Fact]
    public void The_newest_file_of_a_directory_is_the_run_before()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);

        Last()!.Run.Should().Be(EvidenceFolder.IdOf(two));
    }

    [Fact]
    public async Task A_run_that_was_killed_is_named_by_its_last_whole_record()
    {
        var one = _folder.Write(null, closes: false, out var head);
        await File.AppendAllTextAsync(one, "{\"at\":\"20", TestContext.Current.CancellationToken);

        Last().Should().Be(new PreviousRun(EvidenceFolder.IdOf(one), head));
    }

    [Fact]
    public async Task A_run_that_was_killed_before_its_first_record_is_passed_over()
    {
        var one = _folder.Run(null);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "20991231T000000Z-rotate-00000000.jsonl"), "", TestContext.Current.CancellationToken);

        Last()!.Run.Should().Be(EvidenceFolder.IdOf(one));
    }

    [Fact]
    public async Task A_newest_file_that_is_no_evidence_stops_nothing_and_is_told()
    {
        _folder.Run(null);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "20991231T000000Z-rotate-00000000.jsonl"), "rubbish\n", TestContext.Current.CancellationToken);
        var notices = new List<string>();

        new DirectoryHistory(_folder.Path, notices.Add).Last().Should().BeNull();
        notices.Should().ContainSingle().Which.Should().Contain("20991231T000000Z-rotate-00000000.jsonl").And.Contain("names no run before it");
    }

    [Fact]
    public async Task Files_of_others_are_passed_over()
    {
        var one = _folder.Run(null);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "zzz.jsonl"), "rubbish\n", TestContext.Current.CancellationToken);

        Last()!.Run.Should().Be(EvidenceFolder.IdOf(one));
    }

    [Fact]
    public void A_directory_that_is_not_there_has_no_run() =>
        new DirectoryHistory(Path.Combine(_folder.Path, "missing"), _ => throw new InvalidOperationException()).Last().Should().BeNull();

    public void Dispose() => _folder.Dispose();

    private PreviousRun? Last() => new DirectoryHistory(_folder.Path, notice => throw new InvalidOperationException(notice)).Last();
}
