using System.Security.Cryptography;
using System.Text.Json.Serialization;
using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>
/// The report's findings as code scanners tell theirs: SARIF 2.1.0 (OASIS), one result a finding, at the line of the
/// inventory that it is about. What isn't a finding is in the run's properties.
/// </summary>
internal sealed class SarifReport
{
    private readonly AuditReport _report;

    internal SarifReport(AuditReport report) => _report = report;

    [JsonPropertyName("$schema")] public string Schema { get; } = "https://json.schemastore.org/sarif-2.1.0.json";
    public string Version { get; } = "2.1.0";
    public IEnumerable<SarifRun> Runs => [new(_report)];

    public static void Write(Stream stream, AuditReport report) =>
        ReportFormats.WriteJson(stream, json => ResultContext.Write(json, new SarifReport(report)));
}

internal sealed class SarifRun
{
    private readonly AuditReport _report;

    internal SarifRun(AuditReport report) => _report = report;

    public SarifTool Tool => new(new(_report.Origin.Tool));
    public IEnumerable<SarifInvocation> Invocations => [new(_report)];
    public string ColumnKind { get; } = "utf16CodeUnits";
    public IEnumerable<SarifResult> Results => _report.Findings.Select(finding => new SarifResult(finding, _report.Origin));

    public SarifProperties Properties =>
        new(new OrderedDictionary<string, string>(
            ReportFacts.Of(_report).Select(fact => KeyValuePair.Create(fact.Name, fact.Text)), StringComparer.Ordinal));
}

internal sealed record SarifTool(SarifDriver Driver);

internal sealed record SarifDriver(string Version)
{
    [JsonPropertyOrder(-1)] public string Name { get; } = "secret-rotator";
    public IEnumerable<SarifRule> Rules { get; } =
        FindingRule.All.Select(rule => new SarifRule(rule.Id, SarifMessage.Of(rule.Title), new(WireNames.Of(rule.Severity))));
}

internal sealed record SarifRule(string Id, SarifMessage ShortDescription, SarifConfiguration DefaultConfiguration);

internal sealed record SarifConfiguration(string Level);

internal sealed class SarifInvocation
{
    private readonly AuditReport _report;

    internal SarifInvocation(AuditReport report) => _report = report;

    public bool ExecutionSuccessful { get; } = true;
    public string EndTimeUtc => Json.Text(_report.Origin.At);

    // What could not be observed is what a scanner calls a notification: the results don't tell of it.
    public IEnumerable<SarifNotification> ToolExecutionNotifications => _report.Unobserved.Select(blind =>
        new SarifNotification("warning", SarifMessage.Of($"{blind.What} could not be observed. {blind.Why} {blind.Hint}")));
}

internal sealed record SarifNotification(string Level, SarifMessage Message);

internal sealed class SarifResult
{
    private readonly AuditFinding _finding;
    private readonly ReportOrigin _origin;

    internal SarifResult(AuditFinding finding, ReportOrigin origin) => (_finding, _origin) = (finding, origin);

    public string RuleId => _finding.Rule.Id;
    public int RuleIndex => FindingRule.All.IndexOf(_finding.Rule);
    public string Level => WireNames.Of(_finding.Rule.Severity);

    public SarifMessage Message => SarifMessage.Of(
        (_finding.Secret is { } secret ? $"{secret}: " : "")
        + (_finding.Target is { } target ? $"{target}: " : "")
        + $"{_finding.What} {_finding.Hint}");

    public IEnumerable<SarifLocation> Locations =>
    [
        new(
            new(new(Address(_finding.File ?? _origin.InventoryFile)), new(_finding.Line)),
            (_finding.Target?.ToString() ?? _finding.Secret) is { } name ? [new(name, "resource")] : null),
    ];

    public SarifFingerprints PartialFingerprints => new(Fingerprint());

    // The line moves when the inventory is edited, and the text tells times: neither makes it another finding.
    private string Fingerprint()
    {
        var about = _finding.Secret is null ? _finding.What : $"{_finding.Secret}\n{_finding.Target}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_finding.Rule.Id}\n{about}")))[..32];
    }

    private static string Address(string file) => Path.IsPathRooted(file)
        ? new Uri(file).AbsoluteUri
        : string.Join('/', file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Select(Uri.EscapeDataString));
}

internal sealed record SarifLocation(SarifPhysicalLocation PhysicalLocation, IEnumerable<SarifLogicalLocation>? LogicalLocations);

internal sealed record SarifPhysicalLocation(SarifArtifact ArtifactLocation, SarifRegion Region);

internal sealed record SarifArtifact(string Uri);

internal sealed record SarifRegion(int StartLine);

internal sealed record SarifLogicalLocation(string FullyQualifiedName, string Kind);

internal sealed record SarifFingerprints([property: JsonPropertyName("finding/v1")] string Finding);

internal sealed record SarifProperties(IReadOnlyDictionary<string, string> Facts);

internal sealed record SarifMessage(string Text)
{
    public static SarifMessage Of(string text) => new(PrintableText.Of(text));
}
