using System.Text.Json.Serialization;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>What doctor --output json and backend test --output json write. docs/doctor.md explains it to people.</summary>
internal sealed class DoctorJson : ResultJson
{
    // Version 1 had other names for "observed" and "fix".
    private const int CurrentVersion = 2;

    private readonly DoctorReport _report;

    internal DoctorJson(DoctorReport report, ExitCode exitCode, string command = "doctor")
        : base(command, exitCode, CurrentVersion) => _report = report;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_report.Sandbox);

    /// <summary>Whether everything that needs the network was left out.</summary>
    public bool Offline => _report.Offline;
    public CheckCountsJson Counts => new(_report);
    public IEnumerable<CheckResultJson> Results => _report.Results.Select(result => new CheckResultJson(result));
}

/// <summary>How many checks have each answer.</summary>
internal sealed class CheckCountsJson
{
    private readonly DoctorReport _report;

    internal CheckCountsJson(DoctorReport report) => _report = report;

    public int Pass => _report.Count(CheckStatus.Pass);
    public int Unknown => _report.Count(CheckStatus.Unknown);
    public int Warn => _report.Count(CheckStatus.Warn);
    public int Fail => _report.Count(CheckStatus.Fail);
}

/// <summary>A check and its answer. Never holds a secret value, a token or a part of one.</summary>
internal sealed class CheckResultJson
{
    private readonly CheckResult _result;

    internal CheckResultJson(CheckResult result) => _result = result;

    public string Area => WireNames.Of(_result.Area);

    /// <summary>A stable word, which docs/doctor.md explains. Several results may have the same.</summary>
    public string Id => _result.Id;
    public string Status => WireNames.Of(_result.Status);

    /// <summary>What was seen, as a sentence.</summary>
    public string Observed => _result.Observed;

    /// <summary>Why it matters.</summary>
    public string? Why => _result.Why;

    /// <summary>The command or setting that fixes it.</summary>
    public string? Fix => _result.Fix;
    public string? File => _result.File;
    public RecordedFailure? Failure => RecordedFailure.Of(_result.Failure);
    public long? Line => _result.Line;
    public long? Column => _result.Column;
}
