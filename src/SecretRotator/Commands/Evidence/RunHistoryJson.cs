using SecretRotator.Evidence;

namespace SecretRotator.Commands;

/// <summary>What evidence show --output json writes: what runs did.</summary>
internal sealed class RunHistoryJson : ResultJson
{
    private readonly IReadOnlyList<CheckedFile> _files;

    internal RunHistoryJson(IReadOnlyList<CheckedFile> files)
        : base("evidence show", ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict)))) => _files = files;

    public IEnumerable<PastRunJson> Runs => _files.Select(file => new PastRunJson(file));
}

/// <summary>A run, as far as its file can be read.</summary>
internal sealed class PastRunJson : VerdictJson
{
    private readonly RunHistory? _run;

    internal PastRunJson(CheckedFile file)
        : base(file) => _run = file.Story;

    public string? Ran => _run?.Command;
    public string? Tool => _run?.Tool;
    public string? Holder => _run?.Holder;
    public string? By => _run?.By;
    public string? Inventory => _run?.Inventory;
    public string? Plan => _run?.Plan;
    public string? StartedAt => Json.Text(_run?.StartedAt);
    public string? EndedAt => Json.Text(_run?.EndedAt);
    public string? Stopped => _run?.Stopped;
    public RecordedFailure? Failure => _run?.StoppedBy;
    public long? RunExitCode => _run?.ExitCode;
    public IEnumerable<PastSecretJson>? Secrets => _run?.Secrets.Select(secret => new PastSecretJson(secret));
}

/// <summary>What a run did with a secret.</summary>
internal sealed class PastSecretJson
{
    private readonly SecretHistory _secret;
    private readonly RecordedOutcome? _outcome;

    internal PastSecretJson(SecretHistory secret) => (_secret, _outcome) = (secret, secret.Outcome);

    public string Name => _secret.Name;
    public PastDecisionJson? Decided => PastDecisionJson.Of(_secret.Decision);
    public IEnumerable<string>? Overrides => Json.UnlessEmpty(_secret.Overrides);
    public string? Rotation => _secret.Rotation;
    public IEnumerable<PastStepJson> Steps => _secret.Steps.Select(step => new PastStepJson(step));
    public string? Outcome => _outcome?.Word;
    public string? From => _outcome?.From;
    public string? To => _outcome?.To;
    public string? Level => _outcome?.Level;
    public string? Cause => _outcome?.Cause;
    public RecordedFailure? Failure => _outcome?.Failure;
    public bool? Cancelled => _outcome is { Word: "rolled-back" } ? _outcome.IsCancelled : null;
    public IEnumerable<string>? NotUndone => _outcome is null ? null : Json.UnlessEmpty(_outcome.NotUndone);
    public PastDecisionJson? Because => PastDecisionJson.Of(_outcome?.Because);
    public string? EndedAt => Json.Text(_secret.EndedAt);
}

/// <summary>All steps of one kind.</summary>
internal sealed class PastStepJson
{
    private readonly StepHistory _step;

    internal PastStepJson(StepHistory step) => _step = step;

    public string Step => _step.Kind;
    public string From => Json.Text(_step.From);
    public string To => Json.Text(_step.To);
    public long Begun => _step.Begun;
    public long Done => _step.Done;
    public long Failed => _step.Failed;
    public IEnumerable<FailureHistory> Failures => _step.Failures;
    public IEnumerable<CredentialHistory> Credentials => _step.Credentials;
}

/// <summary>A decision that was recorded.</summary>
internal sealed class PastDecisionJson
{
    private readonly RecordedDecision _decision;

    internal PastDecisionJson(RecordedDecision decision) => _decision = decision;

    public string Decision => _decision.Word;
    public string? Why => _decision.Reason;
    public string? Since => Json.Text(_decision.Since);
    public string? Until => Json.Text(_decision.Until);
    public string? Hint => _decision.Hint;
    public RecordedFailure? Failure => _decision.Failure;

    public static PastDecisionJson? Of(RecordedDecision? decision) => decision is null ? null : new(decision);
}
