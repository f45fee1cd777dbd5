using System.Security.Cryptography;

namespace SecretRotator.Evidence;

/// <summary>
/// Checks a file of evidence, in one pass and in memory for a few lines and the secrets of one run. Each record names the hash of
/// the one before it, so a change shows at the next record; the last one is sealed. The two lines that follow say what happened.
/// </summary>
public sealed class EvidenceCheck
{
    private const int LooksAhead = 2;

    private readonly ImmutableHashSet<string> _wanted;
    private readonly RunHistoryBuilder _story = new();
    private readonly List<string> _seen = [];
    private Line? _pending;
    private string? _headBefore;
    private string _head = EvidenceFormat.NoHash;
    private long _good;

    private EvidenceCheck(ImmutableHashSet<string> wanted) => _wanted = wanted;

    /// <summary>Checks a file.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="file">Its content, from its beginning; read once, to its end.</param>
    /// <param name="wanted">Hashes that the next runs name as the head of this one: whether they are in the file is reported.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static CheckedFile Of(string name, Stream file, IEnumerable<string>? wanted = null)
    {
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var check = new EvidenceCheck([.. wanted ?? []]);
        var verdict = check.Judge(EvidenceLines.Read(file, bytes => content.AppendData(bytes.Span)).Select(Line.Read));
        // The hash is of the whole file, also where the check ended before.
        var rest = new byte[64 * 1024];
        while (file.Read(rest) is var read and > 0)
            content.AppendData(rest.AsSpan(0, read));
        return new CheckedFile(
            name, verdict, check._story.Story, check._good, check._head, Convert.ToHexStringLower(content.GetHashAndReset()),
            [.. check._seen]);
    }

    private EvidenceVerdict Judge(IEnumerable<Line> lines)
    {
        using var rest = lines.GetEnumerator();
        var ahead = new List<Line>();
        while (true)
        {
            while (ahead.Count <= LooksAhead && rest.MoveNext())
                ahead.Add(rest.Current);
            if (ahead.Count == 0)
                break;
            if (Flaw(ahead[0], ahead.ElementAtOrDefault(1), ahead.ElementAtOrDefault(2)) is { } bad)
            {
                // A caller that relies on what comes before the break must not be given the bad record itself.
                if (_pending is { } last && bad.Number > _good)
                    Accept(last);
                else if (_pending is not null)
                    _good--;
                return new EvidenceVerdict.Broken(bad);
            }

            if (!ahead[0].Source.HasEnd)
                break;
            Advance(ahead[0]);
            ahead.RemoveAt(0);
        }

        if (_pending is { } closing)
            Accept(closing);
        return _pending?.Entry is EvidenceEntry.RunEnded
            ? new EvidenceVerdict.Whole()
            : new EvidenceVerdict.Incomplete(_good, ahead.Count > 0);
    }

    private void Advance(Line line)
    {
        if (_pending is { } before)
            Accept(before);
        (_pending, _headBefore, _head, _good) = (line, _head, line.Hash, _good + 1);
    }

    private void Accept(Line line)
    {
        _story.Add(line.Entry!);
        if (_wanted.Contains(line.Hash))
            _seen.Add(line.Hash);
    }

