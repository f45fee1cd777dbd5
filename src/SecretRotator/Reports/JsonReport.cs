using System.Text.Json.Serialization;
using SecretRotator.Audit;
using SecretRotator.Evidence;

namespace SecretRotator.Reports;

/// <summary>What report --output json writes: what is known of every secret. docs/audit.md explains it to people.</summary>
internal sealed class JsonReport
{
    private readonly AuditReport _report;

    internal JsonReport(AuditReport report) => _report = report;

    // Rises when a reader of the former version could be misled. New properties don't raise it.
    public int Version { get; } = 1;
    public string Kind { get; } = "secret-rotator-report";
    public string At => Json.Text(_report.Origin.At);

    /// <summary>The tool's version.</summary>
    public string Tool => _report.Origin.Tool;

    /// <summary>Who asked, and where.</summary>
    public string By => _report.Origin.By;

    /// <summary>Whether it was observed in the sandbox.</summary>
    public bool Rehearsal => _report.Origin.SandboxRun;
    public string Workspace => _report.Origin.Workspace;
    public ReportInventoryJson Inventory => new(_report.Origin);
    public string PlanDigest => _report.Origin.PlanDigest;
    public ComplianceJson Compliance => new(_report.Compliance);

    /// <summary>How many secrets are in each state; a state that none is in is left out.</summary>
    public IReadOnlyDictionary<string, int> States => Counted(_report.States);

    /// <summary>The names of the overdue secrets, the longest overdue first.</summary>
    public IEnumerable<string> Overdue => _report.Overdue.Select(secret => secret.Secret.Name);
    public CallBudgetJson Calls => new(_report.Calls.Observation, _report.Calls.Action, _report.Calls.BitbucketPerHour);
    public CoverageJson Coverage => new(_report.Coverage);
    public IEnumerable<UnobservedJson> Unobserved => _report.Unobserved.Select(item => new UnobservedJson(item));

    /// <summary>The days of the next 90, in UTC, on which something becomes due or a freeze holds at noon.</summary>
    public IEnumerable<DueDayJson> Calendar =>
        _report.Calendar.Where(day => day.Due > 0 || day.Freeze is not null).Select(day => new DueDayJson(day));
    public EvidenceFactsJson Evidence => new(_report.Evidence);

    /// <summary>Which facts speak to which controls: a mapping, no claim of compliance.</summary>
    public IEnumerable<ControlJson> Controls => _report.Controls.Select(control => new ControlJson(control));
    public IEnumerable<FindingJson> Findings => _report.Findings.Select(finding => new FindingJson(finding));
    public IEnumerable<AuditedSecretJson> Secrets => _report.Secrets.Select(secret => new AuditedSecretJson(secret));

    internal static OrderedDictionary<string, int> Counted(IEnumerable<(AuditState State, int Count)> states) =>
        new(states.Select(each => KeyValuePair.Create(WireNames.Of(each.State), each.Count)), StringComparer.Ordinal);

    public static void Write(Stream stream, AuditReport report) =>
        ReportFormats.WriteJson(stream, json => ResultContext.Write(json, new JsonReport(report)));
}

/// <summary>The inventory that a report is about.</summary>
internal sealed class ReportInventoryJson
{
    private readonly ReportOrigin _origin;

    internal ReportInventoryJson(ReportOrigin origin) => _origin = origin;

    public string File => _origin.InventoryFile;
    public string Digest => _origin.InventoryDigest;

    /// <summary>How many the inventory has; the report may cover a part.</summary>
    public int Secrets => _origin.InInventory;
}

/// <summary>How many secrets are as fresh as their policy wants.</summary>
internal sealed class ComplianceJson
{
    private readonly Compliance _compliance;

    internal ComplianceJson(Compliance compliance) => _compliance = compliance;

    public int Within => _compliance.Within;
    public int Overdue => _compliance.Overdue;
    public int Unknown => _compliance.Unknown;

    /// <summary>The denominator: within, overdue and unknown together.</summary>
    public int Of => _compliance.Total;

    /// <summary>within / of, rounded to six digits; null where there is no secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public decimal? Share => _compliance.Share is { } share ? Math.Round(share, 6) : null;
}

/// <summary>How much of what is in Bitbucket the inventory knows.</summary>
internal sealed class CoverageJson
{
    private readonly Coverage _coverage;

    internal CoverageJson(Coverage coverage) => _coverage = coverage;

