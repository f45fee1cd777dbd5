using NodaTime.Text;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>What runs did, as people read it.</summary>
internal static class RunHistoryView
{
    private const int MostTold = 5;

    private static readonly InstantPattern Second = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd HH':'mm':'ss 'UTC'");
    private static readonly InstantPattern Clock = InstantPattern.CreateWithInvariantCulture("HH':'mm':'ss");

    public static void WriteText(Terminal terminal, IReadOnlyList<CheckedFile> files)
    {
        for (var i = 0; i < files.Count; i++)
        {
            if (i > 0)
                terminal.WriteLine("");
            Write(terminal, files[i]);
        }
    }

    private static void Write(Terminal terminal, CheckedFile file)
    {
        terminal.Write(file.Name);
        if (file.Verdict is not EvidenceVerdict.Whole)
            terminal.Write(
                EvidenceView.Sentence(file)
                    + (file.Verdict is EvidenceVerdict.Broken && file.Story is not null ? " Only the records before it follow." : ""),
                Tone.Bad);
        if (file.Story is not { } story)
            return;
        terminal.WriteLabelled(Header(story));
        terminal.WriteLine("");
        foreach (var secret in story.Secrets)
            Write(terminal, story, secret);
        terminal.Write(
            story.Secrets.IsEmpty
                ? "No secret was decided on."
                : $"{HumanText.Count(story.Secrets.Length, "secret")}: {HumanText.Counts(story.Secrets.Select(Ending))}.");
    }

    private static IEnumerable<(string Label, string Text)> Header(RunHistory story)
    {
        yield return ("Run", $"{story.Run}, {story.Command}");
        yield return ("Asked by", story.By);
        yield return ("Ran as", Holder.Parse(story.Holder)?.ToString() ?? story.Holder);
        yield return ("Began", Second.Format(story.StartedAt));
        yield return ("Ended", story.EndedAt is { } end
            ? $"{Second.Format(end)}, after {Length(end - story.StartedAt)}, with exit code {story.ExitCode}"
            : $"not told; last heard of {Second.Format(story.LastAt)}");
        yield return ("Tool", story.Tool);
        yield return ("Inventory", story.Inventory);
        yield return ("Run before", story.After?.Run.Value ?? "not named");
        foreach (var beside in story.Beside)
            yield return ("Beside it", beside.Run.Value);
        if (story.Stopped is { } stopped)
            yield return ("Stopped", stopped);
    }

    private static void Write(Terminal terminal, RunHistory story, SecretHistory secret)
    {
        terminal.Write($"{secret.Name}: {Ending(secret)}", ToneOf(secret.Outcome));
        var lines = Lines(story, secret).ToList();
        if (lines.Count > 0)
            terminal.WriteLabelled(lines);
    }

    private static IEnumerable<(string Label, string Text)> Lines(RunHistory story, SecretHistory secret)
    {
        if (secret.Decision is { } decision)
            yield return ("Decided", Tell(decision));
        foreach (var rule in secret.Overrides)
            yield return ("In spite", rule);
        foreach (var step in secret.Steps)
            foreach (var line in Lines(step))
                yield return line;
        if (secret.Outcome is not { } outcome)
        {
            if (secret.Steps.Length > 0)
                yield return ("Ended", "not told");
            yield break;
        }

        if (outcome.From is { } from)
            yield return ("From", from);
        if (outcome.To is { } to)
            yield return ("To", outcome.Level is { } level ? $"{to}, {level}" : to);
        if (outcome.Cause is { } cause)
            yield return ("Cause", cause);
        foreach (var left in outcome.NotUndone)
            yield return ("Left", left);
        if (outcome.Because is { } because && because != secret.Decision)
            yield return ("Because", Tell(because));
        if (secret.Steps.Length > 0 && secret.EndedAt is { } end)
            yield return (
                "Ended",
                $"{Clock.Format(end)}, {Length(end - secret.Steps[0].From)} after its first step, {Length(end - story.StartedAt)} after "
                    + "the run's beginning");
    }

    private static IEnumerable<(string Label, string Text)> Lines(StepHistory step)
    {
        var times = step.Begun == 1 && step.Done == 1 ? "" : $" {step.Done} of {step.Begun}";
        var failed = step.Failed > 0 ? $", {step.Failed} failed" : "";
        yield return (Clock.Format(step.From), $"{step.Kind}{times}{failed}, {Length(step.To - step.From)}");
        foreach (var (credential, said) in step.Credentials.Take(MostTold))
            yield return ("", said is null ? credential : $"{credential}: {said}");
        foreach (var (target, why, _) in step.Failures.Take(MostTold))
            yield return ("", "failed: " + string.Join(": ", new[] { target, why }.OfType<string>()));
        if (step.Failed > MostTold)
            yield return ("", $"and {step.Failed - MostTold} more failures");
    }

