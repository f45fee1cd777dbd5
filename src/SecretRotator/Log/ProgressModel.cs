using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Log;

/// <summary>How far a run is, and what it waits for, fed from its evidence.</summary>
/// <param name="now">The time, by which steps are measured.</param>
internal sealed class ProgressModel(Func<Instant> now) : IEvidenceLog
{
    private const int ShownAtOnce = 16;

    // Most steps take less: what takes longer waits for something.
    private static readonly Duration Noticeable = Duration.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (EvidenceRecord.Step Step, Instant Since)> _active = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toDo = new(StringComparer.Ordinal);
    private int _done;
    private int _failed;
    private Instant? _planned;
    private Instant _callsWaitUntil = Instant.MinValue;

    /// <summary>How many Bitbucket calls the hourly budget has left; null where that isn't known.</summary>
    public Func<int>? CallsLeft { get; set; }

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        lock (_lock)
        {
            switch (record)
            {
                case EvidenceRecord.Planned:
                    _planned = now();
                    break;
                case EvidenceRecord.Decided { Decision.IsStarted: true } decided:
                    _toDo.Add(decided.Secret);
                    break;
                case EvidenceRecord.Step step:
                    _active[step.Secret] = (step, now());
                    break;
                case EvidenceRecord.Ended ended:
                    _active.Remove(ended.Secret);
                    if (_toDo.Contains(ended.Secret))
                    {
                        _done++;
                        _failed += ended.Outcome is RotationOutcome.RolledBack or RotationOutcome.NeedsOperator ? 1 : 0;
                    }

                    break;
            }
        }
    }

    /// <summary>Notes that all calls of Bitbucket wait.</summary>
    public void CallsWait(TimeSpan length)
    {
        lock (_lock)
            _callsWaitUntil = now() + Duration.FromTimeSpan(length);
    }

    /// <summary>The lines that should be shown now.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            var time = now();
            var lines = new List<string> { Headline(time) };
            if (_callsWaitUntil > time)
                lines.Add($"Bitbucket's call limit: calls go on in {HumanText.Stretch(_callsWaitUntil - time)}");
            lines.AddRange(_active.Take(ShownAtOnce).Select(
                active => PrintableText.Of($"  {active.Key}: {Tell(active.Value.Step, time - active.Value.Since)}")));
            if (_active.Count > ShownAtOnce)
                lines.Add($"  and {_active.Count - ShownAtOnce} more");
            return lines;
        }
    }

    private string Headline(Instant time)
    {
        if (_planned is not { } planned)
            return "Looking at vaults and Bitbucket ...";
        var failed = _failed == 0 ? "" : $", {_failed} failed";
        var calls = CallsLeft is null ? "" : $"; {HumanText.Count(CallsLeft(), "Bitbucket call")} left this hour";
        return $"{_done} of {_toDo.Count} done{failed}{TimeLeft(time, time - planned)}{calls}";
    }

    // As fast as so far, once as many are done as are at work at once: before that, and while calls wait, it can't be told.
    private string TimeLeft(Instant time, Duration elapsed) =>
        _done == 0 || _done < _active.Count || _done == _toDo.Count || elapsed < Noticeable || _callsWaitUntil > time
            ? ""
            : $", about {HumanText.Stretch(elapsed * (_toDo.Count - _done) / _done)} to go";

    private static string Tell(EvidenceRecord.Step step, Duration length)
    {
        var target = step.Target is { } name ? $" {name}" : "";
        var (state, since) = step.State == StepState.Begun
            ? ("", $" for {HumanText.Stretch(length)}")
            : ($" {WireNames.Of(step.State)}", $" {HumanText.Stretch(length)} ago");
        return $"{WireNames.Of(step.Kind)}{target}{state}"
            + (length < Noticeable ? "" : $"{since}{(WaitsFor(step) is { } what ? $", waits {what}" : "")}");
    }

    private static string? WaitsFor(EvidenceRecord.Step step) => step switch
    {
        { State: StepState.Failed, Failure.Effect: Effect.Unknown } => "until what got no answer can't take effect any more",
        { State: StepState.Begun, Kind: RotationStep.Prove } => "until the new credential is accepted",
        { State: StepState.Begun, Kind: RotationStep.Verify } => "for other secrets there, or a pipeline",
        _ => null,
    };
}
