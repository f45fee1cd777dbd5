using SecretRotator.Notifications;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>A plan as people read it.</summary>
internal static class PlanText
{
    public static void Write(Terminal terminal, PlanView view)
    {
        var plan = view.Plan;
        terminal.WriteNote(view.Sandbox);

        var shared = Shared(plan);
        WriteTable(terminal, plan, shared);
        foreach (var group in shared.Where(group => group.Length > 1))
            WriteShared(terminal, group, plan.PlannedAt);
        WriteNotes(terminal, plan, item => item.Warnings, "Warning: ", Tone.Attention);
        WriteNotes(
            terminal, plan, item => item.InFlight is { } inFlight ? InFlightView.Lines(inFlight, plan.PlannedAt) : [], "", Tone.Quiet);
        WriteNotes(terminal, plan, item => item.Hold is { } hold ? [HoldView.Line(hold, plan.PlannedAt)] : [], "", Tone.Quiet);
        NotificationsView.WriteText(terminal, view.Notifications);
        foreach (var line in Summary(view))
            terminal.Write(line);
    }

    // What a run doesn't start, by cause.
    private static ImmutableArray<ImmutableArray<PlanItem>> Shared(RotationPlan plan) => SharedCauses.Of(
        plan.Items.Where(item => item.Decision is Decision.Blocked or Decision.Waiting or Decision.Adopt { Approved: false }),
        item => (HumanText.Label(item.Decision), new Placeholders(item.Secret).In(HumanText.Why(item.Decision, plan.PlannedAt))));

    // Those of a large group have no row: the group tells how many they are.
    private static void WriteTable(Terminal terminal, RotationPlan plan, ImmutableArray<ImmutableArray<PlanItem>> shared)
    {
        var together = shared.Where(group => group.Length > 1).SelectMany(group => group.Select(item => (item.Secret.Name, group.Length)))
            .ToDictionary();
        var rows = plan.Items.Where(item => together.GetValueOrDefault(item.Secret.Name) <= SharedCauses.MostNamed).ToList();
        if (rows.Count == 0 && plan.Items.Length > 0)
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
                        : HumanText.Why(item.Decision, plan.PlannedAt),
                Calls(item.Cost));
        terminal.Write(table);
    }

    private static void WriteShared(Terminal terminal, ImmutableArray<PlanItem> group, Instant now)
    {
        terminal.Write($"{HumanText.Count(group.Length, "secret")}: {HumanText.Label(group[0].Decision)}", ToneOf(group[0].Decision));
        terminal.WriteLabelled(
        [
            ("Why", SharedCauses.Text(group, item => HumanText.Why(item.Decision, now), item => new Placeholders(item.Secret))),
            ("Secrets", SharedCauses.Named([.. group.Select(item => item.Secret.Name)])),
        ]);
        terminal.WriteLine("");
    }

    private static void WriteNotes(
        Terminal terminal, RotationPlan plan, Func<PlanItem, IEnumerable<string>> notes, string before, Tone tone)
    {
        var all = plan.Items.SelectMany(item => notes(item).Select(note => (item.Secret, Note: note)));
        foreach (var group in SharedCauses.Of(all, each => new Placeholders(each.Secret).In(each.Note)))
            terminal.Write(
                $"{before}{SharedCauses.Named([.. group.Select(each => each.Secret.Name).Distinct(StringComparer.Ordinal)])}: "
                    + $"{SharedCauses.Text(group, each => each.Note, each => new Placeholders(each.Secret))}",
                tone);
    }

    private static IEnumerable<string> Summary(PlanView view)
    {
        var plan = view.Plan;
        var counts = plan.Items.GroupBy(item => HumanText.Label(item.Decision), StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        yield return $"{HumanText.Count(plan.Items.Length, "secret")}{(plan.Items.Length == 0 ? "" : ": ")}{string.Join(", ", counts)}.";

        var calls = plan.ObservationCost + plan.ActionCost;
        yield return $"Calls, observation included: {calls.Bitbucket} of Bitbucket (at most {view.BitbucketCallsPerHour} an hour), "
            + $"{calls.Vault} of vaults{(calls.Backend == 0 ? "" : $", {calls.Backend} of backends")}.";
        if (plan.Backlog is { } backlog)
        {
            yield return $"{HumanText.Count(backlog.Secrets, "secret")} {(backlog.Secrets == 1 ? "waits" : "wait")} for later runs: "
                + $"{HumanText.Count(backlog.Runs, "more run")}, at one an hour the last one at "
                + $"{HumanText.Time(plan.PlannedAt + backlog.Lasts)}. To go on through the hours: secret-rotator rotate --until TIME";
        }

        yield return $"Digest {plan.Digest}";
        if (view.SavedAs is { } path)
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

/// <summary>A plan and what is shown with it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="BitbucketCallsPerHour">The limit of the run.</param>
/// <param name="Sandbox">Set where the plan is of the sandbox.</param>
/// <param name="SavedAs">The file that it was saved as, or null.</param>
internal sealed record PlanView(RotationPlan Plan, int BitbucketCallsPerHour, SandboxNote? Sandbox, string? SavedAs)
{
    /// <summary>What receivers would be told as it is now.</summary>
    public ImmutableArray<AddressedNotification> Notifications { get; init; } = [];
}
