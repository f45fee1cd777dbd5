using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Notifications;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

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

    /// <summary>How the run ended, as people read it.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        var shared = Shared();
        var waiting = SharedCauses.Of(
            Result.Results.Where(each => each.Outcome is RotationOutcome.Untouched { Decision: Decision.Waiting }),
            each => new Placeholders(each.Item.Secret).In(WhyItWaits(each)));
        WriteTable(
            terminal,
            [
                .. shared.Select(group => group.Select(each => each.Name)),
                .. waiting.Select(group => group.Select(each => each.Item.Secret.Name)),
            ]);
        foreach (var group in shared)
            WriteAdvice(terminal, group);

        if (Result.Held is { } held)
            WriteHold(terminal, held);
        WriteWaiting(terminal, waiting);
        foreach (var result in Result.Results)
            if (result.Outcome is RotationOutcome.Retired { DeletedFrom: { } deleted })
                terminal.Write(
                    $"{result.Item.Secret.Name}: the old credential is disabled, and refused. It is deleted from "
                        + $"{HumanText.Time(deleted)} on; until then a rollback enables it again.",
                    Tone.Quiet);
        terminal.Write(Summary());
        if (Archived is { } archived)
            ArchiveView.WriteText(terminal, archived);
        if (Archived is not ArchiveOutcome.Stored || File.Exists(Evidence))
            terminal.Write($"Evidence: {Evidence}");
        NotificationsView.WriteText(terminal, Notifications);
        if (LostEvidence is { } lost)
            terminal.Write($"The evidence is incomplete: {lost}", Tone.Bad);
    }

    // Those that someone must act on, by cause.
    private ImmutableArray<ImmutableArray<Advised>> Shared() => SharedCauses.Of(
        Result.Results.Select(each => (Result: each, Advice: Advice.For(each))).Where(each => each.Advice is not null)
            .Select(each => new Advised(each.Result, each.Advice!, new Placeholders(each.Result.Item.Secret))),
        each => (
            HumanText.Label(each.Result.Outcome), each.Names.In(each.Advice.Cause), each.Names.In(each.Advice.Next),
            each.Names.In(each.Advice.Command ?? "")));

    // Those of a large group have no row: the group tells how many they are.
    private void WriteTable(Terminal terminal, IEnumerable<IEnumerable<string>> groups)
    {
        var told = groups.Where(group => group.Count() > SharedCauses.MostNamed).SelectMany(group => group)
            .ToHashSet(StringComparer.Ordinal);
        var rows = Result.Results.Where(result => !told.Contains(result.Item.Secret.Name)).ToList();
        if (rows.Count == 0 && Result.Results.Length > 0)
            return;
        var table = ConsoleLayout.Table(
            ConsoleLayout.Names(rows.Select(result => result.Item.Secret.Name)), ConsoleLayout.Whole("Outcome"),
            ConsoleLayout.Whole("Versions"), ConsoleLayout.Whole("Targets"));
        foreach (var result in rows)
            table.AddRow(
                result.Item.Secret.Name,
                new(HumanText.Label(result.Outcome), ToneOf(result.Outcome)),
                HumanText.Versions(result.Outcome),
                $"{result.Item.Secret.Targets.Length}{(HumanText.Level(result.Outcome) is { } level ? $" {WireNames.Of(level)}" : "")}");
        terminal.Write(table);
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
            .. first.Advice.Command is null ? Array.Empty<(string, string)>() : [("", SharedCommand(group))],
            .. group.Length == 1
                ? Array.Empty<(string, string)>()
                : [("Secrets", SharedCauses.Named([.. group.Select(each => each.Name)]))],
        ]);
        terminal.WriteLine("");
    }

    private void WriteHold(Terminal terminal, Hold held)
    {
        var secret = Result.Results[0].Item.Secret;
        var usual = !Result.IsHeldAsUsual
            ? ""
            : secret.Window is null ? ", a week, since it has no window" : ", when its window opens next";
        terminal.Write(
            $"{secret.Name} is held until {HumanText.Time(held.Until)} (in "
                + $"{HumanText.Stretch(held.Until - Result.Plan.PlannedAt)}){usual}: no run gives it a new value before. To lift that:");
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
    private static string SharedCommand(ImmutableArray<Advised> group) => group.Length > SharedCauses.MostNamed
        ? group[0].Names.In(group[0].Advice.Command!)
        : group[0].Advice.Command!
            .Replace($"--only {group[0].Name}", $"--only {string.Join(' ', group.Select(each => each.Name))}", StringComparison.Ordinal);

    private static string Text(ImmutableArray<Advised> group, Func<Advised, string> text) =>
        SharedCauses.Text(group, text, each => each.Names);

    private void WriteWaiting(Terminal terminal, ImmutableArray<ImmutableArray<SecretResult>> waiting)
    {
        foreach (var group in waiting)
            terminal.Write(
                $"{SharedCauses.Named([.. group.Select(each => each.Item.Secret.Name)])} {(group.Length == 1 ? "waits" : "wait")}: "
                    + SharedCauses.Text(group, each => WhyItWaits(each), each => new Placeholders(each.Item.Secret)),
                Tone.Quiet);
        if (waiting.Length > 0)
            terminal.WriteLine("");
    }

    private string WhyItWaits(SecretResult result) =>
        HumanText.Why(((RotationOutcome.Untouched)result.Outcome).Decision, Result.Plan.PlannedAt);

    private string Summary()
    {
        if (Result.Results.IsEmpty)
            return "No secret to look at.";
        var counts = HumanText.Counts(Result.Results.Select(each => HumanText.Label(each.Outcome)));
        var summary = $"{HumanText.Count(Result.Results.Length, "secret")}: {counts}.";
        return Result.Cancelled ? "The run was stopped. " + summary : summary;
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

/// <summary>What rotate and rollback write with --output json. docs/json.md explains it to people.</summary>
internal sealed class RunJson : ResultJson
{
    private readonly RunView _view;

    internal RunJson(RunView view)
        : base(view.Command, view.ExitCode) => _view = view;

    public bool Cancelled => _view.Result.Cancelled;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string PlannedAt => Json.Text(_view.Result.Plan.PlannedAt);
    public string Digest => _view.Result.Plan.Digest;
    public string Evidence => _view.Evidence;
    public string? Signature => _view.Signature;
    public ArchiveJson? Archive => _view.Archived is { } archived ? new(archived) : null;
    public string? LostEvidence => _view.LostEvidence;

    /// <summary>What receivers of notifications answered; missing where none was told.</summary>
    public IEnumerable<NotificationAnswerJson>? Notifications => NotificationAnswerJson.Of(_view.Notifications);
    public IEnumerable<EndedSecretJson> Secrets => _view.Result.Results.Select(result => new EndedSecretJson(result, _view.Result.Held));
}

/// <summary>How it ended for a secret.</summary>
internal sealed class EndedSecretJson : SecretJson
{
    private readonly SecretResult _result;
    private readonly RotationOutcome.RolledBack? _rolledBack;
    private readonly RotationOutcome.NeedsOperator? _needsOperator;
    private readonly Advice? _advice;

    internal EndedSecretJson(SecretResult result, Hold? held)
        : base(result.Item.Secret, result.Item.Decision)
    {
        (_result, _advice) = (result, Advice.For(result));
        (_rolledBack, _needsOperator) = (result.Outcome as RotationOutcome.RolledBack, result.Outcome as RotationOutcome.NeedsOperator);

        // What a rotation replaced isn't held any more.
        var isOver = result.Item.Hold is { ByRollback: true } && result.Outcome is RotationOutcome.Rotated;
        Hold = HoldJson.Of(held ?? (isOver ? null : result.Item.Hold));
    }

    [JsonPropertyOrder(1)] public string Outcome => WireNames.Of(_result.Outcome);

    [JsonPropertyOrder(1)]
    public string? From => _result.Outcome switch
    {
        RotationOutcome.Rotated rotated => rotated.From.Value,
        RotationOutcome.Retired retired => retired.Version.Value,
        _ => null,
    };

    [JsonPropertyOrder(1)]
    public string? To => _result.Outcome switch
    {
        RotationOutcome.Rotated rotated => rotated.To.Value,
        RotationOutcome.Redelivered redelivered => redelivered.Version.Value,
        RotationOutcome.Adopted adopted => adopted.Version.Value,
        _ => null,
    };

    /// <summary>From when on a credential is deleted that was disabled.</summary>
    [JsonPropertyOrder(1)]
    public string? DeletedFrom => _result.Outcome is RotationOutcome.Retired { DeletedFrom: { } at } ? Json.Text(at) : null;

    [JsonPropertyOrder(1)] public bool? Cancelled => _rolledBack?.Cancelled;
    [JsonPropertyOrder(1)] public IEnumerable<string>? State => _needsOperator?.State;
    [JsonPropertyOrder(1)] public IEnumerable<string>? NotUndone => _needsOperator?.NotUndone;

    /// <summary>Of the outcome, or of the decision that it was not begun.</summary>
    [JsonPropertyOrder(1)]
    public override RecordedFailure? Failure =>
        RecordedFailure.Of(_rolledBack?.Cause ?? _needsOperator?.Cause) ?? base.Failure;

    [JsonPropertyOrder(1)]
    public DecisionJson? Because => _result.Outcome is RotationOutcome.Untouched untouched
        ? new(untouched.Decision)
        : null;

    [JsonPropertyOrder(1)] public string? Level => HumanText.Level(_result.Outcome) is { } level ? WireNames.Of(level) : null;
    [JsonPropertyOrder(1)] public string? Cause => _advice?.Cause;
    [JsonPropertyOrder(1)] public string? Next => _advice?.Next;
    [JsonPropertyOrder(1)] public string? NextCommand => _advice?.Command;
    [JsonPropertyOrder(1)] public HoldJson? Hold { get; }
}
