using System.Collections.Frozen;
using SecretRotator.Rotation;

namespace SecretRotator.Evidence;

/// <summary>Puts a run's story together from its records, in memory for its secrets and not for its records.</summary>
internal sealed class RunHistoryBuilder
{
    private const int MostTold = 20;
    private const int MostKinds = 32;

    private static readonly FrozenSet<string> AtBackend = new[]
    {
        RotationStep.Issue, RotationStep.Set, RotationStep.Prove, RotationStep.Disable, RotationStep.Enable, RotationStep.Delete,
    }.Select(step => WireNames.Of(step)).ToFrozenSet(StringComparer.Ordinal);

    private readonly List<string> _order = [];
    private readonly Dictionary<string, SecretHistory> _secrets = new(StringComparer.Ordinal);
    private RunHistory? _run;

    /// <summary>The story so far; null where it has no beginning.</summary>
    public RunHistory? Story => _run is null ? null : _run with { Secrets = [.. _order.Select(name => _secrets[name])] };

    /// <summary>Adds what a record says.</summary>
    public void Add(EvidenceEntry entry)
    {
        if (entry is EvidenceEntry.RunStarted started)
            _run = new RunHistory(
                started.Run, started.Command, started.Tool, started.Holder, started.By, started.Inventory, started.After, started.At)
            { Beside = started.Beside };
        if (_run is null)
            return;
        _run = _run with { LastAt = entry.At };
        switch (entry)
        {
            case EvidenceEntry.Planned planned:
                _run = _run with { Plan = planned.Digest };
                break;
            case EvidenceEntry.Decided decided:
                Change(decided.Secret, secret => secret with { Decision = decided.Decision, Overrides = decided.Overrides });
                break;
            case EvidenceEntry.Step step:
                Change(step.Secret, secret => secret with { Rotation = step.Rotation, Steps = With(secret.Steps, step) });
                break;
            case EvidenceEntry.Ended ended:
                Change(ended.Secret,
                    secret => secret with { Rotation = ended.Rotation ?? secret.Rotation, Outcome = ended.Outcome, EndedAt = ended.At });
                break;
            case EvidenceEntry.Stopped stopped:
                _run = _run with { Stopped = stopped.Cause, StoppedBy = stopped.Failure };
                break;
            case EvidenceEntry.RunEnded runEnded:
                _run = _run with { EndedAt = runEnded.At, ExitCode = runEnded.ExitCode };
                break;
        }
    }

    private void Change(string name, Func<SecretHistory, SecretHistory> change)
    {
        if (!_secrets.TryGetValue(name, out var secret))
        {
            secret = new SecretHistory(name);
            _order.Add(name);
        }

        _secrets[name] = change(secret);
    }

    private static ImmutableArray<StepHistory> With(ImmutableArray<StepHistory> steps, EvidenceEntry.Step step)
    {
        var at = steps.IndexOf(steps.FirstOrDefault(each => each.Kind == step.Kind)!);
        if (at < 0 && steps.Length == MostKinds)
            return steps;
        var story = at < 0 ? new StepHistory(step.Kind, step.At, step.At, 0, 0, [], 0) : steps[at];
        story = story with { To = step.At };
        story = step.State switch
        {
            "begun" => story with { Begun = story.Begun + 1 },
            "done" => story with
            {
                Done = story.Done + 1,
                Credentials = step.Target is { } credential && AtBackend.Contains(step.Kind) && story.Credentials.Length < MostTold
                    ? story.Credentials.Add(new(credential, step.Detail))
                    : story.Credentials,
            },
            _ => story with
            {
                Failed = story.Failed + 1,
                Failures = story.Failures.Length < MostTold
                    ? story.Failures.Add(new(step.Target, step.Detail, step.Failure))
                    : story.Failures,
            },
        };
        return at < 0 ? steps.Add(story) : steps.SetItem(at, story);
    }
}