    // The first bad record, as far as a single line shows it, or null.
    private BadRecord? Flaw(Line line, Line? next, Line? afterNext)
    {
        var due = _good + 1;
        BadRecord Here(EvidenceFlaw flaw, string why) => new(due, line.Source.Number, line.Source.Offset, flaw, why);
        BadRecord Before(EvidenceFlaw flaw, string why) => new(_good, _pending!.Source.Number, _pending.Source.Offset, flaw, why);

        var isClosed = _pending?.Entry is EvidenceEntry.RunEnded;
        if (line.Entry is not { } entry)
        {
            if (isClosed)
                return Here(EvidenceFlaw.AfterTheEnd, "The closing record comes before it.");
            return !line.Source.HasEnd && EntryReader.IsBeginning(line.Source.Bytes.Span)
                ? null
                : Here(EvidenceFlaw.Unreadable, line.Fault!);
        }

        if (entry.Sequence == _good && entry.Previous == _headBefore)
        {
            return line.Hash == _head
                ? Here(EvidenceFlaw.Inserted, "It is the record before it again.")
                : Before(EvidenceFlaw.Inserted, "The record behind it has the same number and names the same record before.");
        }

        if (isClosed)
            return Here(EvidenceFlaw.AfterTheEnd, "The closing record comes before it.");
        var isInTurn = entry.Sequence == due;
        var isLinked = entry.Previous == _head;
        if (isInTurn && isLinked)
            return FlawOfKind(entry, due) is var (flaw, why) ? Here(flaw, why) : null;
        if (isLinked)
            return Here(EvidenceFlaw.Changed, $"Its number is {entry.Sequence}, and {due} is due.");
        if (isInTurn)
        {
            return _pending is not null && IsVouchedFor(line, next)
                ? Before(EvidenceFlaw.Changed, "Its hash is not the one that the next record names.")
                : Here(EvidenceFlaw.Changed, "It doesn't name the hash of the record before it.");
        }

        if (next?.Entry is { } following && following.Sequence == due && following.Previous == _head)
        {
            var isSwapped = entry.Sequence == due + 1 && entry.Previous == next.Hash && afterNext?.Entry?.Sequence != entry.Sequence;
            return isSwapped
                ? Here(EvidenceFlaw.Reordered, $"Record {entry.Sequence} is here, and {due} behind it.")
                : Here(EvidenceFlaw.Inserted, $"Record {entry.Sequence} is here, and {due} comes next.");
        }

        return entry.Sequence > due
            ? Here(EvidenceFlaw.Removed,
                entry.Sequence - 1 == due
                    ? $"Record {entry.Sequence} is in its place."
                    : $"Records {due} to {entry.Sequence - 1} are missing.")
            : Here(EvidenceFlaw.Inserted, $"Record {entry.Sequence} is here, and {due} is due.");
    }

    private (EvidenceFlaw Flaw, string Why)? FlawOfKind(EvidenceEntry entry, long due)
    {
        if (entry is EvidenceEntry.RunStarted != (due == 1))
            return (EvidenceFlaw.Inserted, due == 1 ? "A run begins with run-started." : "A run begins once.");
        if (entry is not EvidenceEntry.RunEnded end)
            return null;
        if (!end.IsSealed)
            return (EvidenceFlaw.WrongSeal, "Its seal is not made of what it says.");
        return end.Records == due && end.Head == _head
            ? null
            : (EvidenceFlaw.WrongCount, $"It closes {end.Records} records, and there are {due}; or it names another head.");
    }

    // What a later record names was not changed since that one was written.
    private static bool IsVouchedFor(Line line, Line? next) =>
        line.Entry is EvidenceEntry.RunEnded end ? end.IsSealed : next is null || next.Entry?.Previous == line.Hash;

    private sealed record Line(EvidenceLine Source, EvidenceEntry? Entry, string? Fault)
    {
        public string Hash { get; } = EvidenceFormat.Hash(Source.Bytes.Span);

        public static Line Read(EvidenceLine source)
        {
            if (source.IsTooLong)
                return new Line(source, null, "It is longer than 1 MiB.");
            var (entry, fault) = EntryReader.Read(source.Bytes);
            // A line without its end is torn, however whole it looks.
            return new Line(source, source.HasEnd ? entry : null, fault);
        }
    }
}

/// <summary>A file of evidence that was checked.</summary>
/// <param name="Name">The file.</param>
/// <param name="Verdict">What it is worth.</param>
/// <param name="Story">What it records, as far as it is good; null where it has no good record.</param>
/// <param name="Records">How many records are good.</param>
/// <param name="Head">The hash of the last one that was read.</param>
/// <param name="Content">The SHA-256 of the whole file.</param>
/// <param name="Seen">Those of the wanted hashes that are in it.</param>
public sealed record CheckedFile(
    string Name, EvidenceVerdict Verdict, RunHistory? Story, long Records, string Head, string Content, ImmutableHashSet<string> Seen);
