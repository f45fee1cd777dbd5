using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Tests.Evidence;

namespace SecretRotator.Tests.EvidenceStorage;

/// <summary>Finding the runs that an evidence folder ends with, for the next one to name.</summary>
public sealed class RunsBeforeInDirectoryTests : IDisposable
{
    private readonly EvidenceFolder _folder = new();
    private readonly List<string> _notices = [];

    [Fact]
    public async Task The_latest_run_of_a_directory_is_the_run_before()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(two));
    }

    [Fact]
    public async Task A_file_that_can_not_be_opened_hides_no_run_and_is_told()
    {
        var one = _folder.Run(null);
        File.CreateSymbolicLink(PathOf("20991231T000000Z-rotate-00000000.jsonl"), PathOf("nowhere"));

        (await RunBeforeAsync()).Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().ContainSingle().Which.Should().Contain("can't be read");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_has_no_run() =>
        (await new RunsBefore(EvidenceFolder.At(9), _ => throw new InvalidOperationException()).InAsync(PathOf("missing"))).Should()
            .Be(ChainEnds.None);

    public void Dispose() => _folder.Dispose();

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private async Task<RunId> RunBeforeAsync() =>
        (await new RunsBefore(EvidenceFolder.At(9), _notices.Add).InAsync(_folder.Path)).After!.Run;
}
