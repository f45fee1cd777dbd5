using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>One folder of evidence in memory: eight runs that begin, look for the runs before, write and end, and someone who plants
/// files.</summary>
internal sealed class AttackedFolder
{
    /// <summary>What is planted.</summary>
    public static readonly string[] Kinds =
    [
        "copies under a future name",
        "rubbish under a future name",
        "half copies under a future name",
        "runs in the future",
        "runs renamed into the future",
    ];

    private const int Runs = 8;

    private static readonly Holder Self = new Holder.Process("00000000000000aa", 7, 9, "me@here");

    private readonly Random _random;
    private readonly bool _attacks;
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<(string Planted, string? Instead)> _planted = [];
    private readonly List<string> _attacksDone = [];
    private readonly List<Run> _runs = [];
    private readonly List<Run> _hidden = [];

    public AttackedFolder(int seed, bool attacks)
    {
        (_random, _attacks) = (new Random(seed), attacks);
        var at = Instant.FromUtc(2026, 11, 24, 1, 0);
        for (var number = 0; number < Runs; number++)
        {
            at += Duration.FromMilliseconds(
                _random.Next(5) switch
                {
                    0 =>
                    0,
                    1 => _random.Next(1, 900),
                    2 => _random.Next(1_000, 50_000),
                    3 => _random.Next(60_000, 600_000),
                    _ => 86_400_000
                });
            var visible = at + Duration.FromMilliseconds(_random.Next(0, 600));
            _runs.Add(
                new Run(number,
                    new RunId($"{_random.Next():x8}-0000-8000-8000-{number:d12}"), at, visible,
                    visible + Duration.FromMilliseconds(_random.Next(0, 40_000)), IsKilled: _random.Next(6) == 0));
        }
    }

    /// <summary>From the run of this number on, one run is shown the folder without the last two files; null for none.</summary>
    public int? HidesFrom { get; init; }

    /// <summary>Whether a run that had ended was hidden from one that began later, and that no other names either that had begun by then:
    /// it is safe if one does.</summary>
    public bool HidWhatHadEnded => HidesFrom is { } number && _runs[number] is var shown
        && _hidden.Exists(
            each => !each.IsKilled && each.Ends < shown.Begins
                && !_runs.Exists(other => other.Begins <= shown.Begins && Names(other, each)));

    /// <summary>What was done to it.</summary>
    public IReadOnlyList<string> Attacks => _attacksDone;

    /// <summary>Lets all runs happen, in the order of time.</summary>
    public async Task LiveAsync()
    {
        // What happens at the same time happens in the order that is worst: no one sees the other.
        var events = _runs.SelectMany(run => new[] { (run.Begins, Order: 0, run), (run.Visible, Order: 1, run), (run.Ends, Order: 2, run) })
            .OrderBy(each => each.Item1).ThenBy(each => each.Order).ThenBy(each => each.run.Number);
        foreach (var (at, order, run) in events)
        {
            if (_attacks && _random.Next(3) == 0)
                Attack(at);
            if (order == 0)
                run.Before = await LookAsync(run);
            else if (order == 1)
                Append(run,
                    new EvidenceRecord.RunStarted(run.Begins, "rotate", "1", Self, EvidenceFormat.NoHash)
                    {
                        Run =
                        run.Id,
                        After = run.Before.After,
                        Beside = run.Before.Beside
                    });
            else if (!run.IsKilled)
                Append(run, new EvidenceRecord.RunEnded(run.Ends, 0));
        }
    }

    /// <summary>Removes what was planted, and gives every file its own name again.</summary>
    public void TidyUp()
    {
        foreach (var (planted, instead) in _planted.AsEnumerable().Reverse())
            if (_files.Remove(planted, out var content) && instead is not null)
                _files[instead] = content;
    }

