using System.Text.Json.Serialization;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>What <c>doctor</c> found, as people read it: by area, with what to do about each problem.</summary>
internal static class DoctorView
{
    private const int MarkWidth = 7;

    public static void WriteText(Terminal terminal, DoctorReport report)
    {
        terminal.WriteNote(report.Sandbox);
        foreach (var area in report.Results.GroupBy(result => result.Area))
        {
            terminal.Write(area.Key == CheckArea.PipelineFile ? "Pipeline file" : area.Key.ToString());
            foreach (var alike in SharedCauses.Of(
                area, result => (result.Status, result.Id, In(result, result.Why), In(result, result.Fix))))
                terminal.Write(Told(alike));
            terminal.WriteLine("");
        }

        terminal.Write(Summary(report), ToneOf(Worst(report)));
    }

    // What is wrong with several things in the same way is fixed in the same way: that is said once.
    private static TextTable Told(ImmutableArray<CheckResult> alike)
    {
        var table = ConsoleLayout.Labelled(MarkWidth);
        var seen = SharedCauses.Of(alike, result => (In(result, result.Observed), SubjectOf(result) is null ? result : null));
        foreach (var group in seen.Take(SharedCauses.MostNamed))
            foreach (var (index, text) in Seen(group).Index())
                table.AddRow(
                    new(index == 0 ? WireNames.Of(group[0].Status) : "", ToneOf(group[0].Status)),
                    text);
        if (seen.Length > SharedCauses.MostNamed)
            table.AddRow("", $"and {SharedCauses.More(seen.Length)}");
        if (Shared(alike, result => result.Why) is { } why)
            table.AddRow("", why);
        if (Shared(alike, result => result.Fix) is { } fix)
            table.AddRow("", $"To fix: {fix}");
        return table;
    }

    private static IEnumerable<string> Seen(ImmutableArray<CheckResult> group)
    {
        var place = new Problem("", null, group[0].File, group[0].Line, group[0].Column).Place is { } at ? $"{at}: " : "";
        yield return $"{group[0].Id}: {place}{Shared(group, result => result.Observed)}";
        if (group.Length > 1 && SubjectOf(group[0]) is { } subject)
            yield return $"{HumanText.Count(group.Length, subject.Kind)}: "
                + $"{SharedCauses.Named([.. group.Select(result => SubjectOf(result)!.Value.Name)])}";
    }

    private static string? Shared(ImmutableArray<CheckResult> group, Func<CheckResult, string?> text)
    {
        var first = text(group[0]);
        return first is null || group.All(each => text(each) == first) ? first : In(group[0], first);
    }

    private static string? In(CheckResult result, string? text) => text is null ? null : result switch
    {
        { Secret: { } secret } => new Placeholders(secret).In(text),
        { Scope: { } scope } => new Placeholders(scope).In(text),
        _ => text,
    };

    private static (string Kind, string Name)? SubjectOf(CheckResult result) => result switch
    {
        { Secret: { } secret } => ("secret", secret.Name),
        { Scope: { } scope } => ("scope", scope.ToString()!),
        _ => null,
    };

    private static string Summary(DoctorReport report)
    {
        var counts = new[] { CheckStatus.Fail, CheckStatus.Warn, CheckStatus.Unknown, CheckStatus.Pass }
            .Where(status => report.Count(status) > 0)
            .Select(status => $"{report.Count(status)} {WireNames.Of(status)}");
        return $"{HumanText.Count(report.Results.Length, "answer")}: "
            + $"{string.Join(", ", counts)}.{(report.Offline ? " Nothing was asked over the network." : "")}";
    }

    private static CheckStatus Worst(DoctorReport report) =>
        report.Results.Select(result => result.Status).DefaultIfEmpty(CheckStatus.Pass).Max();

    private static Tone ToneOf(CheckStatus status) => status switch
    {
        CheckStatus.Pass => Tone.Good,
        CheckStatus.Warn => Tone.Attention,
        CheckStatus.Fail => Tone.Bad,
        _ => Tone.Quiet,
    };
}

/// <summary>What doctor --output json and backend test --output json write. docs/doctor.md explains it to people.</summary>
internal sealed class DoctorJson : ResultJson
{
    // Version 1 had other names for "observed" and "fix".
    private const int CurrentVersion = 2;

    private readonly DoctorReport _report;

    internal DoctorJson(DoctorReport report, ExitCode exitCode, string command = "doctor")
        : base(command, exitCode, CurrentVersion) => _report = report;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_report.Sandbox);

    /// <summary>Whether everything that needs the network was left out.</summary>
    public bool Offline => _report.Offline;
    public CheckCountsJson Counts => new(_report);
    public IEnumerable<CheckResultJson> Results => _report.Results.Select(result => new CheckResultJson(result));
}

/// <summary>How many checks have each answer.</summary>
internal sealed class CheckCountsJson
{
    private readonly DoctorReport _report;

    internal CheckCountsJson(DoctorReport report) => _report = report;

    public int Pass => _report.Count(CheckStatus.Pass);
    public int Unknown => _report.Count(CheckStatus.Unknown);
    public int Warn => _report.Count(CheckStatus.Warn);
    public int Fail => _report.Count(CheckStatus.Fail);
}

/// <summary>A check and its answer. Never holds a secret value, a token or a part of one.</summary>
internal sealed class CheckResultJson
{
    private readonly CheckResult _result;

    internal CheckResultJson(CheckResult result) => _result = result;

    public string Area => WireNames.Of(_result.Area);

    /// <summary>A stable word, which docs/doctor.md explains. Several results may have the same.</summary>
    public string Id => _result.Id;
    public string Status => WireNames.Of(_result.Status);

    /// <summary>What was seen, as a sentence.</summary>
    public string Observed => _result.Observed;

    /// <summary>Why it matters.</summary>
    public string? Why => _result.Why;

    /// <summary>The command or setting that fixes it.</summary>
    public string? Fix => _result.Fix;
    public string? File => _result.File;
    public RecordedFailure? Failure => RecordedFailure.Of(_result.Failure);
    public long? Line => _result.Line;
    public long? Column => _result.Column;
}
