namespace SecretRotator.Evidence;

/// <summary>The runs that a new one names, because none does so yet. Removing the file of any of them breaks the chain.</summary>
/// <param name="After">The latest; null where none is known.</param>
/// <param name="Beside">Others, which ran beside it.</param>
public sealed record ChainEnds(PreviousRun? After, ImmutableArray<PreviousRun> Beside)
{
    // Enough for whatever began in the same minute, and a bound for what someone may have put there.
    private const int MostRead = 64;

    // Clocks of two machines differ, and AWS takes no call from one that is five minutes off.
    private static readonly Duration Skew = Duration.FromMinutes(5);

    // A run is named by the next one, unless both began before they could see each other.
    private static readonly Duration Blindness = Duration.FromMinutes(1);

    /// <summary>No run is known.</summary>
    public static ChainEnds None { get; } = new(null, []);

    /// <summary>
    /// Finds them by what the records say: a file's name only shows where to look first, since a copy may have any. Files that can't be
    /// read,
    /// or are of a run in the future, are passed over.
    /// </summary>
    /// <param name="names">The names of the files, in any order; those of other files are passed over.</param>
    /// <param name="open">Opens a file whose position can be set; null where it can't be read, which has been reported then.</param>
    /// <param name="now">When the new run begins.</param>
    /// <param name="notice">Called for a file that is passed over.</param>
    public static async Task<ChainEnds> FindAsync(
        IEnumerable<string> names, Func<string, Task<Stream?>> open, Instant now, Action<string> notice)
    {
        var seen = new List<Seen>();
        var read = 0;
        var floor = Instant.MaxValue;
        foreach (var (name, time) in names.Select(name => (name, time: EvidenceName.TimeOf(name))).Where(each => each.time is not null)
            .OrderByDescending(each => each.name, StringComparer.Ordinal))
        {
            // A file is never older than its name, unless someone named it so. Reading goes on to what the last runs name: one that only
            // claims to
            // be the last must not hide what lies between.
            var isLatestFound = seen.Count > 0 && time < seen.Max(each => each.Started.At) - Blindness;
            if (isLatestFound && (read == MostRead || IsClosed(Ends(seen, floor), seen)))
                break;
            if (read++ == MostRead)
            {
                notice($"{MostRead} files with the latest names say nothing about the latest runs, so this run's evidence may not name "
                    + "the run before it. Find out who put them there.");
                break;
            }

            floor = time!.Value;
            if (await ReadAsync(name, open, notice).ConfigureAwait(false) is not { } found)
                continue;
            if (found.Started.At > now + Skew)
                notice($"{name} records a run in the future, so it was passed over: this run's evidence doesn't name it.");
            else
                seen.Add(found);
        }

        var last = Ends(seen, floor);
        return last.Count == 0
            ? new ChainEnds(seen.MaxBy(each => each.Started.At)?.Head, [])
            : new ChainEnds(last[0].Head, [.. last.Skip(1).Select(each => each.Head)]);
    }

    private static async Task<Seen?> ReadAsync(string name, Func<string, Task<Stream?>> open, Action<string> notice)
    {
        var file = await open(name).ConfigureAwait(false);
        if (file is null)
            return null;
        await using (file.ConfigureAwait(false))
        {
            if (EvidenceReader.Ends(file) is var (started, head))
                return new Seen(name, started, head);
            // A run that was killed before its first record leaves an empty file.
            if (file.Length > 0)
                notice($"{name} is not evidence that this program reads, so it was passed over: this run's evidence doesn't name it.");
            return null;
        }
    }

    // The runs that no other names, the latest first. The run that names a copy older than the names that were read wasn't read either.
    private static List<Seen> Ends(List<Seen> seen, Instant floor)
    {
        var runs = seen.GroupBy(each => each.Head.Run).Select(copies => copies.MinBy(each => each.IsInPlace ? 0 : 1)!).ToList();
        var named = runs.SelectMany(each => EvidenceReader.NamedBy(each.Started).Where(before => before.Run != each.Head.Run))
            .Select(before => before.Run).ToHashSet();
        return [.. runs.Where(each => each.Started.At >= floor && !named.Contains(each.Head.Run))
            .OrderByDescending(each => each.Started.At)];
    }

    // A run that names none may be the first one ever, or one that wasn't shown the others.
    private static bool IsClosed(List<Seen> ends, List<Seen> seen) =>
        ends.Count > 0
            && ends.TrueForAll(
                end => end.Started.After is not null
                    && EvidenceReader.NamedBy(end.Started).All(before => seen.Exists(each => each.Head.Run == before.Run)));

    private sealed record Seen(string Name, EvidenceEntry.RunStarted Started, PreviousRun Head)
    {
        /// <summary>Whether it has the name that its run gave it: of several copies that is the one.</summary>
        public bool IsInPlace =>
            Name.StartsWith(EvidenceName.Beginning(Started.At), StringComparison.Ordinal)
                && Name.Contains(Head.Run.Value[..Math.Min(8, Head.Run.Value.Length)], StringComparison.Ordinal);
    }
}
