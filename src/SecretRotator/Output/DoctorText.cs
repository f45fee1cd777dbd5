using SecretRotator.Doctor;
using Spectre.Console;

namespace SecretRotator.Output;

/// <summary>What <c>doctor</c> found, as people read it: by area, with what to do about everything that isn't well.</summary>
internal static class DoctorText
{
    private const int MarkWidth = 7;

    public static void Write(Terminal terminal, Examination examination)
    {
        if (examination.Sandbox is { } sandbox)
            terminal.Write(Shapes.Line(sandbox.ToString(), Tone.Quiet));
        foreach (var area in examination.Results.GroupBy(result => result.Area))
        {
            terminal.Write(Shapes.Line(CheckWords.Heading(area.Key)));
            foreach (var result in area)
                terminal.Write(Told(result));
            terminal.WriteLine("");
        }

        terminal.Write(Shapes.Line(Summary(examination), ToneOf(Worst(examination))));
    }

    private static Grid Told(CheckResult result)
    {
        var grid = new Grid { Expand = false };
        grid.AddColumn(new GridColumn { NoWrap = true, Width = MarkWidth, Padding = new Padding(2, 0, 1, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        var place = new Problem("", null, result.File, result.Line, result.Column).Place is { } at ? $"{at}: " : "";
        grid.AddRow(Shapes.Cell(CheckWords.Of(result.Status), ToneOf(result.Status)), Shapes.Cell($"{result.Id}: {place}{result.Saw}"));
        if (result.Why is { } why)
            grid.AddRow(Shapes.Cell(""), Shapes.Cell(why));
        if (result.Mend is { } mend)
            grid.AddRow(Shapes.Cell(""), Shapes.Cell($"To mend: {mend}"));
        return grid;
    }

    private static string Summary(Examination examination)
    {
        var counts = new[] { CheckStatus.Fail, CheckStatus.Warn, CheckStatus.Unknown, CheckStatus.Pass }
            .Where(status => examination.Count(status) > 0)
            .Select(status => $"{examination.Count(status)} {CheckWords.Of(status)}");
        return $"{Phrases.Count(examination.Results.Length, "answer")}: {string.Join(", ", counts)}.{(examination.Offline ? " Nothing was asked over the network." : "")}";
    }

    private static CheckStatus Worst(Examination examination) => examination.Results.Select(result => result.Status).DefaultIfEmpty(CheckStatus.Pass).Max();

    private static Tone ToneOf(CheckStatus status) => status switch
    {
        CheckStatus.Pass => Tone.Good,
        CheckStatus.Warn => Tone.Attention,
        CheckStatus.Fail => Tone.Bad,
        _ => Tone.Quiet,
    };
}
