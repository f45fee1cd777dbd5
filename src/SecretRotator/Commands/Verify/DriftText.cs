using SecretRotator.Verification;

namespace SecretRotator.Commands;

/// <summary>What drifted, as people read it: what several secrets share by cause, the rest by secret, in the inventory's order.</summary>
internal static class DriftText
{
    // More than a person reads.
    private const int MostNamed = 20;

    public static void Write(Terminal terminal, DriftView view)
    {
        terminal.WriteNote(view.Sandbox);
        var shared = SharedCauses.Of(
            view.Report.Findings, finding => (finding.Kind, view.NamesOf(finding).In(finding.What), view.NamesOf(finding).In(finding.Hint)))
            .Where(group => group.Any(finding => finding.Secret != group[0].Secret)).ToList();
        foreach (var group in shared)
            WriteShared(terminal, view, group);
        foreach (var secret in view.Report.Findings.Except(shared.SelectMany(group => group))
            .GroupBy(finding => finding.Secret, StringComparer.Ordinal))
        {
            terminal.Write(secret.Key);
            foreach (var finding in secret)
                WriteFinding(terminal, finding);
            terminal.WriteLine("");
        }

        WriteUnmanaged(terminal, view.Report.Unmanaged);
        terminal.Write(Summary(view), view.Report.Findings.IsEmpty ? Tone.Good : Tone.Bad);
    }

    private static void WriteFinding(Terminal terminal, DriftFinding finding)
    {
        var about = finding.Target is { } target
            ? $"{HumanText.ForPeople(WireNames.Of(finding.Kind))}: {target}"
            : HumanText.ForPeople(WireNames.Of(finding.Kind));
        terminal.WriteLabelled([("-", about), ("", finding.What), ("", finding.Hint)]);
    }

    private static void WriteShared(Terminal terminal, DriftView view, ImmutableArray<DriftFinding> group)
    {
        var secrets = group.Select(finding => finding.Secret).Distinct(StringComparer.Ordinal).Count();
        terminal.Write($"{HumanText.Count(secrets, "secret")}: {HumanText.ForPeople(WireNames.Of(group[0].Kind))}");
        terminal.WriteLabelled(
        [
            ("-", SharedCauses.Text(group, finding => finding.What, view.NamesOf)),
            ("", SharedCauses.Text(group, finding => finding.Hint, view.NamesOf)),
            ("", SharedCauses.Named(
                [.. group.Select(finding => finding.Target is { } target ? $"{finding.Secret} ({target})" : finding.Secret)])),
        ]);
        terminal.WriteLine("");
    }

    private static void WriteUnmanaged(Terminal terminal, IReadOnlyCollection<UnmanagedVariable> unmanaged)
    {
        if (unmanaged.Count == 0)
            return;
        terminal.Write($"{HumanText.Count(unmanaged.Count, "secured variable")} in no entry of the inventory, which is no drift:");
        foreach (var variable in unmanaged.Take(MostNamed))
            terminal.WriteLabelled([("-", variable.ToString())]);
        if (unmanaged.Count > MostNamed)
            terminal.WriteLabelled([("-", $"and {unmanaged.Count - MostNamed} more: --output json names all")]);
        terminal.WriteLine("");
    }

    private static string Summary(DriftView view)
    {
        if (view.Report.Findings.IsEmpty)
            return $"{HumanText.Count(view.Secrets, "secret")} verified: inventory, vaults and Bitbucket agree as far as they can be seen.";
        var drifted = view.Report.Findings.Select(finding => finding.Secret).Distinct(StringComparer.Ordinal).Count();
        return $"{HumanText.Count(view.Report.Findings.Length, "finding")} on {drifted} of {HumanText.Count(view.Secrets, "secret")}.";
    }
}

/// <summary>What <c>verify</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Secrets">How many secrets were looked at.</param>
/// <param name="Sandbox">Set where the sandbox was looked at.</param>
internal sealed record DriftView(DriftReport Report, int Secrets, SandboxNote? Sandbox)
{
    /// <summary>The inventory's secrets by name, whose places may be in texts.</summary>
    public ImmutableDictionary<string, ManagedSecret> Inventory { get; init; } = ImmutableDictionary<string, ManagedSecret>.Empty;

    /// <summary>The names in a finding's texts.</summary>
    public Placeholders NamesOf(DriftFinding finding) =>
        Inventory.TryGetValue(finding.Secret, out var secret)
            ? new(secret)
            : new(finding.Secret, null, finding.Target is { } target ? [target] : []);
}
