using System.Globalization;
using SecretRotator.Archive;
using SecretRotator.Evidence;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Output;

/// <summary>How a run ended, as people read it.</summary>
internal static class RunText
{
    public static void Write(Terminal terminal, RunView view)
    {
        if (view.Sandbox is { } sandbox)
            terminal.Write(Shapes.Line(sandbox.ToString(), Tone.Quiet));
        var results = view.Result.Results;
        var table = Shapes.Table(
            Shapes.Names(results.Select(result => result.Item.Secret.Name)), Shapes.Whole("Outcome"), Shapes.Whole("Versions"), Shapes.Whole("Targets"));
        foreach (var result in results)
            table.AddRow(
                Shapes.Cell(result.Item.Secret.Name),
                Shapes.Cell(Phrases.Label(result.Outcome), ToneOf(result.Outcome)),
                Shapes.Cell(Phrases.Versions(result.Outcome)),
                Shapes.Cell(Targets(result)));
        terminal.Write(table);

        foreach (var result in results)
            if (Advice.For(result) is { } advice)
                WriteAdvice(terminal, result, advice);

        if (view.Result.Held is { } held)
            WriteHold(terminal, view.Result, held);
        WriteWaiting(terminal, view.Result);
        terminal.Write(Shapes.Line(Summary(view.Result)));
        if (view.Archived is { } archived)
            ArchiveView.WriteText(terminal, archived);
        if (view.Archived is not ArchiveOutcome.Stored || File.Exists(view.Evidence))
            terminal.Write(Shapes.Line($"Evidence: {view.Evidence}"));
        if (view.LostEvidence is { } lost)
            terminal.Write(Shapes.Line($"The evidence is incomplete: {lost}", Tone.Bad));
    }

    private static string Targets(SecretResult result)
    {
        var targets = result.Item.Secret.Targets.Length.ToString(CultureInfo.InvariantCulture);
        return Phrases.Level(result.Outcome) is { } level ? $"{targets} {Words.Of(level)}" : targets;
    }

    private static void WriteAdvice(Terminal terminal, SecretResult result, Advice advice)
    {
        terminal.Write(Shapes.Line($"{result.Item.Secret.Name}: {Phrases.Label(result.Outcome)}", ToneOf(result.Outcome)));
        terminal.Write(Shapes.Labelled(
        [
            ("Cause", advice.Cause),
            .. advice.Now.Select((line, index) => (index == 0 ? "Now" : "", line)),
            ("Next", advice.Next),
            .. advice.Command is { } command ? [("", command)] : Array.Empty<(string, string)>(),
        ]));
        terminal.WriteLine("");
    }

    private static void WriteHold(Terminal terminal, RunResult result, Hold held)
    {
        var secret = result.Results[0].Item.Secret;
        var usual = !result.IsHeldAsUsual ? "" : secret.Window is null ? ", a week, since it has no window" : ", when its window opens next";
        terminal.Write(Shapes.Line(
            $"{secret.Name} is held until {Phrases.Time(held.Until)} (in {Phrases.Stretch(held.Until - result.Plan.PlannedAt)}){usual}: no run gives it a new value before. To lift that:"));
        terminal.WriteLine($"  secret-rotator rotate --force {secret.Name} --reason TEXT");
    }

    // A large inventory may wait for its windows every night: as many as a person reads, then how many more.
    private static void WriteWaiting(Terminal terminal, RunResult result)
    {
        const int Told = 10;
        var waiting = result.Results.Where(each => each.Outcome is RotationOutcome.Untouched { Decision: Decision.Waiting }).ToList();
        foreach (var each in waiting.Take(Told))
            terminal.Write(Shapes.Line($"{each.Item.Secret.Name} waits: {Phrases.Why(((RotationOutcome.Untouched)each.Outcome).Decision, result.Plan.PlannedAt)}", Tone.Quiet));
        if (waiting.Count > Told)
            terminal.Write(Shapes.Line($"{Phrases.Count(waiting.Count - Told, "secret")} more: secret-rotator plan tells why.", Tone.Quiet));
        if (waiting.Count > 0)
            terminal.WriteLine("");
    }

    private static string Summary(RunResult result)
    {
        if (result.Results.IsEmpty)
            return "No secret to look at.";
        var counts = result.Results.GroupBy(each => Phrases.Label(each.Outcome), StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"));
        var summary = $"{Phrases.Count(result.Results.Length, "secret")}: {string.Join(", ", counts)}.";
        return result.Cancelled ? "The run was stopped. " + summary : summary;
    }

    private static Tone ToneOf(RotationOutcome outcome) => ExitCodes.Of(outcome) switch
    {
        ExitCode.Done => outcome is RotationOutcome.Untouched ? Tone.Quiet : Tone.Good,
        ExitCode.Cancelled or ExitCode.Blocked => Tone.Attention,
        _ => Tone.Bad,
    };
}

/// <summary>A run's result and what is told with it.</summary>
/// <param name="Command">The command that ran.</param>
/// <param name="Result">How it ended.</param>
/// <param name="ExitCode">What the process will answer.</param>
/// <param name="Evidence">Where the evidence lies.</param>
/// <param name="LostEvidence">Why some of it could not be written, or null.</param>
/// <param name="Sandbox">Set where the run was in the sandbox.</param>
internal sealed record RunView(string Command, RunResult Result, ExitCode ExitCode, string Evidence, string? LostEvidence, SandboxNote? Sandbox)
{
    /// <summary>Where the signature over the evidence lies, or null where it has none.</summary>
    public string? Signature { get; init; }

    /// <summary>Whether the evidence reached its archive, or null where there is none.</summary>
    public ArchiveOutcome? Archived { get; init; }
}
