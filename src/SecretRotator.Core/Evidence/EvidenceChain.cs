using System.Collections.Immutable;

namespace SecretRotator.Evidence;

/// <summary>Checks several runs together: each names the one before it, so a run that is missing shows.</summary>
public static class EvidenceChain
{
    /// <summary>What there is to say, in the order of the runs.</summary>
    /// <param name="files">The files, checked with the heads that the others name.</param>
    /// <param name="fromStart">Whether the earliest run must be the first one ever.</param>
    public static ImmutableArray<ChainFinding> Check(IReadOnlyCollection<CheckedFile> files, bool fromStart)
    {
        ArgumentNullException.ThrowIfNull(files);
        var runs = files.Where(file => file.Story is not null).OrderBy(file => file.Story!.StartedAt).ThenBy(file => file.Name, StringComparer.Ordinal).ToList();
        var byRun = runs.GroupBy(file => file.Story!.Run).ToDictionary(group => group.Key, group => group.ToList());
        var findings = ImmutableArray.CreateBuilder<ChainFinding>();
        foreach (var same in byRun.Values.Where(group => group.Count > 1))
            findings.Add(new ChainFinding.Twice(same[0].Story!.Run, [.. same.Select(file => file.Name)], same.All(file => file.Content == same[0].Content)));

        var outside = runs.FirstOrDefault()?.Story!.After;
        foreach (var file in runs)
        {
            if (file.Story!.After is not { } before)
                findings.Add(new ChainFinding.Unnamed(file.Name, IsEarliest: file == runs[0]));
            else if (byRun.TryGetValue(before.Run, out var named))
                findings.AddRange(OfNamed(file.Name, before, named));
            else if (before == outside && !fromStart)
                findings.Add(new ChainFinding.Outside(file.Name, before.Run));
            else
                findings.Add(new ChainFinding.Missing(file.Name, before.Run));
        }

        foreach (var fork in runs.Where(file => file.Story!.After is not null).DistinctBy(file => file.Story!.Run).GroupBy(file => file.Story!.After!.Run).Where(group => group.Count() > 1))
            findings.Add(new ChainFinding.Fork(fork.Key, [.. fork.Select(file => file.Name)]));
        return findings.ToImmutable();
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
/// <param name="IsFailure">Whether it means that something is missing or was changed; otherwise it is only said.</param>
public abstract record ChainFinding(bool IsFailure)
{
    private ChainFinding()
        : this(IsFailure: false)
    {
    }

    /// <summary>A run is named by another and was not given.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Run">The run that is missing.</param>
    public sealed record Missing(string File, RunId Run) : ChainFinding(IsFailure: true);

    /// <summary>The earliest run names one before it that was not given.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Run">The run before.</param>
    public sealed record Outside(string File, RunId Run) : ChainFinding(IsFailure: false);

    /// <summary>A run names none before it, so whether one is missing there can't be told.</summary>
    /// <param name="File">Its file.</param>
    /// <param name="IsEarliest">Whether it is the earliest that was given.</param>
    public sealed record Unnamed(string File, bool IsEarliest) : ChainFinding(IsFailure: false);

    /// <summary>The record that a run names as the last of the one before isn't there any more: its end was cut off or its file replaced.</summary>
    /// <param name="File">The file that names it.</param>
    /// <param name="Before">The file of the run before.</param>
    public sealed record HeadMissing(string File, string Before) : ChainFinding(IsFailure: true);

    /// <summary>A run began while the one that it names was still running.</summary>
    /// <param name="File">Its file.</param>
    /// <param name="Before">The file of the run before.</param>
    public sealed record Overlap(string File, string Before) : ChainFinding(IsFailure: false);

    /// <summary>Several files are of one run.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Files">The files.</param>
    /// <param name="AreCopies">Whether they are the same to the last byte.</param>
    public sealed record Twice(RunId Run, ImmutableArray<string> Files, bool AreCopies) : ChainFinding(IsFailure: !AreCopies);

    /// <summary>Several runs name the same one before them: they began at the same time.</summary>
    /// <param name="Run">The run that they name.</param>
    /// <param name="Files">Their files.</param>
    public sealed record Fork(RunId Run, ImmutableArray<string> Files) : ChainFinding(IsFailure: false);
}
