using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.Verification;

namespace SecretRotator.Commands;

/// <summary>What verify --output json writes. docs/json.md explains it to people.</summary>
internal sealed class DriftJson : ResultJson
{
    private readonly DriftView _view;

    internal DriftJson(DriftView view, ExitCode exitCode)
        : base("verify", exitCode) => _view = view;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public int Secrets => _view.Secrets;
    public IEnumerable<DriftFindingJson> Findings => _view.Report.Findings.Select(finding => new DriftFindingJson(finding));
    public IEnumerable<VariableJson> Unmanaged =>
        _view.Report.Unmanaged.Select(variable => new VariableJson(variable.Scope, variable.Key));
}

/// <summary>A secret or a target that isn't as it should be.</summary>
internal sealed class DriftFindingJson
{
    private readonly DriftFinding _finding;

    internal DriftFindingJson(DriftFinding finding) => _finding = finding;

    public string Secret => _finding.Secret;
    public string Kind => WireNames.Of(_finding.Kind);
    public TargetJson? Target => TargetJson.Of(_finding.Target);
    public string What => _finding.What;
    public string Hint => _finding.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_finding.Failure);
}
