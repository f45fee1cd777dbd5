using System.Text.Json.Serialization;
using SecretRotator.Notifications;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>A plan and what is shown with it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Sandbox">Set where the plan is of the sandbox.</param>
/// <param name="SavedAs">The file that it was saved as, or null.</param>
internal sealed record PlanView(RotationPlan Plan, SandboxNote? Sandbox, string? SavedAs)
{
    /// <summary>What receivers would be told as it is now.</summary>
    public ImmutableArray<AddressedNotification> Notifications { get; init; } = [];

    /// <summary>The plan as people read it.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);

        var shared = Shared();
        WriteTable(terminal, shared);
        foreach (var group in shared.Where(group => group.Length > 1))
            WriteShared(terminal, group);
        WriteNotes(terminal, item => item.Warnings, "Warning: ", Tone.Attention);
        WriteNotes(terminal, item => item.InFlight is { } inFlight ? InFlightView.Lines(inFlight, Plan.PlannedAt) : [], "", Tone.Quiet);
        WriteNotes(terminal, item => item.Hold is { } hold ? [HumanText.Held(hold, Plan.PlannedAt)] : [], "", Tone.Quiet);
        NotificationsView.WriteText(terminal, Notifications);
        foreach (var line in Summary())
            terminal.Write(line);
    }

    // What a run doesn't start, by cause.
    private ImmutableArray<ImmutableArray<PlanItem>> Shared() => SharedCauses.Of(
        Plan.Items.Where(item => item.Decision is Decision.Blocked or Decision.Waiting or Decision.Adopt { Approved: false }),
        item => (HumanText.Label(item.Decision), new Placeholders(item.Secret).In(HumanText.Why(item.Decision, Plan.PlannedAt))));

    // Those of a large group have no row: the group tells how many they are.
    private void WriteTable(Terminal terminal, ImmutableArray<ImmutableArray<PlanItem>> shared)
    {
        var together = shared.Where(group => group.Length > 1).SelectMany(group => group.Select(item => (item.Secret.Name, group.Length)))
            .ToDictionary();
        var rows = Plan.Items.Where(item => together.GetValueOrDefault(item.Secret.Name) <= SharedCauses.MostNamed).ToList();
        if (rows.Count == 0 && Plan.Items.Length > 0)
            return;
        var table = ConsoleLayout.Table(
            ConsoleLayout.Names(rows.Select(item => item.Secret.Name)), ConsoleLayout.Whole("Decision"), ConsoleLayout.Folding("Why"),
            ConsoleLayout.Whole("Calls"));
        foreach (var item in rows)
            table.AddRow(
                item.Secret.Name,
                new(HumanText.Label(item.Decision), ToneOf(item.Decision)),
                together.TryGetValue(item.Secret.Name, out var count)
                        ? $"Told below: {count} secrets have this cause"
                        : HumanText.Why(item.Decision, Plan.PlannedAt),
                Calls(item.Cost));
        terminal.Write(table);
    }

    private void WriteShared(Terminal terminal, ImmutableArray<PlanItem> group)
    {
        terminal.Write($"{HumanText.Count(group.Length, "secret")}: {HumanText.Label(group[0].Decision)}", ToneOf(group[0].Decision));
        terminal.WriteLabelled(
        [
            ("Why", SharedCauses.Text(group, item => HumanText.Why(item.Decision, Plan.PlannedAt), item => new Placeholders(item.Secret))),
            ("Secrets", SharedCauses.Named([.. group.Select(item => item.Secret.Name)])),
        ]);
        terminal.WriteLine("");
    }

    private void WriteNotes(Terminal terminal, Func<PlanItem, IEnumerable<string>> notes, string before, Tone tone)
    {
        var all = Plan.Items.SelectMany(item => notes(item).Select(note => (item.Secret, Note: note)));
        foreach (var group in SharedCauses.Of(all, each => new Placeholders(each.Secret).In(each.Note)))
            terminal.Write(
                $"{before}{SharedCauses.Named([.. group.Select(each => each.Secret.Name).Distinct(StringComparer.Ordinal)])}: "
                    + $"{SharedCauses.Text(group, each => each.Note, each => new Placeholders(each.Secret))}",
                tone);
    }

    private IEnumerable<string> Summary()
    {
        var counts = HumanText.Counts(Plan.Items.Select(item => HumanText.Label(item.Decision)));
        yield return $"{HumanText.Count(Plan.Items.Length, "secret")}{(Plan.Items.Length == 0 ? "" : ": ")}{counts}.";

        var calls = Plan.ObservationCost + Plan.ActionCost;
        yield return $"Calls, observation included: {calls.Bitbucket} of Bitbucket (at most {Plan.CallsPerHour} an hour), "
            + $"{calls.Vault} of vaults{(calls.Backend == 0 ? "" : $", {calls.Backend} of backends")}.";
        if (Plan.Backlog is { } backlog)
        {
            yield return $"{HumanText.Count(backlog.Secrets, "secret")} {(backlog.Secrets == 1 ? "waits" : "wait")} for later runs: "
                + $"{HumanText.Count(backlog.Runs, "more run")}, at one an hour the last one at "
                + $"{HumanText.Time(Plan.PlannedAt + backlog.Lasts)}. To go on through the hours: secret-rotator rotate --until TIME";
        }

        yield return $"Digest {Plan.Digest}";
        if (SavedAs is { } path)
            yield return $"Saved as {path}. To act on exactly this plan: secret-rotator rotate --plan {path}";
    }

    private static string Calls(CallCost cost) => cost == default
        ? "-"
        : $"{cost.Bitbucket} + {cost.Vault}{(cost.Backend == 0 ? "" : $" + {cost.Backend}")}";

    private static Tone ToneOf(Decision decision) => decision switch
    {
        Decision.Blocked or Decision.Adopt { Approved: false } => Tone.Bad,
        Decision.NotDue or Decision.Waiting => Tone.Quiet,
        _ => Tone.Attention,
    };
}