    public int Managed => _coverage.Managed;
    public int Secured => _coverage.Secured;
    public IEnumerable<ScopeCoverageJson> Scopes => _coverage.Scopes.Select(scope => new ScopeCoverageJson(scope));
    public IEnumerable<VariableJson> Unmanaged => _coverage.Unmanaged.Select(variable => new VariableJson(variable.Scope, variable.Key));
}

/// <summary>How much of one scope the inventory knows.</summary>
internal sealed class ScopeCoverageJson : ScopeJson
{
    private readonly ScopeCoverage _scope;

    internal ScopeCoverageJson(ScopeCoverage scope)
        : base(scope.Scope) => _scope = scope;

    public int Managed => _scope.Managed;
    public int Unmanaged => _scope.Unmanaged;
}

/// <summary>What could not be observed.</summary>
internal sealed class UnobservedJson
{
    private readonly Blindness _item;

    internal UnobservedJson(Blindness item) => _item = item;

    public string What => _item.What;
    public string Why => _item.Why;
    public string Hint => _item.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_item.Failure);
}

/// <summary>What becomes due on a day.</summary>
internal sealed class DueDayJson
{
    private readonly DueDay _day;

    internal DueDayJson(DueDay day) => _day = day;

    public string Date => ReportNames.Of(_day.Date);
    public int Due => _day.Due;
    public string? Freeze => _day.Freeze;
}

/// <summary>Which evidence the report rests on.</summary>
internal sealed class EvidenceFactsJson
{
    private readonly EvidenceFacts _evidence;

    internal EvidenceFactsJson(EvidenceFacts evidence) => _evidence = evidence;

    /// <summary>Where evidence was read; absent where none was.</summary>
    public string? Source => _evidence.Source;
    public IEnumerable<ReportedRunJson> Runs => _evidence.Runs.Select(run => new ReportedRunJson(run));
    public IEnumerable<string> Incomplete => _evidence.Incomplete;
    public IEnumerable<string> Broken => _evidence.Broken;
    public IEnumerable<string> Gaps => _evidence.Gaps;
}

/// <summary>An earlier run.</summary>
internal sealed class ReportedRunJson
{
    private readonly PastRun _run;

    internal ReportedRunJson(PastRun run) => _run = run;

    public string Run => _run.Id;
    public string Command => _run.Command;
    public string By => _run.By;
    public string StartedAt => Json.Text(_run.StartedAt);
    public string? EndedAt => Json.Text(_run.EndedAt);
    public long? ExitCode => _run.ExitCode;

    /// <summary>What stopped the run as a whole, so that it has no result.</summary>
    public string? Stopped => _run.Stopped;
    public string File => _run.Source;
}

/// <summary>A control, with the facts that speak to it.</summary>
internal sealed class ControlJson
{
    private readonly ControlFacts _control;

    internal ControlJson(ControlFacts control) => _control = control;

    public string Id => _control.Control.Id;
    public string Title => _control.Control.Title;
    public IEnumerable<FactJson> Facts => _control.Facts.Select(fact => new FactJson(WireNames.Of(fact.Fact), fact.Text));
}

/// <summary>A fact that speaks to a control.</summary>
internal sealed record FactJson(string Fact, string Text);

/// <summary>Something that needs a look.</summary>
internal sealed class FindingJson
{
    private readonly AuditFinding _finding;

    internal FindingJson(AuditFinding finding) => _finding = finding;

    public string Rule => _finding.Rule.Id;
    public string Severity => WireNames.Of(_finding.Rule.Severity);
    public string? Secret => _finding.Secret;
    public TargetJson? Target => TargetJson.Of(_finding.Target);
    public string What => _finding.What;
    public string Hint => _finding.Hint;

    public RecordedFailure? Failure => RecordedFailure.Of(_finding.Failure);

    /// <summary>The file of the line, where the inventory includes it.</summary>
    public string? File => _finding.File;

    /// <summary>The line of the inventory that it is about.</summary>
    public int Line => _finding.Line;
}

/// <summary>What is known of a secret.</summary>
internal sealed class AuditedSecretJson : DecisionJson
{
    private readonly SecretAudit _audit;

    internal AuditedSecretJson(SecretAudit audit)
        : base(audit.Decision) => _audit = audit;

    public string Name => _audit.Secret.Name;
    public string Owner => _audit.Secret.Owner;
    public string Vault => _audit.Secret.Vault;
    public string Path => _audit.Secret.Path;
    public string? File => _audit.Secret.File;
    public int Line => _audit.Secret.Line;

