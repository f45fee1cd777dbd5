namespace SecretRotator.Evidence;

/// <summary>Checks several runs together: each names the one before it, so a run that is missing shows.</summary>
public static class EvidenceChain
{
    /// <summary>What there is to say, in the order of the runs.</summary>
    /// <param name="files">The files, checked with the heads that the others name.</param>
    /// <param name="fromStart">Whether the earliest run must be the first one ever.</param>
    public static ImmutableArray<ChainFinding> Check(IReadOnlyCollection<CheckedFile> files, bool fromStart)
    {
        var runs = files.Where(file => file.Story is not null).OrderBy(file => file.Story!.StartedAt)
            .ThenBy(file => file.Name, StringComparer.Ordinal).ToList();
        var byRun = runs.GroupBy(file => file.Story!.Run).ToDictionary(group => group.Key, group => group.ToList());
        var findings = ImmutableArray.CreateBuilder<ChainFinding>();
        foreach (var same in byRun.Values.Where(group => group.Count > 1))
            findings.Add(
                new ChainFinding.Twice(
                    same[0].Story!.Run, [.. same.Select(file => file.Name)], same.All(file => file.Content == same[0].Content)));

        var outside = runs.Take(1).SelectMany(file => file.Story!.Named).ToHashSet();
        foreach (var file in runs)
        {
            if (file.Story!.After is null)
            {
                var isEarliest = file.Story.Run == runs[0].Story!.Run;
                findings.Add(
                    new ChainFinding.Unnamed(
                        file.Name, isEarliest,
                        IsLater: fromStart && !isEarliest && runs.Exists(other => other.Story!.EndedAt < file.Story.StartedAt)));
            }

            foreach (var before in file.Story.Named)
            {
                if (byRun.TryGetValue(before.Run, out var named))
                    findings.AddRange(OfNamed(file.Name, before, named));
                else if (outside.Contains(before) && !fromStart)
                    findings.Add(new ChainFinding.Outside(file.Name, before.Run));
                else
                    findings.Add(new ChainFinding.Missing(file.Name, before.Run));
            }
        }

        var namings = runs.DistinctBy(file => file.Story!.Run)
            .SelectMany(file => file.Story!.Named.Select(before => (before.Run, File: file)));
        foreach (var fork in namings.GroupBy(naming => naming.Run, naming => naming.File).Where(group => group.Count() > 1))
            findings.Add(new ChainFinding.Fork(fork.Key, [.. fork.Select(file => file.Name)], AreConcurrent([.. fork])));
        findings.AddRange(PassedOver([.. runs.DistinctBy(file => file.Story!.Run)], fromStart));
        return findings.ToImmutable();
    }

    // A run that begins after another has ended names it, unless an earlier run did. Runs that found no evidence at all are left alone, and
    // so are chains
    // that have nothing to do with each other, unless there may be but one.
    private static IEnumerable<ChainFinding> PassedOver(List<CheckedFile> runs, bool fromStart)
    {
        var (parts, firstNamed) = (new Parts(), new Dictionary<RunId, Instant>());
        foreach (var story in runs.Select(file => file.Story!))
            foreach (var before in story.Named)
            {
                parts.Join(story.Run, before.Run);
                firstNamed.TryAdd(before.Run, story.StartedAt);
            }

        foreach (var part in runs.GroupBy(file => fromStart ? RunId.None : parts.Of(file.Story!.Run)).Select(part => part.ToList()))
        {
            var starts = part.ConvertAll(file => file.Story!.StartedAt);
            foreach (var file in part)
            {
                if (file.Story!.EndedAt is not { } end)
                    continue;
                var next = starts.BinarySearch(end + Duration.FromMilliseconds(1));
                next = next < 0 ? ~next : starts.IndexOf(starts[next]);
                if (next < part.Count && part[next].Story!.After is not null
                    && (!firstNamed.TryGetValue(file.Story.Run, out var named) || named > starts[next]))
                    yield return new ChainFinding.PassedOver(part[next].Name, file.Name, fromStart);
            }
        }
    }

