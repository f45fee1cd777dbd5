using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Tests.Evidence;

namespace SecretRotator.Tests.EvidenceStorage;

/// <summary>Finding the runs that a bucket ends with, for the next one to name.</summary>
public sealed class RunsBeforeInBucketTests : IAsyncLifetime, IDisposable
{
    private readonly EvidenceFolder _folder = new();
    private readonly List<string> _notices = [];
    private BucketUnderTest _bucket = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await BucketUnderTest.StartAsync();

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_copy_of_an_earlier_run_under_a_name_in_the_future_is_not_the_run_before()
    {
        var one = _folder.Run(null);
        var two = _folder.Run(one);
        await StoreAsync(one);
        await StoreAsync(two);
        await StoreAsync(one, "20991231T000000Z-rotate-00000000.jsonl");
        await StoreAsync(one, "20991230T000000Z-rotate-00000000.begun.jsonl");

        (await EndsAsync()).After!.Run.Should().Be(EvidenceFolder.IdOf(two));
        _notices.Should().BeEmpty();
    }

    [Fact]
    public async Task An_object_that_may_not_be_read_hides_no_run_and_is_told()
    {
        var one = _folder.Run(null);
        await StoreAsync(one);
        await StoreAsync(one, "20991231T000000Z-rotate-00000000.jsonl");
        _bucket.Fault("s3.GetObject@20991231=403");

        (await EndsAsync()).After!.Run.Should().Be(EvidenceFolder.IdOf(one));
        _notices.Should().ContainSingle().Which
            .Should().Contain("20991231T000000Z-rotate-00000000.jsonl can't be read").And
            .Contain("passed over");
    }

    [Fact]
    public async Task A_run_that_has_only_begun_is_named_by_its_first_record()
    {
        var one = _folder.Write(null, closes: false, out var head);
        await StoreAsync(one, Path.GetFileNameWithoutExtension(one) + ".begun.jsonl");

        (await EndsAsync()).After.Should().Be(new PreviousRun(EvidenceFolder.IdOf(one), head));
    }

    [Fact]
    public async Task A_bucket_that_can_not_be_listed_stops_nothing_and_is_told()
    {
        _bucket.Fault("s3.ListObjectsV2=403");

        (await EndsAsync()).Should().Be(ChainEnds.None);
        _notices.Should().ContainSingle().Which.Should().Contain("names no run before it");
    }

    private Task<ChainEnds> EndsAsync() =>
        new RunsBefore(EvidenceFolder.At(9), _notices.Add).InAsync(_bucket.Open(), EvidenceFolder.At(0) - Duration.FromDays(100), Stop);

    private async Task StoreAsync(string path, string? name = null)
    {
        await using var file = File.OpenRead(path);
        await _bucket.Open().StoreAsync(name ?? Path.GetFileName(path), file, Stop);
    }
}