    private static string Tell(RecordedDecision decision)
    {
        var since = decision.Since is { } from ? $" since {HumanText.Time(from)}" : "";
        var until = decision.Until is { } to ? $" until {HumanText.Time(to)}" : "";
        var text = $"{HumanText.ForPeople(decision.Word)}{since}{until}";
        return decision.Reason is { } reason ? $"{text}: {FailureMessages.Text(FailureMessages.Sentence(reason), decision.Hint)}" : text;
    }

    private static string Ending(SecretHistory secret) => secret.Outcome switch
    {
        null => "not told",
        { Word: "untouched", Because: { } because } => HumanText.ForPeople(because.Word),
        { Word: "needs-operator" } => "NEEDS OPERATOR",
        { Word: "rolled-back", IsCancelled: true } => "stopped",
        { } outcome => HumanText.ForPeople(outcome.Word),
    };

    private static Tone ToneOf(RecordedOutcome? outcome) => outcome?.Word switch
    {
        "rotated" or "redelivered" or "adopted" or "retired" => Tone.Good,
        "untouched" => Tone.Quiet,
        _ => Tone.Bad,
    };

    private static string Length(Duration length) => length < Duration.FromSeconds(10)
        ? $"{Math.Max(0, length.TotalSeconds):0.0} s"
        : HumanText.Stretch(length);
}

/// <summary>What evidence show --output json writes: what runs did.</summary>
internal sealed class RunHistoryJson : ResultJson
{
    private readonly IReadOnlyList<CheckedFile> _files;

    internal RunHistoryJson(IReadOnlyList<CheckedFile> files)
        : base("evidence show", ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict)))) => _files = files;

    public IEnumerable<PastRunJson> Runs => _files.Select(file => new PastRunJson(file));
}

/// <summary>A run, as far as its file can be read.</summary>
internal sealed class PastRunJson : VerdictJson
{
    private readonly RunHistory? _run;

    internal PastRunJson(CheckedFile file)
        : base(file) => _run = file.Story;

    public string? Ran => _run?.Command;
    public string? Tool => _run?.Tool;
    public string? Holder => _run?.Holder;
    public string? By => _run?.By;
    public string? Inventory => _run?.Inventory;
    public string? Plan => _run?.Plan;
    public string? StartedAt => Json.Text(_run?.StartedAt);
    public string? EndedAt => Json.Text(_run?.EndedAt);
    public string? Stopped => _run?.Stopped;
    public RecordedFailure? Failure => _run?.StoppedBy;
    public long? RunExitCode => _run?.ExitCode;
    public IEnumerable<PastSecretJson>? Secrets => _run?.Secrets.Select(secret => new PastSecretJson(secret));
}

/// <summary>What a run did with a secret.</summary>
internal sealed class PastSecretJson
{
    private readonly SecretHistory _secret;
    private readonly RecordedOutcome? _outcome;

    internal PastSecretJson(SecretHistory secret) => (_secret, _outcome) = (secret, secret.Outcome);

    public string Name => _secret.Name;
    public PastDecisionJson? Decided => PastDecisionJson.Of(_secret.Decision);
    public IEnumerable<string>? Overrides => Json.UnlessEmpty(_secret.Overrides);
    public string? Rotation => _secret.Rotation;
    public IEnumerable<PastStepJson> Steps => _secret.Steps.Select(step => new PastStepJson(step));
    public string? Outcome => _outcome?.Word;
    public string? From => _outcome?.From;
    public string? To => _outcome?.To;
    public string? Level => _outcome?.Level;
    public string? Cause => _outcome?.Cause;
    public RecordedFailure? Failure => _outcome?.Failure;
    public bool? Cancelled => _outcome is { Word: "rolled-back" } ? _outcome.IsCancelled : null;
    public IEnumerable<string>? NotUndone => _outcome is null ? null : Json.UnlessEmpty(_outcome.NotUndone);
    public PastDecisionJson? Because => PastDecisionJson.Of(_outcome?.Because);
    public string? EndedAt => Json.Text(_secret.EndedAt);
}

/// <summary>All steps of one kind.</summary>
internal sealed class PastStepJson
{
    private readonly StepHistory _step;

    internal PastStepJson(StepHistory step) => _step = step;

    public string Step => _step.Kind;
    public string From => Json.Text(_step.From);
    public string To => Json.Text(_step.To);
    public long Begun => _step.Begun;
    public long Done => _step.Done;
    public long Failed => _step.Failed;
    public IEnumerable<FailureHistory> Failures => _step.Failures;
    public IEnumerable<CredentialHistory> Credentials => _step.Credentials;
}

/// <summary>A decision that was recorded.</summary>
internal sealed class PastDecisionJson
{
    private readonly RecordedDecision _decision;

    internal PastDecisionJson(RecordedDecision decision) => _decision = decision;

    public string Decision => _decision.Word;
    public string? Why => _decision.Reason;
    public string? Since => Json.Text(_decision.Since);
    public string? Until => Json.Text(_decision.Until);
    public string? Hint => _decision.Hint;
    public RecordedFailure? Failure => _decision.Failure;

    public static PastDecisionJson? Of(RecordedDecision? decision) => decision is null ? null : new(decision);
}
