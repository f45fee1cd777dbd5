using SecretRotator.Doctor;

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
            foreach (var alike in area.GroupBy(result => (result.Status, result.Id, result.Why, result.Mend)))
                terminal.Write(Told([.. alike]));
            terminal.WriteLine("");
        }

        terminal.Write(Shapes.Line(Summary(examination), ToneOf(Worst(examination))));
    }

    // What is wrong with several things in the same way is mended in the same way: that is said once.
    private static TextTable Told(IReadOnlyList<CheckResult> alike)
    {
        var table = Shapes.Labelled(MarkWidth);
        foreach (var result in alike)
        {
            var place = new Problem("", null, result.File, result.Line, result.Column).Place is { } at ? $"{at}: " : "";
            table.AddRow(
                Shapes.Cell(CheckWords.Of(result.Status), ToneOf(result.Status)), Shapes.Cell($"{result.Id}: {place}{result.Saw}"));
        }

        if (alike[0].Why is { } why)
            table.AddRow(Shapes.Cell(""), Shapes.Cell(why));
        if (alike[0].Mend is { } mend)
            table.AddRow(Shapes.Cell(""), Shapes.Cell($"To mend: {mend}"));
        return table;
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
