using SecretRotator.Audit;
using SecretRotator.Planning;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>How the secrets are doing, as people read it: counts, what needs a person, what comes next.</summary>
internal static class StatusText
{
    // A screen has 24 lines.
    private const int MostFindings = 10;
    private const int MostEvents = 8;
    private const int MostNamed = 5;
    private const string Now = "now";

    public static void Write(Terminal terminal, StatusView view)
    {
        var report = view.Report;
        terminal.WriteNote(view.Sandbox);
        terminal.Write(Counts(report));
        var findings = SharedFindings.Of(report.Secrets.Select(status => status.Item.Secret), report.Findings);
        terminal.Write(
            findings.IsEmpty ? "Nothing needs a person." : "Needs a person:", findings.IsEmpty ? Tone.Good : Tone.Bad);
        foreach (var shared in findings.Take(MostFindings))
            terminal.WriteLabelled(
            [
                ("-", $"{About(shared)} ({HumanText.ForPeople(shared.Rule.Id)}): {shared.What}"),
                ("", shared.Hint),
                .. shared.Findings.Length == 1 ? [] : new[] { ("", Named(shared.Findings.Select(SharedFindings.Place))) },
            ]);
        if (findings.Length > MostFindings)
            terminal.WriteLabelled([("-", $"and {findings.Length - MostFindings} more causes: --output json names all")]);
        WriteNext(terminal, report);
    }

    private static string Counts(StatusReport report)
    {
        var states = report.Secrets.CountBy(status => status.IsClaimed ? "being rotated" : HumanText.ForPeople(WireNames.Of(status.State)))
            .Select(label => $"{label.Value} {label.Key}");
        var overdue = report.Secrets.Where(status => status.Freshness == AgeVerdict.Overdue).ToList();
        var held = report.Secrets.Count(status => status.Item.Hold is not null);
        return $"{HumanText.Count(report.Secrets.Length, "secret")}{(report.Secrets.IsEmpty ? "" : ": ")}{string.Join(", ", states)}"
            + (held == 0 ? "" : $"; {held} held")
            + (overdue.Count == 0
                ? "."
                : $"; {overdue.Count} overdue, the longest for {HumanText.Stretch(report.At - overdue.Min(status => status.DueAt!.Value))}.");
    }

    // Without a secret it is about the Bitbucket credential.
    private static string About(SharedFindings shared) => shared.Findings.Length > 1
        ? HumanText.Count(shared.Findings.Length, "secret")
        : shared.Findings[0].Secret ?? "Bitbucket";

    private static string Named(IEnumerable<string> names) => SharedCauses.Named([.. names], MostNamed);

    private static void WriteNext(Terminal terminal, StatusReport report)
    {
        var events = report.Secrets.SelectMany(status => EventsOf(status).Select(next => (next.At, next.What, status.Item.Secret.Name)))
            .GroupBy(next => (When: When(next.At, report.At), next.What))
            .OrderBy(group => group.Key.When != Now).ThenBy(group => group.Key.When, StringComparer.Ordinal).ToList();
        if (events.Count == 0)
            return;
        terminal.Write("Next:");
        terminal.WriteLabelled(events.Take(MostEvents).Select(group => (
            group.Key.When,
            $"{group.Key.What}: {Named(group.Select(next => next.Name))}")));
        if (events.Count > MostEvents)
            terminal.Write($"And {events.Count - MostEvents} more. Each secret with its reason: secret-rotator plan", Tone.Quiet);
    }

    private static string When(Instant? at, Instant now) => at is { } known && known > now ? HumanText.Time(known) : Now;

    // What nothing but time changes: the rest needs a person, and is told above.
    private static IEnumerable<(Instant? At, string What)> EventsOf(SecretStatus status)
    {
        var (decision, hold, grace) = (status.Item.Decision, status.Item.Hold, status.Item.InFlight?.Grace);
        if (hold is not null)
            yield return (hold.Until, $"held until then by {(hold.ByRollback ? "a rollback" : "the inventory")}, {hold.Reason}");
        if (grace is { OverBecause: null })
            yield return (grace.Until, "the old version ends");
        switch (decision)
        {
            case Decision.Blocked blocked when status.IsClaimed:
                yield return (null, blocked.Why);
                break;
            case Decision.Unfinished:
                yield return (null, "an open rotation, which the next run finishes or undoes");
                break;
            case Decision.Redeliver:
                yield return (null, "to be delivered again");
                break;
            case Decision.Retire:
                yield return (null, "an old version to be retired");
                break;
            case Decision.Due or Decision.Forced:
                yield return (null, "due");
                break;
            case Decision.NotDue notDue:
                yield return (notDue.Until, "becomes due");
                break;
            case Decision.Waiting { Until: { } until } when hold is null:
                yield return (until, "due, and may rotate");
                break;
            case Decision.Waiting { Until: null } when status.State == AuditState.Waiting && status.Item.Secret.Value
                is not Inventory.ValuePolicy.External:
                yield return (null, "due, and left to a later run");
                break;
        }
    }
}

/// <summary>How the secrets are doing, and what is shown with it.</summary>
/// <param name="Report">How they are doing.</param>
/// <param name="Sandbox">Set where the sandbox was looked at.</param>
internal sealed record StatusView(StatusReport Report, SandboxNote? Sandbox);
