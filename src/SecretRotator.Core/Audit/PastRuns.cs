namespace SecretRotator.Audit;

/// <summary>What evidence says about earlier runs, gathered one run at a time: memory grows with what was changed, not with what was
/// read.</summary>
public sealed class PastRuns
{
    private readonly Dictionary<string, Gathered> _secrets = new(StringComparer.Ordinal);
    private readonly List<PastRun> _runs = [];

    /// <summary>The runs, in the order in which they began.</summary>
    public ImmutableArray<PastRun> Runs => [.. _runs.OrderBy(run => run.StartedAt).ThenBy(run => run.Id, StringComparer.Ordinal)];

    /// <summary>Adds a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="events">What it did with secrets; where it left one alone there is no event.</param>
    public void Add(PastRun run, IEnumerable<PastEvent> events)
    {
        _runs.Add(run);
        foreach (var happened in events)
        {
            if (!_secrets.TryGetValue(happened.Secret, out var gathered))
                _secrets[happened.Secret] = gathered = new Gathered();
            gathered.Add(happened);
        }
    }

    /// <summary>What happened to a secret, the newest first, and how many older events were dropped.</summary>
    public (ImmutableArray<PastEvent> Newest, int Older) Of(string secret) =>
        _secrets.TryGetValue(secret, out var gathered) ? gathered.Newest() : ([], 0);

    /// <summary>How many events there are of all secrets, by whether they succeeded.</summary>
    public (int Succeeded, int Failed) Totals => (_secrets.Values.Sum(s => s.Succeeded), _secrets.Values.Sum(s => s.Failed));

    private sealed class Gathered
    {
        private readonly List<PastEvent> _events = [];
        private int _dropped;

        public int Succeeded { get; private set; }

        public int Failed { get; private set; }

        public void Add(PastEvent happened)
        {
            if (happened.Succeeded)
                Succeeded++;
            else
                Failed++;
            _events.Add(happened);
            // Files come in any order: what is the newest is known when there are enough to choose from.
            if (_events.Count < 4 * SecretAudit.MostEvents)
                return;
            var (newest, older) = Newest();
            _events.Clear();
            _events.AddRange(newest);
            _dropped = older;
        }

        public (ImmutableArray<PastEvent> Newest, int Older) Newest()
        {
            var sorted = _events.OrderByDescending(e => e.At)
                .ThenBy(e => e.Run, StringComparer.Ordinal)
                .Take(SecretAudit.MostEvents)
                .ToImmutableArray();
            return (sorted, _dropped + _events.Count - sorted.Length);
        }
    }
}

/// <summary>One earlier run.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Command">The command, such as <c>rotate</c>.</param>
/// <param name="By">Who ran it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null where its evidence has no end.</param>
/// <param name="ExitCode">Its exit code; null where its evidence has no end.</param>
/// <param name="Source">The file that records it.</param>
public sealed record PastRun(string Id, string Command, string By, Instant StartedAt, Instant? EndedAt, int? ExitCode, string Source)
{
    /// <summary>What stopped the run as a whole, so that it has no result; or null.</summary>
    public string? Stopped { get; init; }
}

/// <summary>What a run did with one secret, or tried to.</summary>
/// <param name="Secret">The secret's name.</param>
/// <param name="At">When it ended.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Decision">The decision's word, such as <c>due</c>.</param>
/// <param name="Outcome">The outcome's word, such as <c>rotated</c>.</param>
/// <param name="From">The version before, or null.</param>
/// <param name="To">The version after, or null.</param>
/// <param name="Level">How surely the targets hold it, or null.</param>
/// <param name="Rotation">The rotation, or null.</param>
/// <param name="Why">The reason of a forced rotation, or the cause of a failure; empty where there is none.</param>
/// <param name="Overrides">What it went over: freezes, windows.</param>
public sealed record PastEvent(
    string Secret,
    Instant At,
    string Run,
    string Decision,
    string Outcome,
    VersionId? From,
    VersionId? To,
    VerificationLevel? Level,
    RotationId? Rotation,
    string Why,
    ImmutableArray<string> Overrides)
{
    /// <summary>Whether all targets were given a value.</summary>
    public bool Succeeded => Outcome is "rotated" or "redelivered" or "adopted";
}

/// <summary>Which evidence a report rests on.</summary>
/// <param name="Source">Where it was looked for, or null where no one asked for evidence.</param>
/// <param name="Runs">The runs, in the order in which they began.</param>
/// <param name="Incomplete">The files that have no end.</param>
/// <param name="Broken">The files that don't hold, with what is wrong.</param>
/// <param name="Gaps">What of the chain across runs is missing or can't be determined.</param>
public sealed record EvidenceFacts(
    string? Source, ImmutableArray<PastRun> Runs, ImmutableArray<string> Incomplete, ImmutableArray<string> Broken,
    ImmutableArray<string> Gaps)
{
    /// <summary>No evidence was looked for.</summary>
    public static EvidenceFacts None { get; } = new(null, [], [], [], []);
}
