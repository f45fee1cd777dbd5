using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Files of evidence as they are found: whole, cut, empty, or none.</summary>
public sealed class EvidenceReaderTests : IDisposable
{
    private readonly EvidenceFolder _folder = new();

    [Fact]
    public void No_files_have_nothing_to_say() => EvidenceReader.Read([], File.OpenRead).Chain.Should().BeEmpty();

    [Fact]
    public void An_empty_file_is_incomplete_and_has_no_last_record()
    {
        EvidenceReader.Read(["empty"], _ => new MemoryStream()).Files.Should().ContainSingle().Which.Verdict
            .Should().Be(new EvidenceVerdict.Incomplete(0, IsTorn: false));
        EvidenceReader.Ends(new MemoryStream()).Should().BeNull();
    }

    [Fact]
    public void A_file_with_a_torn_record_is_named_by_its_last_whole_one()
    {
        var file = _folder.Write(null, closes: false, out var head);
        File.AppendAllText(file, "{\"at\":\"20");

        using var torn = File.OpenRead(file);
        EvidenceReader.Ends(torn)!.Value.Head.Should().Be(new PreviousRun(EvidenceFolder.IdOf(file), head));
    }

    [Fact]
    public void A_file_whose_last_line_is_no_record_is_named_by_none()
    {
        var file = _folder.Write(null, closes: false, out _);
        File.AppendAllText(file, "rubbish\n");

        using var spoilt = File.OpenRead(file);
        EvidenceReader.Ends(spoilt).Should().BeNull();
    }

    [Fact]
    public async Task Whoever_is_told_each_story_gets_its_secrets_and_they_are_not_kept()
    {
        var bytes = await RealRun.BytesAsync();
        var told = new List<CheckedFile>();
        var read = EvidenceReader.Read(["run.jsonl"], _ => new MemoryStream(bytes), onFile: told.Add);

        told.Single().Story!.Secrets.Should().NotBeEmpty();
        read.Files.Single().Story!.Secrets.Should().BeEmpty();
    }

    [Fact]
    public void Runs_that_began_at_the_same_time_stand_in_the_order_of_their_names()
    {
        var (one, two) = (_folder.Write(null, closes: false, out _), _folder.Write(null, closes: false, out _));
        var other = File.ReadAllText(one).Replace("00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000002");
        File.WriteAllText(two, other);

        EvidenceReader.Read([two, one], File.OpenRead).Chain.OfType<ChainFinding.Unnamed>().Select(finding => finding.File)
            .Should().Equal(one, two);
    }

    [Fact]
    public void What_is_missing_is_a_failure_and_what_may_be_so_is_only_said()
    {
        new ChainFinding.Missing("b", RunId.None).IsFailure.Should().BeTrue();
        new ChainFinding.HeadMissing("b", "a").IsFailure.Should().BeTrue();
        new ChainFinding.Outside("b", RunId.None).IsFailure.Should().BeFalse();
        new ChainFinding.Unnamed("b", IsEarliest: false).IsFailure.Should().BeFalse();
        new ChainFinding.Overlap("b", "a").IsFailure.Should().BeFalse();
    }

    [Fact]
    public void After_a_line_that_is_too_long_nothing_is_read()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', (2 * EvidenceLines.Longest) + 1) + "\nshort\n"));

        EvidenceLines.Read(file).Should().ContainSingle().Which
            .Should().Match<EvidenceLine>(line => line.IsTooLong && line.HasEnd && line.Bytes.IsEmpty);
    }

    [Fact]
    public void A_line_of_the_greatest_length_is_read()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', EvidenceLines.Longest) + "\n"));

        EvidenceLines.Read(file).Should().ContainSingle().Which
            .Should().Match<EvidenceLine>(line => !line.IsTooLong && line.Bytes.Length == EvidenceLines.Longest);
    }

    [Fact]
    public void A_line_ends_where_it_does_though_a_stretch_of_the_file_begins_with_its_end()
    {
        // The file is read 64 KiB at a time: the second stretch begins with the end of the second line.
        var second = new string('x', (64 * 1024) - "a\n".Length);
        using var file = new MemoryStream(Encoding.UTF8.GetBytes($"a\n{second}\nb\n"));

        EvidenceLines.Read(file).Select(line => Encoding.UTF8.GetString(line.Bytes.Span)).Should().Equal("a", second, "b");
    }

    [Fact]
    public void A_line_without_its_end_is_told_as_that_and_is_not_too_long()
    {
        using var file = new MemoryStream("torn"u8.ToArray());

        EvidenceLines.Read(file).Should().ContainSingle().Which.Should().Match<EvidenceLine>(line => !line.HasEnd && !line.IsTooLong);
    }

    public void Dispose() => _folder.Dispose();
}
