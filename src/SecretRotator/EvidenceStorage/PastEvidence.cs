using SecretRotator.Audit;
using SecretRotator.Commands;
using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>What evidence of earlier runs tells a report, with what it is worth.</summary>
/// <param name="Runs">What the runs did.</param>
/// <param name="Facts">Which evidence that rests on.</param>
internal sealed record PastEvidence(PastRuns Runs, EvidenceFacts Facts)
{
    /// <summary>Nothing was read.</summary>
    public static PastEvidence None => new(new PastRuns(), EvidenceFacts.None);

    /// <summary>Reads files. What is invalid is reported as such; what is before a break counts.</summary>
    /// <param name="source">Where they were found, for people.</param>
    /// <param name="files">The files: how each is called, and where it is.</param>
    public static PastEvidence Read(string source, IReadOnlyList<(string Name, string Path)> files)
    {
        var runs = new PastRuns();
        var known = new HashSet<RunId>();
        var copies = new HashSet<string>(StringComparer.Ordinal);
        List<string> incomplete = [];
        List<string> broken = [];
        var readable = files.Where(file => IsReadable(file.Path))
            .ToDictionary(file => file.Name, file => file.Path, StringComparer.Ordinal);
        broken.AddRange(files.Where(file => !readable.ContainsKey(file.Name)).Select(file => $"{file.Name} can't be read by this user."));
        var all = EvidenceReader.Read(readable.Keys, name => File.OpenRead(readable[name]), onFile: file =>
        {
            var name = file.Name;
            switch (file.Verdict)
            {
                case EvidenceVerdict.Incomplete cut:
                    incomplete.Add(
                        $"{name} has no closing record: the run was cut short after {HumanText.Count((int)cut.LastGood, "record")}.");
                    break;
                case EvidenceVerdict.Broken bad:
                    broken.Add(
                        $"{name} doesn't hold: record {bad.At.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)}, "
                            + $"{WireNames.Of(bad.At.Flaw)}. {bad.At.Why}");
                    break;
            }

            if (file.Story is not { } story)
                return;
            // The same run may be in a directory and in a bucket.
            if (!known.Add(story.Run))
                copies.Add(name);
            else
                runs.Add(
                    new PastRun(
                        story.Run.Value, story.Command, story.By, story.StartedAt, story.EndedAt, (int?)story.ExitCode, name)
                    { Stopped = story.Stopped },
                    story.Secrets.Select(secret => EventOf(story, secret)).OfType<PastEvent>());
        });
        return new PastEvidence(runs, new EvidenceFacts(
            source, runs.Runs, [.. incomplete], [.. broken],
            [.. Gaps(all.Chain.RemoveAll(finding => finding is ChainFinding.Unnamed copy && copies.Contains(copy.File)))]));
    }

    private static IEnumerable<string> Gaps(ImmutableArray<ChainFinding> chain)
    {
        foreach (var finding in chain.Where(finding => finding.IsFailure))
            yield return EvidenceView.Sentence(finding);
        // A pipeline's directory begins empty, so there each run is one of these.
        if (chain.Count(finding => finding is ChainFinding.Unnamed { IsEarliest: false }) is > 0 and var unnamed)
            yield return $"{HumanText.Count(unnamed, "run names", "runs name")} no run before: whether one is missing there can't be "
                + "determined.";
    }

    // What a run left alone is no event, and neither is an old version that was retired: the history is that of deliveries.
    private static PastEvent? EventOf(RunHistory story, SecretHistory secret) =>
        secret.Outcome is not { } outcome || outcome.Word == "untouched" || secret.Decision?.Word == "retire"
        ? null
        : new PastEvent(
            secret.Name,
            secret.EndedAt ?? story.LastAt,
            story.Run.Value,
            secret.Decision?.Word ?? "",
            outcome.Word,
            outcome.From is { } from ? new VersionId(from) : null,
            outcome.To is { } to ? new VersionId(to) : null,
            WireNames.LevelOf(outcome.Level),
            secret.Rotation is { } rotation ? new RotationId(rotation) : null,
            outcome.Cause ?? (secret.Decision is { Word: "forced", Reason: { } reason } ? reason : ""),
            secret.Overrides.RemoveAll(text => text.StartsWith("weak value: ", StringComparison.Ordinal)));

    private static bool IsReadable(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
