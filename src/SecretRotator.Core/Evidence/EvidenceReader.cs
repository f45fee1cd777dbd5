namespace SecretRotator.Evidence;

/// <summary>Reads the evidence of several runs: checks each file, and all of them together.</summary>
public static class EvidenceReader
{
    /// <summary>Reads and checks files. Each is opened twice: for the run that it names, then for the whole.</summary>
    /// <param name="names">The files, for messages and for <paramref name="open"/>.</param>
    /// <param name="open">Opens one.</param>
    /// <param name="fromStart">Whether the earliest run must be the first one ever.</param>
    /// <param name="onFile">
    /// Called for each file with its whole story, or null. What is returned then leaves the secrets out: memory doesn't grow with what
    /// many runs record of many secrets.
    /// </param>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static CheckedEvidence Read(
        IReadOnlyCollection<string> names, Func<string, Stream> open, bool fromStart = false, Action<CheckedFile>? onFile = null)
    {
        var heads = names.Select(name => Beginning(name, open))
            .OfType<EvidenceEntry.RunStarted>()
            .SelectMany(NamedBy)
            .Select(named => named.Head)
            .ToHashSet(StringComparer.Ordinal);
        ImmutableArray<CheckedFile> files = [.. names.Select(name => Check(name, open, heads, onFile))];
        return new CheckedEvidence(files, EvidenceChain.Check(files, fromStart));
    }

    /// <summary>The first record, and the run with the hash of its last whole record; null where the file has no whole record of
    /// ours.</summary>
    /// <param name="file">The file, from its beginning. Only its beginning and its end are read.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    internal static (EvidenceEntry.RunStarted Started, PreviousRun Head)? Ends(Stream file)
    {
        if (First(file) is not { } started)
            return null;
        // The last two lines at most, of which one may be torn.
        var from = Math.Max(0, file.Length - (2L * EvidenceLines.Longest));
        file.Position = from;
        var last = EvidenceLines.Read(file).LastOrDefault(line => line.HasEnd && !line.IsTooLong);
        return last is not null && EntryReader.Read(last.Bytes).Entry is not null
            ? (started, new PreviousRun(started.Run, EvidenceFormat.Hash(last.Bytes.Span)))
            : null;
    }

    /// <summary>All runs that a first record names.</summary>
    internal static IEnumerable<PreviousRun> NamedBy(EvidenceEntry.RunStarted started) =>
        started.After is { } after ? started.Beside.Prepend(after) : started.Beside;

    private static EvidenceEntry.RunStarted? Beginning(string name, Func<string, Stream> open)
    {
        using var file = open(name);
        return First(file);
    }

    private static EvidenceEntry.RunStarted? First(Stream file) =>
        EvidenceLines.Read(file).FirstOrDefault() is { HasEnd: true } first
            ? EntryReader.Read(first.Bytes).Entry as EvidenceEntry.RunStarted
            : null;

    private static CheckedFile Check(string name, Func<string, Stream> open, HashSet<string> heads, Action<CheckedFile>? onFile)
    {
        using var file = open(name);
        var whole = EvidenceCheck.Of(name, file, heads);
        if (onFile is null)
            return whole;
        onFile(whole);
        return whole.Story is { } story ? whole with { Story = story with { Secrets = [] } } : whole;
    }
}

/// <summary>The evidence of several runs, checked.</summary>
/// <param name="Files">Each file, in the order in which they were named.</param>
/// <param name="Chain">What there is to say of all together.</param>
public sealed record CheckedEvidence(ImmutableArray<CheckedFile> Files, ImmutableArray<ChainFinding> Chain);
