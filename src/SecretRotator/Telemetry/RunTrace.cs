using System.Diagnostics;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Telemetry;

/// <summary>A command as one trace: a span for the command, below it one for each secret that is rotated, below that one for each
/// step.</summary>
internal sealed class RunTrace : IEvidenceLog, IDisposable
{
    /// <summary>The name of the source that the spans come from.</summary>
    public const string SourceName = "SecretRotator";

    private readonly ActivitySource _source = new(SourceName, Hosting.ProductVersion.Text);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Activity> _rotations = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Secret, RotationStep Step, string? Target), Activity> _steps = [];
    private readonly Activity? _command;

    /// <summary>Begins the span of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parent">The span that it belongs to, or none.</param>
    public RunTrace(string command, ActivityContext parent)
    {
        _command = Begin(command, parent);
        _command?.SetTag("secret_rotator.command", command);
    }

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        lock (_lock)
        {
            switch (record)
            {
                case EvidenceRecord.RunStarted started:
                    _command?.SetTag("secret_rotator.holder", started.Holder.ToString());
                    _command?.SetTag("secret_rotator.inventory.digest", started.InventoryDigest);
                    break;
                case EvidenceRecord.Planned planned:
                    _command?.SetTag("secret_rotator.plan.digest", planned.Digest);
                    _command?.SetTag("secret_rotator.plan.secrets", planned.Secrets);
                    break;
                case EvidenceRecord.Step { State: StepState.Begun } step:
                    Begin(step);
                    break;
                case EvidenceRecord.Step step:
                    End(step);
                    break;
                case EvidenceRecord.Ended ended:
                    End(ended);
                    break;
            }
        }
    }

    /// <summary>Ends the command's span, and whatever is still open below it.</summary>
    public void End(ExitCode exitCode)
    {
        lock (_lock)
        {
            foreach (var open in _steps.Values.Concat(_rotations.Values))
                Fail(open, "unfinished", "The command ended before it did.");
            _steps.Clear();
            _rotations.Clear();
            _command?.SetTag("process.exit.code", (int)exitCode);
            if (exitCode is ExitCode.Done or ExitCode.Found)
                _command?.Stop();
            else
                Fail(_command, Word(exitCode), null);
        }
    }

    public void Dispose()
    {
        _command?.Dispose();
        _source.Dispose();
    }

    private void Begin(EvidenceRecord.Step step)
    {
        if (!_rotations.TryGetValue(step.Secret, out var rotation))
        {
            if (Begin("rotation", _command?.Context ?? default) is not { } begun)
                return;
            _rotations[step.Secret] = rotation = begun;
            rotation.SetTag("secret_rotator.secret", step.Secret);
            rotation.SetTag("secret_rotator.rotation", step.Rotation.Value);
        }

        if (Begin(WireNames.Of(step.Kind), rotation.Context) is not { } span)
            return;
        span.SetTag("secret_rotator.secret", step.Secret);
        span.SetTag("secret_rotator.rotation", step.Rotation.Value);
        span.SetTag("secret_rotator.step", WireNames.Of(step.Kind));
        if (step.Target is not null)
            span.SetTag("secret_rotator.target", step.Target);
        if (_steps.Remove((step.Secret, step.Kind, step.Target), out var former))
            Fail(former, "unfinished", "The step was begun again.");
        _steps[(step.Secret, step.Kind, step.Target)] = span;
    }

    private void End(EvidenceRecord.Step step)
    {
        if (!_steps.Remove((step.Secret, step.Kind, step.Target), out var span))
            return;
        if (step.State == StepState.Failed)
        {
            Fail(span, "failed", step.Detail, step.Failure);
            return;
        }

        if (step.Detail is not null)
            span.SetTag("secret_rotator.detail", step.Detail);
        span.Stop();
    }

    private void End(EvidenceRecord.Ended ended)
    {
        foreach (var (key, open) in _steps.Where(each => each.Key.Secret == ended.Secret).ToArray())
        {
            _steps.Remove(key);
            Fail(open, "unfinished", "The rotation ended before it did.");
        }

        if (!_rotations.Remove(ended.Secret, out var rotation))
            return;
        var word = WireNames.Of(ended.Outcome);
        rotation.SetTag("secret_rotator.outcome", word);
        var cause = ended.Outcome switch
        {
            RotationOutcome.RolledBack rolledBack => rolledBack.Cause,
            RotationOutcome.NeedsOperator needsOperator => needsOperator.Cause,
            _ => null,
        };
        if (cause is null)
            rotation.Stop();
        else
            Fail(rotation, word, FailureMessages.Text(cause), cause);
    }

    // An ambient span would leak into the headers of the calls to Bitbucket and to the vaults, which have no use for it.
    private Activity? Begin(string name, ActivityContext parent)
    {
        var ambient = Activity.Current;
        Activity.Current = null;
        var span = _source.StartActivity(name, ActivityKind.Internal, parent);
        Activity.Current = ambient;
        return span;
    }

    private static void Fail(Activity? span, string type, string? cause, Failure? failure = null)
    {
        if (failure is not null)
            span?.SetTag("secret_rotator.failure.kind", WireNames.Of(failure.Kind));
        span?.SetTag("error.type", type);
        span?.SetStatus(ActivityStatusCode.Error, cause);
        span?.Stop();
    }

    private static string Word(ExitCode exitCode) => exitCode switch
    {
        ExitCode.Usage => "usage",
        ExitCode.RolledBack => "rolled-back",
        ExitCode.NeedsOperator => "needs-operator",
        ExitCode.Blocked => "blocked",
        ExitCode.Cancelled => "cancelled",
        _ => "unexpected",
    };
}
