using SecretRotator.EvidenceStorage;
using SecretRotator.Notifications;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>How a run ended, as people read it.</summary>
internal static class RunText
{
    public static void Write(Terminal terminal, RunView view)
    {
        terminal.WriteNote(view.Sandbox);
        var shared = Shared(view.Result);
        var waiting = SharedCauses.Of(
            view.Result.Results.Where(each => each.Outcome is RotationOutcome.Untouched { Decision: Decision.Waiting }),
            each => new Placeholders(each.Item.Secret).In(WhyItWaits(each, view.Result.Plan.PlannedAt)));
        WriteTable(
            terminal, view.Result.Results,
            [
                .. shared.Select(group => group.Select(each => each.Name)),
                .. waiting.Select(group => group.Select(each => each.Item.Secret.Name)),
            ]);
        foreach (var group in shared)
            WriteAdvice(terminal, group);

        if (view.Result.Held is { } held)
            WriteHold(terminal, view.Result, held);
        WriteWaiting(terminal, waiting, view.Result.Plan.PlannedAt);
        foreach (var result in view.Result.Results)
            if (result.Outcome is RotationOutcome.Retired { DeletedFrom: { } deleted })
                terminal.Write(
                    $"{result.Item.Secret.Name}: the old credential is disabled, and refused. It is deleted from "
                        + $"{HumanText.Time(deleted)} on; until then a rollback enables it again.",
                    Tone.Quiet);
        terminal.Write(Summary(view.Result));
        if (view.Archived is { } archived)
            ArchiveView.WriteText(terminal, archived);
        if (view.Archived is not ArchiveOutcome.Stored || File.Exists(view.Evidence))
            terminal.Write($"Evidence: {view.Evidence}");
        NotificationsView.WriteText(terminal, view.Notifications);
        if (view.LostEvidence is { } lost)
            terminal.Write($"The evidence is incomplete: {lost}", Tone.Bad);
    }

    // Those that someone must act on, by cause.
    private static ImmutableArray<ImmutableArray<Advised>> Shared(RunResult result) => SharedCauses.Of(
        result.Results.Select(each => (Result: each, Advice: Advice.For(each))).Where(each => each.Advice is not null)
            .Select(each => new Advised(each.Result, each.Advice!, new Placeholders(each.Result.Item.Secret))),
        each => (
            HumanText.Label(each.Result.Outcome), each.Names.In(each.Advice.Cause), each.Names.In(each.Advice.Next),
            each.Names.In(each.Advice.Command ?? "")));

    // Those of a large group have no row: the group tells how many they are.
    private static void WriteTable(Terminal terminal, ImmutableArray<SecretResult> results, IEnumerable<IEnumerable<string>> groups)
    {
        var told = groups.Where(group => group.Count() > SharedCauses.MostNamed).SelectMany(group => group)
            .ToHashSet(StringComparer.Ordinal);
        var rows = results.Where(result => !told.Contains(result.Item.Secret.Name)).ToList();
        if (rows.Count == 0 && results.Length > 0)
            return;
        var table = ConsoleLayout.Table(
            ConsoleLayout.Names(rows.Select(result => result.Item.Secret.Name)), ConsoleLayout.Whole("Outcome"),
            ConsoleLayout.Whole("Versions"), ConsoleLayout.Whole("Targets"));
        foreach (var result in rows)
            table.AddRow(
                result.Item.Secret.Name,
                new(HumanText.Label(result.Outcome), ToneOf(result.Outcome)),
                HumanText.Versions(result.Outcome),
                Targets(result));
        terminal.Write(table);
    }

    private static string Targets(SecretResult result)
    {
        var targets = result.Item.Secret.Targets.Length.ToString(CultureInfo.InvariantCulture);
        return HumanText.Level(result.Outcome) is { } level ? $"{targets} {WireNames.Of(level)}" : targets;
    }

    private static void WriteAdvice(Terminal terminal, ImmutableArray<Advised> group)
    {
        var first = group[0];
        var heading = group.Length == 1 ? first.Name : HumanText.Count(group.Length, "secret");
        terminal.Write($"{heading}: {HumanText.Label(first.Result.Outcome)}", ToneOf(first.Result.Outcome));
        terminal.WriteLabelled(
        [
            ("Cause", Text(group, each => each.Advice.Cause)),
            .. Now(group).Select((line, index) => (index == 0 ? "Now" : "", line)),
            ("Next", Text(group, each => each.Advice.Next)),
            .. first.Advice.Command is null ? Array.Empty<(string, string)>() : [("", Command(group))],
            .. group.Length == 1
                ? Array.Empty<(string, string)>()
                : [("Secrets", SharedCauses.Named([.. group.Select(each => each.Name)]))],
        ]);
        terminal.WriteLine("");
    }

