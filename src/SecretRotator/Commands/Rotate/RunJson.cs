using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>What rotate and rollback write with --output json. docs/json.md explains it to people.</summary>
internal sealed class RunJson : ResultJson
{
    private readonly RunView _view;

    internal RunJson(RunView view)
        : base(view.Command, view.ExitCode) => _view = view;

    public bool Cancelled => _view.Result.Cancelled;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string PlannedAt => Json.Text(_view.Result.Plan.PlannedAt);
    public string Digest => _view.Result.Plan.Digest;
    public string Evidence => _view.Evidence;
    public string? Signature => _view.Signature;
    public ArchiveJson? Archive => _view.Archived is { } archived ? new(archived) : null;
    public string? LostEvidence => _view.LostEvidence;

    /// <summary>What receivers of notifications answered; missing where none was told.</summary>
    public IEnumerable<NotificationAnswerJson>? Notifications => NotificationAnswerJson.Of(_view.Notifications);
    public IEnumerable<EndedSecretJson> Secrets => _view.Result.Results.Select(result => new EndedSecretJson(result, _view.Result.Held));
}

/// <summary>How it ended for a secret.</summary>
internal sealed class EndedSecretJson : SecretJson
{
    private readonly SecretResult _result;
    private readonly RotationOutcome.RolledBack? _rolledBack;
    private readonly RotationOutcome.NeedsOperator? _needsOperator;
    private readonly Advice? _advice;

    internal EndedSecretJson(SecretResult result, Hold? held)
        : base(result.Item.Secret, result.Item.Decision)
    {
        (_result, _advice) = (result, Advice.For(result));
        (_rolledBack, _needsOperator) = (result.Outcome as RotationOutcome.RolledBack, result.Outcome as RotationOutcome.NeedsOperator);

        // What a rotation replaced isn't held any more.
        var isOver = result.Item.Hold is { ByRollback: true } && result.Outcome is RotationOutcome.Rotated;
        Hold = HoldJson.Of(held ?? (isOver ? null : result.Item.Hold));
    }

    [JsonPropertyOrder(1)] public string Outcome => WireNames.Of(_result.Outcome);

    [JsonPropertyOrder(1)]
    public string? From => _result.Outcome switch
    {
        RotationOutcome.Rotated rotated => rotated.From.Value,
        RotationOutcome.Retired retired => retired.Version.Value,
        _ => null,
    };

    [JsonPropertyOrder(1)]
    public string? To => _result.Outcome switch
    {
        RotationOutcome.Rotated rotated => rotated.To.Value,
        RotationOutcome.Redelivered redelivered => redelivered.Version.Value,
        RotationOutcome.Adopted adopted => adopted.Version.Value,
        _ => null,
    };

    /// <summary>From when on a credential is deleted that was disabled.</summary>
    [JsonPropertyOrder(1)]
    public string? DeletedFrom => _result.Outcome is RotationOutcome.Retired { DeletedFrom: { } at } ? Json.Text(at) : null;

    [JsonPropertyOrder(1)] public bool? Cancelled => _rolledBack?.Cancelled;
    [JsonPropertyOrder(1)] public IEnumerable<string>? State => _needsOperator?.State;
    [JsonPropertyOrder(1)] public IEnumerable<string>? NotUndone => _needsOperator?.NotUndone;

    /// <summary>Of the outcome, or of the decision that it was not begun.</summary>
    [JsonPropertyOrder(1)]
    public override RecordedFailure? Failure =>
        RecordedFailure.Of(_rolledBack?.Cause ?? _needsOperator?.Cause) ?? base.Failure;

    [JsonPropertyOrder(1)]
    public DecisionJson? Because => _result.Outcome is RotationOutcome.Untouched untouched
        ? new(untouched.Decision)
        : null;

    [JsonPropertyOrder(1)] public string? Level => HumanText.Level(_result.Outcome) is { } level ? WireNames.Of(level) : null;
    [JsonPropertyOrder(1)] public string? Cause => _advice?.Cause;
    [JsonPropertyOrder(1)] public string? Next => _advice?.Next;
    [JsonPropertyOrder(1)] public string? NextCommand => _advice?.Command;
    [JsonPropertyOrder(1)] public HoldJson? Hold { get; }
}
