using SecretRotator.Discovery;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>Uncovered variables as people read them: what is most urgent first.</summary>
internal static class DiscoveryText
{
    public static void Write(Terminal terminal, DiscoveryView view)
    {
        terminal.WriteNote(view.Sandbox);
        var report = view.Report;
        WriteGroup(
            terminal, report, FindingKind.StaticCloudKey,
            "Static cloud keys: give the pipeline an identity of its own (oidc: true), and delete them:", Tone.Bad);
        WriteGroup(
            terminal, report, FindingKind.PlainSecret, "Named like secrets, and readable by everyone with access to the settings:",
            Tone.Bad);
        WriteGroup(terminal, report, FindingKind.Candidate, "Secured, and in no entry of the inventory:", Tone.Attention);
        if (!report.Unknown.IsEmpty)
        {
            terminal.Write("Not seen:", Tone.Bad);
            foreach (var group in SharedCauses.Of(report.Unknown, Why))
                terminal.WriteLabelled(
                    [("-", $"{SharedCauses.Named([.. group.Select(place => place.Place)])}: {(group.Length == 1 ? Told(group[0]) : Why(group[0]))}".TrimEnd())]);
            terminal.WriteLine("");
        }

        if (!report.Unseen.IsEmpty)
        {
            terminal.Write("Not looked at, the calls were used up (--max-calls):", Tone.Bad);
            terminal.WriteLabelled([("-", SharedCauses.Named(report.Unseen))]);
            terminal.WriteLine("");
        }

        foreach (var line in Summary(view))
            terminal.Write(line);
    }

    private static string Told(UnknownPlace place) => FailureMessages.Text(place.Failure);

    // The same for all places with one cause.
    private static string Why(UnknownPlace place) => Told(place).Replace(place.Place, "PLACE", StringComparison.Ordinal);

    private static void WriteGroup(Terminal terminal, DiscoveryReport report, FindingKind kind, string heading, Tone tone)
    {
        var variables = report.Variables.Where(each => each.Kind == kind).ToList();
        if (variables.Count == 0)
            return;
        terminal.Write(heading, tone);
        foreach (var variable in variables)
            terminal.WriteLabelled(
                [("-", $"{variable.Scope}:{variable.Key}{(kind == FindingKind.StaticCloudKey ? $" ({SecretNames.CloudOf(variable.Key)}{(variable.Secured ? "" : ", unsecured")})" : "")}")]);
        terminal.WriteLine("");
    }

    private static IEnumerable<string> Summary(DiscoveryView view)
    {
        var report = view.Report;
        yield return $"{HumanText.Count(report.Variables.Length, "variable")} worth a look in {HumanText.Count(report.Scopes, "scope")} of "
            + $"{view.Workspace}, {report.Unknown.Length} not seen, {report.Unseen.Length} not looked at. {report.Calls} calls of "
            + $"Bitbucket.";
        yield return "Keys were listed, no value was read.";
        if (view.Stubs is { } stubs)
            yield return $"Stubs are in {stubs}.";
    }
}

/// <summary>What <c>discover</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Workspace">Where.</param>
/// <param name="Stubs">The file that stubs were written to, or null.</param>
/// <param name="Sandbox">Set where it looked at the sandbox.</param>
internal sealed record DiscoveryView(DiscoveryReport Report, string Workspace, string? Stubs, SandboxNote? Sandbox);