    /// <summary>The runs that another one could name when it began.</summary>
    public IEnumerable<RunId> Removable()
    {
        var last = _runs.Max(run => run.Begins);
        return _runs.Where(run => _runs.Exists(later => later.Begins > run.Visible) && run.Begins < last - Duration.FromMinutes(1))
            .Select(run => run.Id);
    }

    /// <summary>What the auditor is told who has every file from the first run on.</summary>
    public ImmutableArray<ChainFinding> Check() => Check(_files);

    /// <summary>The same, where someone has removed a run.</summary>
    public ImmutableArray<ChainFinding> CheckWithout(RunId run) =>
        Check(_files.Where(file => file.Key != _runs.Single(each => each.Id == run).Name)
            .ToDictionary(file => file.Key, file => file.Value, StringComparer.Ordinal));

    private static ImmutableArray<ChainFinding> Check(IReadOnlyDictionary<string, byte[]> files) =>
        EvidenceReader.Read([.. files.Keys], name => new MemoryStream(files[name]), fromStart: true).Chain;

    private Task<ChainEnds> LookAsync(Run run)
    {
        var names = _files.Keys.ToList();
        if (HidesFrom == run.Number)
        {
            _hidden.AddRange(_runs.Where(each => names.Contains(each.Name)).TakeLast(2));
            names.RemoveAll(name => _hidden.Exists(each => each.Name == name));
        }

        return ChainEnds.FindAsync(names, name => Task.FromResult<Stream?>(new MemoryStream(_files[name])), run.Begins, _ => { });
    }

    private static bool Names(Run run, Run other) =>
        run.Before.After?.Run == other.Id || run.Before.Beside.Any(beside => beside.Run == other.Id);

    private void Append(Run run, EvidenceRecord record)
    {
        // A file that someone renamed is written on by the run that has it open.
        var name = _planted.FindLast(each => each.Instead == run.Name).Planted ?? run.Name;
        var content = _files.GetValueOrDefault(name, []);
        var line = EvidenceFormat.Format(record, content.Count(each => each == '\n') + 1, run.Head);
        run.Head = EvidenceFormat.Hash(line.Span);
        _files[name] = [.. content, .. line.Span, (byte)'\n'];
    }

    private void Attack(Instant now)
    {
        var kind = _random.Next(Kinds.Length);
        var source = _runs.Where(run => _files.ContainsKey(run.Name)).ElementAtOrDefault(_random.Next(Runs));
        if (source is null && kind is 0 or 2 or 4)
            return;
        var name = EvidenceName.Of(now + Duration.FromDays(_random.Next(1, 400)), "rotate", new RunId($"{_random.Next():x8}"));
        // Beyond all of these runs: whoever writes a whole run of the past needs a signature to be told apart.
        var later = now + Duration.FromDays(_random.Next(10, 100));
        _files[name] = kind switch
        {
            0 or 4 => _files[source!.Name],
            1 => Encoding.UTF8.GetBytes("{\"kind\":\"run-started\"}\n"),
            2 => _files[source!.Name][..(_files[source.Name].Length * 2 / 3)],
            _ =>
                [.. EvidenceFormat.Format(new EvidenceRecord.RunStarted(later, "rotate", "1", Self, EvidenceFormat.NoHash) { Run =
                    new RunId($"{_random.Next():x8}-1111-8000-8000-000000000000") }, 1, EvidenceFormat.NoHash).Span, (byte)'\n'],
        };
        if (kind == 4)
            _files.Remove(source!.Name);
        _planted.Add((name, kind == 4 ? source!.Name : null));
        _attacksDone.Add(Kinds[kind]);
    }

    private sealed record Run(int Number, RunId Id, Instant Begins, Instant Visible, Instant Ends, bool IsKilled)
    {
        public string Name { get; } = EvidenceName.Of(Begins, "rotate", Id);

        public ChainEnds Before { get; set; } = ChainEnds.None;

        public string Head { get; set; } = EvidenceFormat.NoHash;
    }
}
