using System.Text.Json.Serialization;
using SecretRotator.Audit;
using SecretRotator.Planning;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>How the secrets are doing, and what is shown with it.</summary>
/// <param name="Report">How they are doing.</param>
/// <param name="Sandbox">Set where the sandbox was looked at.</param>
internal sealed record StatusView(StatusReport Report, SandboxNote? Sandbox)
{
    // A screen has 24 lines.
    private const int MostFindings = 10;
    private const int MostEvents = 8;
    private const int MostNamed = 5;
    private const string Now = "now";

    /// <summary>Counts, what needs a person, what comes next.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        terminal.Write(Counts());
        var findings = SharedFindings.Of(Report.Secrets.Select(status => status.Item.Secret), Report.Findings);
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
        WriteNext(terminal);
    }

    private string Counts()
    {
        var states = HumanText.Counts(Report.Secrets.Select(
            status => status.IsClaimed ? "being rotated" : HumanText.ForPeople(WireNames.Of(status.State))));
        var overdue = Report.Secrets.Where(status => status.Freshness == AgeVerdict.Overdue).ToList();
        var held = Report.Secrets.Count(status => status.Item.Hold is not null);
        return $"{HumanText.Count(Report.Secrets.Length, "secret")}{(Report.Secrets.IsEmpty ? "" : ": ")}{states}"
            + (held == 0 ? "" : $"; {held} held")
            + (overdue.Count == 0
                ? "."
                : $"; {overdue.Count} overdue, the longest for "
                    + $"{HumanText.Stretch(Report.At - overdue.Min(status => status.DueAt!.Value))}.");
    }

    // Without a secret it is about the Bitbucket credential.
    private static string About(SharedFindings shared) => shared.Findings.Length > 1
        ? HumanText.Count(shared.Findings.Length, "secret")
        : shared.Findings[0].Secret ?? "Bitbucket";

    private static string Named(IEnumerable<string> names) => SharedCauses.Named([.. names], MostNamed);

    private void WriteNext(Terminal terminal)
    {
        var events = Report.Secrets.SelectMany(status => EventsOf(status).Select(next => (next.At, next.What, status.Item.Secret.Name)))
            .GroupBy(next => (When: When(next.At, Report.At), next.What))
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
        (Instant? At, string What)? next = decision switch
        {
            Decision.Blocked blocked when status.IsClaimed => (null, blocked.Why),
            Decision.Unfinished => (null, "an open rotation, which the next run finishes or undoes"),
            Decision.Redeliver => (null, "to be delivered again"),
            Decision.Retire => (null, "an old version to be retired"),
            Decision.Due or Decision.Forced => (null, "due"),
            Decision.NotDue notDue => (notDue.Until, "becomes due"),
            Decision.Waiting { Until: { } until } when hold is null => (until, "due, and may rotate"),
            Decision.Waiting { Until: null } when status.State == AuditState.Waiting
                && status.Item.Secret.Value is not ValuePolicy.External => (null, "due, and left to a later run"),
            _ => null,
        };
        if (next is { } known)
            yield return known;
    }
}

/// <summary>What status --output json writes. docs/json.md explains it to people.</summary>
internal sealed class StatusJson : ResultJson
{
    private readonly StatusView _view;

    internal StatusJson(StatusView view, ExitCode exitCode)
        : base("status", exitCode) => _view = view;

    /// <summary>Null, or that it is of the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string At => Json.Text(_view.Report.At);

    /// <summary>How many secrets are in each state; a state that none is in is left out.</summary>
    public IReadOnlyDictionary<string, int> States => JsonReport.Counted(_view.Report.States);

    /// <summary>What needs a person.</summary>
    public IEnumerable<FindingJson> Findings => _view.Report.Findings.Select(finding => new FindingJson(finding));
    public IEnumerable<SecretStatusJson> Secrets => _view.Report.Secrets.Select(secret => new SecretStatusJson(secret));
}

/// <summary>How a secret is doing.</summary>
internal sealed class SecretStatusJson : PlannedSecretJson
{
    private readonly SecretStatus _status;

    internal SecretStatusJson(SecretStatus status)
        : base(status.Item) => _status = status;

    public string State => WireNames.Of(_status.State);
    public string Freshness => WireNames.Of(_status.Freshness);
    public string? DueAt => Json.Text(_status.DueAt);
}