    /// <summary>ISO 8601.</summary>
    public string RotateEvery => ReportNames.Iso(_audit.Secret.RotateEvery);
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public WindowJson? Window => _audit.Secret.Window is { } window ? new(window) : null;
    public IEnumerable<ValueJson> Values => _audit.Values.Select(rule => new ValueJson(rule));
    public IEnumerable<ObservedTargetJson> Targets => _audit.Targets.Select(target => new ObservedTargetJson(target));
    public string State => WireNames.Of(_audit.State);
    public string Freshness => WireNames.Of(_audit.Freshness);

    /// <summary>Absent where the age can't be told.</summary>
    public long? AgeSeconds => (long?)_audit.Age?.TotalSeconds;
    public string? ValueSince => _audit.Age is null ? null : Json.Text(_audit.Delivered?.ValueSince);
    public string? DueAt => Json.Text(_audit.DueAt);

    /// <summary>The version that the vault gives its readers.</summary>
    public string? Current => _audit.Current?.Value;
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public DeliveryJson? Last => _audit.Last is { } last ? new(last) : null;

    /// <summary>What runs did with it, the newest first, at most 20.</summary>
    [JsonPropertyOrder(1)] public IEnumerable<PastEventJson> History => _audit.History.Select(happened => new PastEventJson(happened));
    [JsonPropertyOrder(1)] public int OlderEvents => _audit.OlderEvents;
    [JsonPropertyOrder(1)]
    public IEnumerable<ExceptionJson> Exceptions => _audit.Exceptions.Select(exception => new ExceptionJson(exception));
}

/// <summary>When a secret may be rotated.</summary>
internal sealed class WindowJson
{
    private readonly RotationWindow _window;

    internal WindowJson(RotationWindow window) => _window = window;

    public IEnumerable<string> Days => _window.Days.Select(day => day.ToString()[..3].ToLowerInvariant());
    public string From => ReportNames.Of(_window.From);
    public string To => ReportNames.Of(_window.To);
    public string Zone => _window.Zone.Id;
}

/// <summary>How a value, or a field of one, is made.</summary>
internal sealed class ValueJson
{
    private readonly ValueRule _rule;

    internal ValueJson(ValueRule rule) => _rule = rule;

    public string? Field => _rule.Field;
    public string Kind => _rule.Kind;
    public long? Bits => _rule.Bits;
    public string? WeakBecause => _rule.WeakBecause;
}

/// <summary>A target as it was seen.</summary>
internal sealed class ObservedTargetJson : TargetJson
{
    private readonly TargetAudit _target;

    internal ObservedTargetJson(TargetAudit target)
        : base(target.Target) => _target = target;

    [JsonPropertyOrder(1)] public string State => WireNames.Of(_target.State);
}

/// <summary>The last time that all targets were given a value.</summary>
internal sealed class DeliveryJson
{
    private readonly Delivery _last;

    internal DeliveryJson(Delivery last) => _last = last;

    public string At => Json.Text(_last.At);
    public string? From => _last.From?.Value;
    public string To => _last.Version.Value;
    public string Level => WireNames.Of(_last.Level);
    public string Rotation => _last.Rotation.Value;
    public string? Run => _last.Run;
}

/// <summary>What a run did with a secret.</summary>
internal sealed class PastEventJson
{
    private readonly PastEvent _happened;

    internal PastEventJson(PastEvent happened) => _happened = happened;

    public string At => Json.Text(_happened.At);
    public string Run => _happened.Run;
    public string Decision => _happened.Decision;
    public string Outcome => _happened.Outcome;
    public string? From => _happened.From?.Value;
    public string? To => _happened.To?.Value;
    public string? Level => _happened.Level is { } level ? WireNames.Of(level) : null;
    public string? Rotation => _happened.Rotation?.Value;
    public string? Why => _happened.Why.Length == 0 ? null : _happened.Why;
    public IEnumerable<string>? Overrides => Json.UnlessEmpty(_happened.Overrides);
}

/// <summary>A departure from the rule.</summary>
internal sealed class ExceptionJson
{
    private readonly AuditException _exception;

    internal ExceptionJson(AuditException exception) => _exception = exception;

    public string Kind => WireNames.Of(_exception.Kind);
    public string What => _exception.What;
    public string? At => Json.Text(_exception.At);
    public string? Run => _exception.Run;
}
