using SecretRotator.Doctor;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>What <c>doctor</c> found, as people read it: by area, with what to do about each problem.</summary>
internal static class DoctorText
{
    private const int MarkWidth = 7;

    public static void Write(Terminal terminal, DoctorReport report)
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
            foreach (var (text, index) in Seen(group).Select((text, index) => (text, index)))
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