/// <summary>What plan --output json writes. docs/json.md explains it to people.</summary>
internal sealed class PlanJson : PlanBodyJson
{
    internal PlanJson(PlanView view, ExitCode exitCode)
        : base(view) => ExitCode = (int)exitCode;

    public int Version { get; } = Json.Version;
    public string Command { get; } = "plan";
    public int ExitCode { get; }

    /// <summary>What receivers would be told if the run did nothing more than it can't start; missing where that is nothing.</summary>
    public IEnumerable<PlannedNotificationJson>? Notifications => PlannedNotificationJson.Of(View.Notifications);

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(View.Sandbox);
}

/// <summary>The plan itself, which a saved plan holds too.</summary>
internal abstract class PlanBodyJson(PlanView view)
{
    private protected PlanView View { get; } = view;

    public string PlannedAt => Json.Text(View.Plan.PlannedAt);
    public string Digest => View.Plan.Digest;
    public CallBudgetJson Calls => new(View.Plan.ObservationCost, View.Plan.ActionCost, View.Plan.CallsPerHour);
    public BacklogJson? Backlog => View.Plan.Backlog is { } backlog ? new(backlog, View.Plan.PlannedAt) : null;
    public IEnumerable<PlannedSecretJson> Secrets => View.Plan.Items.Select(item => new PlannedSecretJson(item));
}

/// <summary>What is to be started and waits for later runs.</summary>
internal sealed class BacklogJson
{
    internal BacklogJson(Backlog backlog, Instant plannedAt) =>
        (Secrets, Runs, LastRunAt) = (backlog.Secrets, backlog.Runs, Json.Text(plannedAt + backlog.Lasts));

    public int Secrets { get; }

    /// <summary>How many runs they take after this one.</summary>
    public int Runs { get; }

    /// <summary>When the last of these runs begins, if one begins each hour.</summary>
    public string LastRunAt { get; }
}

/// <summary>A secret in a plan.</summary>
internal class PlannedSecretJson : SecretJson
{
    private readonly PlanItem _item;

    internal PlannedSecretJson(PlanItem item)
        : base(item.Secret, item.Decision) => _item = item;

    [JsonPropertyOrder(1)] public CallsJson Calls => new(_item.Cost);
    [JsonPropertyOrder(1)] public IEnumerable<string> Warnings => _item.Warnings;
    [JsonPropertyOrder(1)] public GraceJson? Grace => _item.InFlight?.Grace is { } grace ? new(grace) : null;
    [JsonPropertyOrder(1)] public string? RunningUnknown => _item.InFlight?.Unknown?.Message;
    [JsonPropertyOrder(1)]
    public IEnumerable<RunningJson>? Running =>
        _item.InFlight?.Running?.Select(pipeline => new RunningJson(pipeline));
    [JsonPropertyOrder(1)] public HoldJson? Hold => HoldJson.Of(_item.Hold);
}
