using CsCheck;
using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Every record of a real file is changed, dropped, swapped, doubled and cut: each is caught, at the right place.</summary>
public sealed class EvidenceCorruptionTests
{
    [Fact]
    public async Task An_unharmed_file_is_whole()
    {
        var lines = await RealRun.LinesAsync();
        var file = RealRun.Check(await RealRun.BytesAsync());

        lines.Length.Should().BeGreaterThan(30);
        file.Verdict.Should().BeOfType<EvidenceVerdict.Whole>();
        file.Records.Should().Be(lines.Length);
        file.Head.Should().Be(EvidenceFormat.Hash(Encoding.UTF8.GetBytes(lines[^1])));
    }

    [Fact]
    public async Task A_byte_that_is_flipped_is_found_in_its_record()
    {
        var bytes = await RealRun.BytesAsync();
        for (var at = 0; at < bytes.Length; at += Effort.Stride)
        {
            // Every bit in turn, and every byte: each of its bits would take minutes.
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << (at / Effort.Stride % 8));
            var record = 1 + bytes.AsSpan(0, at).Count((byte)'\n');
            MustBreakAt(changed, record, $"byte {at} of record {record} was flipped");
        }
    }

    [Fact]
    public async Task A_changed_word_is_found_in_its_record()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 0; i < lines.Length; i++)
            foreach (var (word, other) in new[]
            {
                ("2026", "2025"),
                ("db", "dc"),
                ("old", "new"),
                ("begun", "done"),
                ("done", "failed"),
                ("\"exitCode\":4", "\"exitCode\":0"),
                ("rolled-back", "rotated"),
            })
                if (lines[i].Contains(word, StringComparison.Ordinal))
                    MustBreakAt(
                        RealRun.Of(lines.SetItem(i, lines[i].Replace(word, other, StringComparison.Ordinal))), i + 1,
                        $"{word} became {other} in record {i + 1}");
    }

    [Fact]
    public async Task A_record_that_is_dropped_is_missed()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 0; i < lines.Length - 1; i++)
            MustBreakAt(RealRun.Of(lines.RemoveAt(i)), i + 1, $"record {i + 1} was dropped").Should().Be(EvidenceFlaw.Removed);
    }

    [Fact]
    public async Task Several_records_that_are_dropped_are_counted()
    {
        var lines = await RealRun.LinesAsync();

        ((EvidenceVerdict.Broken)RealRun.Check(RealRun.Of(lines.RemoveRange(4, 3))).Verdict).At.Should().Match<BadRecord>(bad =>
            bad.Number == 5 && bad.Line == 5 && bad.Why == "Records 5 to 7 are missing."
                && bad.Offset == lines.Take(4).Sum(line => line.Length + 1));
    }

    [Fact]
    public async Task Neighbours_that_are_swapped_are_found()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 0; i < lines.Length - 1; i++)
            MustBreakAt(
                RealRun.Of(lines.SetItem(i, lines[i + 1]).SetItem(i + 1, lines[i])), i + 1, $"records {i + 1} and {i + 2} were swapped")
                    .Should().Be(EvidenceFlaw.Reordered);
    }

    [Fact]
    public async Task A_record_of_the_same_file_that_is_put_in_is_found()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 0; i < lines.Length; i++)
            foreach (var source in new[] { 0, 2, lines.Length / 2, lines.Length - 1 })
                if (source != i && source != i - 1)
                    MustBreakAt(RealRun.Of(lines.Insert(i, lines[source])), i + 1, $"record {source + 1} was put in at {i + 1}").Should()
                        .Be(EvidenceFlaw.Inserted);
    }

    [Fact]
    public async Task A_record_that_stands_twice_is_found()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 0; i < lines.Length - 1; i++)
            MustBreakAt(RealRun.Of(lines.Insert(i, lines[i])), i + 2, $"record {i + 1} stands twice").Should().Be(EvidenceFlaw.Inserted);
    }

    [Fact]
    public async Task A_forged_record_that_fits_what_stands_before_it_is_found()
    {
        var lines = await RealRun.LinesAsync();
        for (var i = 1; i < lines.Length; i++)
        {
            var head = EvidenceFormat.Hash(Encoding.UTF8.GetBytes(lines[i - 1]));
            var forged = Encoding.UTF8.GetString(
                EvidenceFormat.Format(new EvidenceRecord.Planned(NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), head, 1), i + 1, head).Span);
            MustBreakAt(RealRun.Of(lines.Insert(i, forged)), i + 1, $"a record was forged at {i + 1}").Should().Be(EvidenceFlaw.Inserted);
            forged = Encoding.UTF8.GetString(
                EvidenceFormat.Format(new EvidenceRecord.RunEnded(NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), 0), i + 1, head).Span);
            MustBreakAt(RealRun.Of(lines.Insert(i, forged)), i + 1, $"an end was forged at {i + 1}").Should().Be(EvidenceFlaw.Inserted);
        }
    }

    [Fact]
    public async Task What_stands_after_the_end_is_found()
    {
        var lines = await RealRun.LinesAsync();
        foreach (var line in lines.Append("").Append("{}").Append("x"))
            MustBreakAt(RealRun.Of(lines.Add(line)), lines.Length + 1, $"{line} was appended").Should()
                .BeOneOf(EvidenceFlaw.AfterTheEnd, EvidenceFlaw.Inserted);
        MustBreakAt([.. await RealRun.BytesAsync(), (byte)'{'], lines.Length + 1, "a beginning was appended").Should()
            .Be(EvidenceFlaw.AfterTheEnd);
    }

    [Fact]
    public async Task A_file_that_is_cut_is_incomplete_and_never_whole()
    {
        var bytes = await RealRun.BytesAsync();
        for (var length = 0; length < bytes.Length; length += Effort.Stride)
        {
            var whole = bytes.AsSpan(0, length).Count((byte)'\n');
            var isTorn = length > 0 && bytes[length - 1] != '\n';
            var file = RealRun.Check(bytes[..length]);

            file.Verdict.Should().Be(new EvidenceVerdict.Incomplete(whole, isTorn), $"the file was cut after {length} bytes");
            file.Records.Should().Be(whole);
        }
    }

    [Fact]
    public async Task A_record_without_its_line_end_is_torn_whatever_it_says()
    {
        var lines = await RealRun.LinesAsync();

        RealRun.Check([.. RealRun.Of(lines[..4]), .. Encoding.UTF8.GetBytes(lines[6])]).Verdict
            .Should().Be(new EvidenceVerdict.Incomplete(4, IsTorn: true));
    }

    [Fact]
    public async Task How_a_flaw_shows_is_told()
    {
        var lines = await RealRun.LinesAsync();
        var last = lines.Length;

        Why(lines.RemoveAt(4)).Should().Be("Record 6 is in its place.");
        Why(lines.SetItem(4, lines[4].Replace("\"sequence\":5", "\"sequence\":4", StringComparison.Ordinal)))
            .Should().Be("Its number is 4, and 5 is due.");
        Why(lines.SetItem(4, lines[5]).SetItem(5, lines[4])).Should().Be("Record 6 is here, and 5 behind it.");
        Why(lines.Insert(4, lines[3])).Should().Be("It is the record before it again.");
        Why(lines.Insert(4, Forged(lines, 4))).Should().Be("The record behind it has the same number and names the same record before.");
        Why(lines.SetItem(4, lines[4].Replace("2026", "2025", StringComparison.Ordinal)))
            .Should().Be("Its hash is not the one that the next record names.");
        Why(lines.SetItem(4, WithPrevious(lines[4], EvidenceFormat.NoHash)).RemoveRange(5, last - 6))
            .Should().Be("It doesn't name the hash of the record before it.");
        Why(lines.SetItem(last - 1, lines[2])).Should().Be($"Record 3 is here, and {last} is due.");
        Why(lines.SetItem(4, WithPrevious(lines[5], EvidenceFormat.NoHash)).SetItem(5, lines[4]))
            .Should().Be("Record 6 is here, and 5 comes next.");
        Why(lines.SetItem(last - 1, lines[^1].Replace("\"exitCode\":4", "\"exitCode\":0", StringComparison.Ordinal)))
            .Should().Be("Its seal is not made of what it says.");
        Why(lines.Add("{}")).Should().Be("The closing record comes before it.");
        Why(lines.Add(lines[2])).Should().Be("The closing record comes before it.");
    }

    [Fact]
    public async Task A_file_that_begins_with_anything_but_the_run_s_beginning_is_told()
    {
        var planned = EvidenceFormat.Format(new EvidenceRecord.Planned(ModelCloud.Start, "d", 1), 1, EvidenceFormat.NoHash);

        Why((await RealRun.LinesAsync()).SetItem(0, Encoding.UTF8.GetString(planned.Span)).RemoveRange(1, 2))
            .Should().Be("A run begins with run-started.");
    }

    [Fact]
    public void A_run_that_begins_a_second_time_in_its_file_is_told()
    {
        var holder = new SecretRotator.Vaults.Holder.Process("00000000000000aa", 7, 9, "me@here");
        var begun = new EvidenceRecord.RunStarted(ModelCloud.Start, "rotate", "1", holder, "i");
        var first = EvidenceFormat.Format(begun, 1, EvidenceFormat.NoHash);
        var second = EvidenceFormat.Format(begun, 2, EvidenceFormat.Hash(first.Span));

        Why([Encoding.UTF8.GetString(first.Span), Encoding.UTF8.GetString(second.Span)]).Should().Be("A run begins once.");
    }

    [Fact]
    public async Task A_change_before_the_cut_is_found_all_the_same()
    {
        var lines = (await RealRun.LinesAsync())[..^3];
        for (var i = 0; i < lines.Length - 1; i++)
            MustBreakAt(
                RealRun.Of(lines.SetItem(i, lines[i].Replace("\"version\":3", "\"version\":2", StringComparison.Ordinal))), i + 1,
                $"record {i + 1} was changed");
    }

    [Fact]
    public async Task A_closing_record_that_counts_other_records_is_found()
    {
        var lines = await RealRun.LinesAsync();
        var head = EvidenceFormat.Hash(Encoding.UTF8.GetBytes(lines[^2]));
        // A forger who knows how to seal, but counts wrongly.
        var line = Encoding.UTF8.GetString(
            EvidenceFormat.Format(new EvidenceRecord.RunEnded(NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), 0), lines.Length, head).Span);
        var counted = line.Replace($"\"records\":{lines.Length}", $"\"records\":{lines.Length + 1}", StringComparison.Ordinal);
        var unsealed = System.Text.RegularExpressions.Regex.Replace(counted, "\"seal\":\"[0-9a-f]*\",", "");
        var sealedAgain = unsealed.Replace(
            "\"sequence\"", $"\"seal\":\"{EvidenceFormat.Hash(Encoding.UTF8.GetBytes(unsealed))}\",\"sequence\"", StringComparison.Ordinal);

        MustBreakAt(RealRun.Of(lines.SetItem(lines.Length - 1, counted)), lines.Length, "the count was changed").Should()
            .Be(EvidenceFlaw.WrongSeal);
        MustBreakAt(RealRun.Of(lines.SetItem(lines.Length - 1, sealedAgain)), lines.Length, "the count was forged").Should()
            .Be(EvidenceFlaw.WrongCount);
    }

    [Theory]
    [InlineData("{ \"at\"")]
    [InlineData("{\"at\" :")]
    [InlineData("{\"a\":1,\"at\"")]
    [InlineData("{\"at\":\"2026-11-24T01:00:00.000Z\",\"at\"")]
    public async Task The_same_said_otherwise_is_not_the_same(string beginning)
    {
        var lines = await RealRun.LinesAsync();

        MustBreakAt(RealRun.Of(lines.SetItem(6, lines[6].Replace("{\"at\"", beginning, StringComparison.Ordinal))), 7, beginning);
    }

    [Fact]
    public void A_line_without_an_end_in_sight_is_not_read_on()
    {
        using var endless = new Endless();
        var file = EvidenceCheck.Of("run.jsonl", new BoundedStream(endless, 64 << 20));

        file.Verdict.Should().BeOfType<EvidenceVerdict.Broken>().Which.At
            .Should()
            .Match<BadRecord>(bad => bad.Number == 1 && bad.Flaw == EvidenceFlaw.Unreadable && bad.Why == "It is longer than 1 MiB.");
    }

    [Fact]
    public void The_hash_of_a_file_is_that_of_all_of_it_however_early_it_breaks()
    {
        var bytes = RealRun.Of(Enumerable.Repeat("no record", 20_000));

        RealRun.Check(bytes).Content.Should().Be(EvidenceFormat.Hash(bytes));
    }

    [Fact]
    public void An_empty_file_is_incomplete() =>
        RealRun.Check([]).Verdict.Should().Be(new EvidenceVerdict.Incomplete(0, IsTorn: false));

    [Fact]
    public async Task Of_a_broken_file_only_what_stands_before_the_break_is_told()
    {
        var lines = await RealRun.LinesAsync();
        var ended = Enumerable.Range(0, lines.Length).First(i => lines[i].Contains("\"kind\":\"ended\"", StringComparison.Ordinal));
        var file = RealRun.Check(
            RealRun.Of(
                lines.SetItem(
                    ended, lines[ended].Replace("db", "dc", StringComparison.Ordinal).Replace("api", "apj", StringComparison.Ordinal))));

        file.Verdict.Should().BeOfType<EvidenceVerdict.Broken>();
        file.Records.Should().Be(ended);
        file.Story!.Secrets.Should().OnlyContain(secret => secret.Outcome == null).And
            .NotContain(secret => secret.Name == "dc" || secret.Name == "apj");
    }

    [Fact]
    public async Task No_edit_of_any_kind_leaves_a_file_whole()
    {
        var bytes = await RealRun.BytesAsync();
        var edit = Gen.Select(Gen.Int[0, 3], Gen.Int[0, bytes.Length - 1], Gen.Int[1, 40], Gen.Byte.Array[1, 40]);
        edit.Sample(
            (kind, at, length, put) =>
            {
                var end = Math.Min(bytes.Length, at + length);
                byte[] edited = kind switch
                {
                    0 => [.. bytes[..at], .. put, .. bytes[at..]],
                    1 => [.. bytes[..at], .. bytes[end..]],
                    2 => [.. bytes[..at], .. put, .. bytes[Math.Min(bytes.Length, at + put.Length)..]],
                    _ => [.. bytes[..at], .. bytes[at..end], .. bytes[at..]],
                };
                return edited.AsSpan().SequenceEqual(bytes) || RealRun.Check(edited).Verdict is not EvidenceVerdict.Whole;
            },
            iter: 3000);
    }

    private static string Why(IEnumerable<string> lines) =>
        RealRun.Check(RealRun.Of(lines)).Verdict.Should().BeOfType<EvidenceVerdict.Broken>().Which.At.Why;

    /// <summary>Another record for the place of one.</summary>
    private static string Forged(ImmutableArray<string> lines, int at) => Encoding.UTF8.GetString(EvidenceFormat.Format(
        new EvidenceRecord.Planned(ModelCloud.Start, "d", 1), at + 1, EvidenceFormat.Hash(Encoding.UTF8.GetBytes(lines[at - 1]))).Span);

    private static string WithPrevious(string line, string hash) =>
        System.Text.RegularExpressions.Regex.Replace(line, "\"previous\":\"[0-9a-f]*\"", $"\"previous\":\"{hash}\"");

    private static EvidenceFlaw MustBreakAt(byte[] bytes, int record, string because)
    {
        var file = RealRun.Check(bytes);
        var bad = file.Verdict.Should().BeOfType<EvidenceVerdict.Broken>(because).Which.At;
        bad.Number.Should().Be(record, $"{because}, and it was told: {bad.Flaw}. {bad.Why}");
        file.Records.Should().Be(record - 1, $"{because}, and what stands before it is good");
        return bad.Flaw;
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'x');
            return count;
        }

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'x');
            return buffer.Length;
        }
    }

    /// <summary>So much of a stream.</summary>
    private sealed class BoundedStream(Stream stream, long left) : MemoryStream
    {
        private long _left = left;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = stream.Read(buffer, offset, (int)Math.Min(_left, count));
            _left -= read;
            return read;
        }

        public override int Read(Span<byte> buffer)
        {
            var read = stream.Read(buffer[..(int)Math.Min(_left, buffer.Length)]);
            _left -= read;
            return read;
        }
    }
}
