using System.Globalization;
using SecretRotator.Planning;

namespace SecretRotator.Output;

/// <summary>A plan as people read it.</summary>
internal static class PlanText
{
    public static void Write(Terminal terminal, PlanView view)
    {
        var plan = view.Plan;
        if (view.Sandbox is { } sandbox)
            terminal.Write(Shapes.Line(sandbox.ToString(), Tone.Quiet));

        var table = Shapes.Table(
            Shapes.Names(plan.Items.Select(item => item.Secret.Name)), Shapes.Whole("Decision"), Shapes.Folding("Why"), Shapes.Whole("Calls"));
        foreach (var item in plan.Items)
            table.AddRow(
                Shapes.Cell(item.Secret.Name),
                Shapes.Cell(Phrases.Label(item.Decision), ToneOf(item.Decision)),
                Shapes.Cell(Phrases.Why(item.Decision, plan.PlannedAt)),
                Shapes.Cell(Calls(item.Cost)));
        terminal.Write(table);

        foreach (var item in plan.Items)
            foreach (var warning in item.Warnings)
                terminal.Write(Shapes.Line($"Warning: {item.Secret.Name}: {warning}", Tone.Attention));
        foreach (var item in plan.Items.Where(item => item.InFlight is not null))
            foreach (var line in InFlightView.Lines(item.InFlight!, plan.PlannedAt))
                terminal.Write(Shapes.Line($"{item.Secret.Name}: {line}", Tone.Quiet));
        foreach (var item in plan.Items.Where(item => item.Hold is not null))
            terminal.Write(Shapes.Line($"{item.Secret.Name}: {HoldView.Line(item.Hold!, plan.PlannedAt)}", Tone.Quiet));
        foreach (var line in Summary(view))
            terminal.Write(Shapes.Line(line));
    }

    private static IEnumerable<string> Summary(PlanView view)
    {
        var plan = view.Plan;
        var counts = plan.Items.GroupBy(item => Phrases.Label(item.Decision), StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"));
        yield return $"{Phrases.Count(plan.Items.Length, "secret")}{(plan.Items.Length == 0 ? "" : ": ")}{string.Join(", ", counts)}.";

        var bitbucket = plan.ObservationCost.Bitbucket + plan.ActionCost.Bitbucket;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Calls, observation included: {bitbucket} of Bitbucket (at most {view.BitbucketCallsPerHour} an hour), {plan.ObservationCost.Vault + plan.ActionCost.Vault} of vaults.");
        yield return $"Digest {plan.Digest}";
        if (view.SavedAs is { } path)
            yield return $"Saved as {path}. To act on exactly this plan: secret-rotator rotate --plan {path}";
    }

    private static string Calls(CallCost cost) =>
        cost == default ? "-" : string.Create(CultureInfo.InvariantCulture, $"{cost.Bitbucket} + {cost.Vault}");

    private static Tone ToneOf(Decision decision) => decision switch
    {
        Decision.Blocked or Decision.Adopt { Approved: false } => Tone.Bad,
        Decision.NotDue or Decision.Waiting => Tone.Quiet,
        _ => Tone.Attention,
    };
}

/// <summary>A plan and what is told with it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="BitbucketCallsPerHour">The inventory's limit.</param>
/// <param name="Sandbox">Set where the plan is of the sandbox.</param>
/// <param name="SavedAs">The file that it was saved as, or null.</param>
internal sealed record PlanView(RotationPlan Plan, int BitbucketCallsPerHour, SandboxNote? Sandbox, string? SavedAs);
