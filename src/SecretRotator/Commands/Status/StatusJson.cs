using System.Text.Json.Serialization;
using SecretRotator.Audit;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>What status --output json writes. docs/json.md explains it to people.</summary>
internal sealed class StatusJson : ResultJson
{
    private readonly StatusView _view;

    internal StatusJson(StatusView view, ExitCode exitCode)
        : base("status", exitCode) => _view = view;

    /// <summary>Null, or that it is of the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string At => Json.Text(_view.Report.At);

    /// <summary>How many secrets are in each state; a state that none is in is left out.</summary>
    public IReadOnlyDictionary<string, int> States => JsonReport.Counted(_view.Report.States);

    /// <summary>What needs a person.</summary>
    public IEnumerable<FindingJson> Findings => _view.Report.Findings.Select(finding => new FindingJson(finding));
    public IEnumerable<SecretStatusJson> Secrets => _view.Report.Secrets.Select(secret => new SecretStatusJson(secret));
}

/// <summary>How a secret is doing.</summary>
internal sealed class SecretStatusJson : PlannedSecretJson
{
    private readonly SecretStatus _status;

    internal SecretStatusJson(SecretStatus status)
        : base(status.Item) => _status = status;

    public string State => WireNames.Of(_status.State);
    public string Freshness => WireNames.Of(_status.Freshness);
    public string? DueAt => Json.Text(_status.DueAt);
}