    private static void WriteHold(Terminal terminal, RunResult result, Hold held)
    {
        var secret = result.Results[0].Item.Secret;
        var usual = !result.IsHeldAsUsual
            ? ""
            : secret.Window is null ? ", a week, since it has no window" : ", when its window opens next";
        terminal.Write(
            $"{secret.Name} is held until {HumanText.Time(held.Until)} (in "
                + $"{HumanText.Stretch(held.Until - result.Plan.PlannedAt)}){usual}: no run gives it a new value before. To lift that:");
        terminal.WriteLine($"  secret-rotator rotate --force {secret.Name} --reason TEXT");
    }

    // The cause is one, but each secret has a state of its own: whatever differs is reported by secret.
    private static IEnumerable<string> Now(ImmutableArray<Advised> group)
    {
        if (group.All(each => each.Advice.Now.SequenceEqual(group[0].Advice.Now)))
            return group[0].Advice.Now;
        var lines = group.Take(SharedCauses.MostNamed).SelectMany(each => each.Advice.Now.Select(line => $"{each.Name}: {line}"));
        return group.Length > SharedCauses.MostNamed ? lines.Append($"and {SharedCauses.More(group.Length)}") : lines;
    }

    // One command for as many as are named; for more of them, its form.
    private static string Command(ImmutableArray<Advised> group) => group.Length > SharedCauses.MostNamed
        ? group[0].Names.In(group[0].Advice.Command!)
        : group[0].Advice.Command!
            .Replace($"--only {group[0].Name}", $"--only {string.Join(' ', group.Select(each => each.Name))}", StringComparison.Ordinal);

    private static string Text(ImmutableArray<Advised> group, Func<Advised, string> text) =>
        SharedCauses.Text(group, text, each => each.Names);

    private static void WriteWaiting(Terminal terminal, ImmutableArray<ImmutableArray<SecretResult>> waiting, Instant plannedAt)
    {
        foreach (var group in waiting)
            terminal.Write(
                $"{SharedCauses.Named([.. group.Select(each => each.Item.Secret.Name)])} {(group.Length == 1 ? "waits" : "wait")}: "
                    + SharedCauses.Text(group, each => WhyItWaits(each, plannedAt), each => new Placeholders(each.Item.Secret)),
                Tone.Quiet);
        if (waiting.Length > 0)
            terminal.WriteLine("");
    }

    private static string WhyItWaits(SecretResult result, Instant plannedAt) =>
        HumanText.Why(((RotationOutcome.Untouched)result.Outcome).Decision, plannedAt);

    private static string Summary(RunResult result)
    {
        if (result.Results.IsEmpty)
            return "No secret to look at.";
        var counts = result.Results.GroupBy(each => HumanText.Label(each.Outcome), StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        var summary = $"{HumanText.Count(result.Results.Length, "secret")}: {string.Join(", ", counts)}.";
        return result.Cancelled ? "The run was stopped. " + summary : summary;
    }

    private sealed record Advised(SecretResult Result, Advice Advice, Placeholders Names)
    {
        public string Name => Result.Item.Secret.Name;
    }

    private static Tone ToneOf(RotationOutcome outcome) => ExitCodes.Of(outcome) switch
    {
        ExitCode.Done => outcome is RotationOutcome.Untouched ? Tone.Quiet : Tone.Good,
        ExitCode.Cancelled or ExitCode.Blocked => Tone.Attention,
        _ => Tone.Bad,
    };
}

/// <summary>A run's result and what is shown with it.</summary>
/// <param name="Command">The command that ran.</param>
/// <param name="Result">How it ended.</param>
/// <param name="ExitCode">What the process will answer.</param>
/// <param name="Evidence">Where the evidence is.</param>
/// <param name="LostEvidence">Why some of it could not be written, or null.</param>
/// <param name="Sandbox">Set where the run was in the sandbox.</param>
internal sealed record RunView(
    string Command, RunResult Result, ExitCode ExitCode, string Evidence, string? LostEvidence, SandboxNote? Sandbox)
{
    /// <summary>Where the signature over the evidence is, or null where it has none.</summary>
    public string? Signature { get; init; }

    /// <summary>Whether the evidence reached its archive, or null where there is none.</summary>
    public ArchiveOutcome? Archived { get; init; }

    /// <summary>What receivers of notifications answered.</summary>
    public ImmutableArray<NotificationAnswer> Notifications { get; init; } = [];
}