    // A run that began is there for the next one to name. So of two that name the same one, the later one began before the earlier one had
    // ended. When a run that was cut short ended isn't known; its file's verdict says that it was cut short.
    private static bool AreConcurrent(List<CheckedFile> files) =>
        files.TrueForAll(file => file.Story!.EndedAt is not { } end || files.TrueForAll(other => other.Story!.StartedAt <= end));

    /// <summary>Which runs are connected by naming each other.</summary>
    private sealed class Parts
    {
        private readonly Dictionary<RunId, RunId> _above = [];

        public RunId Of(RunId run)
        {
            while (_above.TryGetValue(run, out var above))
                run = above;
            return run;
        }

        public void Join(RunId one, RunId other)
        {
            var (of, into) = (Of(one), Of(other));
            if (of != into)
                _above[of] = into;
        }
    }

    private static IEnumerable<ChainFinding> OfNamed(string file, PreviousRun before, List<CheckedFile> named)
    {
        if (named.Exists(each => each.Seen.Contains(before.Head)))
        {
            if (named.TrueForAll(each => each.Head != before.Head))
                yield return new ChainFinding.Overlap(file, named[0].Name);
        }
        else if (!named.Exists(each => each.Verdict is EvidenceVerdict.Broken))
        {
            yield return new ChainFinding.HeadMissing(file, named[0].Name);
        }
    }
}

/// <summary>Something to say of the chain of runs. A closed set.</summary>
public abstract record ChainFinding
{
    private ChainFinding(bool isFailure) => IsFailure = isFailure;

    /// <summary>Whether it means that something is missing or was changed; otherwise it is only said.</summary>
    public bool IsFailure { get; }

    /// <summary>A run is named by another and was not given.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Run">The run that is missing.</param>
    public sealed record Missing(string File, RunId Run) : ChainFinding(isFailure: true);

    /// <summary>The earliest run names one before it that was not given.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Run">The run before.</param>
    public sealed record Outside(string File, RunId Run) : ChainFinding(isFailure: false);

    /// <summary>A run names none before it, so whether one is missing there can't be determined.</summary>
    /// <param name="File">Its file.</param>
    /// <param name="IsEarliest">Whether it is the earliest that was given.</param>
    /// <param name="IsLater">Whether it can't have been the first ever, though the chain has to be whole from there.</param>
    public sealed record Unnamed(string File, bool IsEarliest, bool IsLater = false) : ChainFinding(isFailure: IsLater);

    /// <summary>The record that a run names as the last of the one before isn't there any more: its end was cut off or its file
    /// replaced.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Before">The file of the run before.</param>
    public sealed record HeadMissing(string File, string Before) : ChainFinding(isFailure: true);

    /// <summary>A run began while the one that it names was still running.</summary>
    /// <param name="File">Its file.</param>
    /// <param name="Before">The file of the run before.</param>
    public sealed record Overlap(string File, string Before) : ChainFinding(isFailure: false);

    /// <summary>A run began after another had ended, and neither it nor an earlier one names that.</summary>
    /// <param name="File">Its file.</param>
    /// <param name="Before">The file of the run that it should have named.</param>
    /// <param name="MustBeWhole">Whether the whole chain was to be given; otherwise the run may have begun where the other's evidence
    /// wasn't.</param>
    public sealed record PassedOver(string File, string Before, bool MustBeWhole) : ChainFinding(isFailure: MustBeWhole);

    /// <summary>Several files are of one run.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Files">The files.</param>
    /// <param name="AreCopies">Whether they are the same to the last byte.</param>
    public sealed record Twice(RunId Run, ImmutableArray<string> Files, bool AreCopies) : ChainFinding(isFailure: !AreCopies);

    /// <summary>Several runs name the same one before them.</summary>
    /// <param name="Run">The run that they name.</param>
    /// <param name="Files">Their files.</param>
    /// <param name="AreConcurrent">Whether they ran at the same time. Otherwise the later one should have named the earlier one.</param>
    public sealed record Fork(RunId Run, ImmutableArray<string> Files, bool AreConcurrent) : ChainFinding(isFailure: !AreConcurrent);
}
