using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Values;

namespace SecretRotator.Log;

/// <summary>How far a run is, fed from its evidence.</summary>
internal sealed class ProgressModel : IEvidenceLog
{
    private const int ShownAtOnce = 16;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _active = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toDo = new(StringComparer.Ordinal);
    private int _done;
    private int _failed;
    private bool _planned;

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        lock (_lock)
        {
            switch (record)
            {
                case EvidenceRecord.Planned:
                    _planned = true;
                    break;
                case EvidenceRecord.Decided { Decision.IsStarted: true } decided:
                    _toDo.Add(decided.Secret);
                    break;
                case EvidenceRecord.Step step:
                    _active[step.Secret] = Tell(step);
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

    /// <summary>The lines that should be shown now.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            var lines = new List<string> { Headline() };
            lines.AddRange(_active.Take(ShownAtOnce).Select(active => PrintableText.Of($"  {active.Key}: {active.Value}")));
            if (_active.Count > ShownAtOnce)
                lines.Add($"  and {_active.Count - ShownAtOnce} more");
            return lines;
        }
    }

    private string Headline()
    {
        if (!_planned)
            return "Looking at vaults and Bitbucket ...";
        var failed = _failed == 0 ? "" : $", {_failed} failed";
        return $"{_done} of {_toDo.Count} done{failed}";
    }

    private static string Tell(EvidenceRecord.Step step)
    {
        var target = step.Target is { } name ? $" {name}" : "";
        var state = step.State == StepState.Begun ? "" : $" {WireNames.Of(step.State)}";
        return $"{WireNames.Of(step.Kind)}{target}{state}";
    }
}
