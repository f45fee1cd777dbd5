using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.Verification;

namespace SecretRotator.Commands;

/// <summary>What <c>verify</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Secrets">How many secrets were looked at.</param>
/// <param name="Sandbox">Set where the sandbox was looked at.</param>
internal sealed record DriftView(DriftReport Report, int Secrets, SandboxNote? Sandbox)
{
    // More than a person reads.
    private const int MostNamed = 20;

    /// <summary>The inventory's secrets by name, whose places may be in texts.</summary>
    public ImmutableDictionary<string, ManagedSecret> Inventory { get; init; } = ImmutableDictionary<string, ManagedSecret>.Empty;

    /// <summary>The names in a finding's texts.</summary>
    public Placeholders NamesOf(DriftFinding finding) =>
        Inventory.TryGetValue(finding.Secret, out var secret)
            ? new(secret)
            : new(finding.Secret, null, finding.Target is { } target ? [target] : []);

    /// <summary>What several secrets share by cause, the rest by secret, in the inventory's order.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        var shared = SharedCauses.Of(
            Report.Findings, finding => (finding.Kind, NamesOf(finding).In(finding.What), NamesOf(finding).In(finding.Hint)))
            .Where(group => group.Any(finding => finding.Secret != group[0].Secret)).ToList();
        foreach (var group in shared)
            WriteShared(terminal, group);
        foreach (var secret in Report.Findings.Except(shared.SelectMany(group => group))
            .GroupBy(finding => finding.Secret, StringComparer.Ordinal))
        {
            terminal.Write(secret.Key);
            foreach (var finding in secret)
                WriteFinding(terminal, finding);
            terminal.WriteLine("");
        }

        WriteUnmanaged(terminal);
        terminal.Write(Summary(), Report.Findings.IsEmpty ? Tone.Good : Tone.Bad);
    }

    private static void WriteFinding(Terminal terminal, DriftFinding finding)
    {
        var about = finding.Target is { } target
            ? $"{HumanText.ForPeople(WireNames.Of(finding.Kind))}: {target}"
            : HumanText.ForPeople(WireNames.Of(finding.Kind));
        terminal.WriteLabelled([("-", about), ("", finding.What), ("", finding.Hint)]);
    }

    private void WriteShared(Terminal terminal, ImmutableArray<DriftFinding> group)
    {
        var secrets = group.Select(finding => finding.Secret).Distinct(StringComparer.Ordinal).Count();
        terminal.Write($"{HumanText.Count(secrets, "secret")}: {HumanText.ForPeople(WireNames.Of(group[0].Kind))}");
        terminal.WriteLabelled(
        [
            ("-", SharedCauses.Text(group, finding => finding.What, NamesOf)),
            ("", SharedCauses.Text(group, finding => finding.Hint, NamesOf)),
            ("", SharedCauses.Named(
                [.. group.Select(finding => finding.Target is { } target ? $"{finding.Secret} ({target})" : finding.Secret)])),
        ]);
        terminal.WriteLine("");
    }

    private void WriteUnmanaged(Terminal terminal)
    {
        var unmanaged = Report.Unmanaged;
        if (unmanaged.IsEmpty)
            return;
        terminal.Write($"{HumanText.Count(unmanaged.Length, "secured variable")} in no entry of the inventory, which is no drift:");
        foreach (var variable in unmanaged.Take(MostNamed))
            terminal.WriteLabelled([("-", variable.ToString())]);
        if (unmanaged.Length > MostNamed)
            terminal.WriteLabelled([("-", $"and {unmanaged.Length - MostNamed} more: --output json names all")]);
        terminal.WriteLine("");
    }

    private string Summary()
    {
        if (Report.Findings.IsEmpty)
            return $"{HumanText.Count(Secrets, "secret")} verified: inventory, vaults and Bitbucket agree as far as they can be seen.";
        var drifted = Report.Findings.Select(finding => finding.Secret).Distinct(StringComparer.Ordinal).Count();
        return $"{HumanText.Count(Report.Findings.Length, "finding")} on {drifted} of {HumanText.Count(Secrets, "secret")}.";
    }
}

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
