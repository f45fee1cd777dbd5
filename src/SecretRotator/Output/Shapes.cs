using SecretRotator.Values;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SecretRotator.Output;

/// <summary>The few shapes that all text views are made of.</summary>
internal static class Shapes
{
    private const int LeastNameWidth = 6;
    private const int MostNameWidth = 20;

    private static readonly Padding Gap = new(0, 0, 2, 0);

    /// <summary>A table with plain rules: readable in a log as on a screen. Its first column is a secret's name.</summary>
    public static Table Table(params ReadOnlySpan<TableColumn> columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
            table.AddColumn(column);
        return table;
    }

    /// <summary>The column of names: as wide as they are, within bounds.</summary>
    public static TableColumn Names(IEnumerable<string> names) => new(new Text("Secret"))
    {
        Padding = Gap,
        Width = Math.Clamp(names.Select(name => PrintableText.Of(name).Length).DefaultIfEmpty(0).Max(), LeastNameWidth, MostNameWidth),
    };

    /// <summary>A column that is folded where it doesn't fit.</summary>
    public static TableColumn Folding(string heading) => new(new Text(heading)) { Padding = Gap };

    /// <summary>A column of words and numbers that stay whole.</summary>
    public static TableColumn Whole(string heading) => new(new Text(heading)) { Padding = Gap, NoWrap = true };

    /// <summary>Indented lines of a label and its text, such as cause, state and next step.</summary>
    public static Grid Labelled(IEnumerable<(string Label, string Text)> lines)
    {
        var grid = new Grid { Expand = false };
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(2, 0, 1, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (label, text) in lines)
            grid.AddRow(Cell(label), Cell(text));
        return grid;
    }

    /// <summary>A cell with text from anywhere.</summary>
    public static Text Cell(string text, Tone tone = Tone.Plain) => new(PrintableText.Of(text), StyleOf(tone));

    /// <summary>A line of running text.</summary>
    public static IRenderable Line(string text, Tone tone = Tone.Plain) => new Rows(Cell(text, tone));

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Attention => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red),
        Tone.Quiet => new Style(Color.Grey),
        _ => Style.Plain,
    };
}

/// <summary>What colour a text has, where there is colour. The words say the same.</summary>
internal enum Tone
{
    /// <summary>No colour.</summary>
    Plain,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Attention,

    /// <summary>Wrong.</summary>
    Bad,

    /// <summary>Of little interest.</summary>
    Quiet,
}
