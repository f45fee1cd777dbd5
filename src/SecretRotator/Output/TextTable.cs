namespace SecretRotator.Output;

/// <summary>
/// Cells in columns, laid out row by row: a table of 10,000 rows takes little more memory than its text. A cell that
/// doesn't fit its column is folded, but never within what <see cref="WholePieces"/> keeps together.
/// </summary>
/// <param name="ruled">Whether the columns have headings with a rule below them, and an empty line above and below the whole.</param>
/// <param name="columns">The columns.</param>
internal sealed class TextTable(bool ruled, params ImmutableArray<TextColumn> columns)
{
    private readonly List<ImmutableArray<TextCell>> _rows = [];

    /// <summary>Adds a row, which has a cell for each column.</summary>
    public void AddRow(params ImmutableArray<TextCell> cells) => _rows.Add(cells);

    /// <summary>Writes all rows.</summary>
    public void WriteTo(LineWriter lines)
    {
        // A ruled table has a space before its first column, between columns and after its last one.
        var gaps = columns.Sum(column => column.Before + column.After) + (ruled ? columns.Length + 1 : 0);
        var widths = Widths(Math.Max(0, lines.Width - gaps));
        if (ruled)
        {
            lines.Append(' ', widths.Sum() + gaps).End();
            WriteRow([.. columns.Select(column => new TextCell(column.Heading))], widths, lines);
            if (_rows.Count > 0)
                lines.Append('─', widths.Sum() + gaps).End();
        }

        foreach (var row in _rows)
            WriteRow(row, widths, lines);
        if (ruled)
            lines.Append(' ', widths.Sum() + gaps).End();
    }

    // Every column as wide as its widest cell. Where that is too wide, the widest of those that fold gives way, and
    // where none of them can any more, all columns do, evenly.
    private int[] Widths(int room)
    {
        var widths = columns.Select(column => column.Width ?? column.Heading.Length).ToArray();
        foreach (var row in _rows)
            for (var i = 0; i < widths.Length; i++)
                if (columns[i].Width is null)
                    widths[i] = Math.Max(widths[i], Math.Min(CellWidth.Of(row[i].Text), room));

        var excess = widths.Sum() - room;
        if (excess <= 0)
            return widths;

        // Without rules nothing stands right of what can't be cut: it may be wider than the terminal.
        var least = ruled ? LeastWidths(room) : new int[columns.Length];
        for (; excess > 0 && WidestThatFolds(widths, least) is { } widest; excess--)
            widths[widest]--;
        for (var i = widths.Length - 1; excess > 0; i = i > 0 ? i - 1 : widths.Length - 1)
        {
            if (widths[i] == 0)
                continue;
            widths[i]--;
            excess--;
        }

        return widths;
    }

    // What can't be cut keeps its column as wide as itself, where the terminal is.
    private int[] LeastWidths(int room)
    {
        var least = new int[columns.Length];
        foreach (var row in _rows)
            for (var i = 0; i < least.Length; i++)
                if (columns[i].Folds && columns[i].Width is null)
                    least[i] = Math.Max(least[i], Math.Min(WordWrap.LeastWidth(row[i].Text), room));
        return least;
    }

    private int? WidestThatFolds(int[] widths, int[] least)
    {
        int? widest = null;
        for (var i = 0; i < widths.Length; i++)
            if (columns[i].Folds && widths[i] > Math.Max(1, least[i]) && (widest is null || widths[i] >= widths[widest.Value]))
                widest = i;
        return widest;
    }

    private void WriteRow(ImmutableArray<TextCell> cells, int[] widths, LineWriter lines)
    {
        var folded = new string[widths.Length][];
        for (var i = 0; i < widths.Length; i++)
            folded[i] = Lines(cells[i].Text, widths[i]);
        for (var at = 0; at == 0 || folded.Any(texts => at < texts.Length); at++)
        {
            lines.Append(' ', ruled ? 1 : 0);
            for (var i = 0; i < widths.Length; i++)
            {
                var text = at < folded[i].Length ? folded[i][at] : "";
                lines.Append(' ', columns[i].Before).Append(text, cells[i].Tone)
                    .Append(' ', Math.Max(0, widths[i] - CellWidth.Of(text)) + columns[i].After + (ruled ? 1 : 0));
            }

            lines.End();
        }
    }

    private static string[] Lines(string text, int width) =>
        CellWidth.Of(text) <= width ? [text] : width == 0 ? [] : [.. WordWrap.Lines(text, width)];
}

/// <summary>A column of a table.</summary>
/// <param name="Heading">The text above it; empty where the table has no headings.</param>
internal sealed record TextColumn(string Heading)
{
    /// <summary>Whether it gives way where the table is too wide for the terminal.</summary>
    public bool Folds { get; init; } = true;

    /// <summary>How wide it is, in terminal columns, unless it has to give way; null for as wide as its widest cell.</summary>
    public int? Width { get; init; }

    /// <summary>Spaces before it.</summary>
    public int Before { get; init; }

    /// <summary>Spaces after it.</summary>
    public int After { get; init; }
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">Its text, from anywhere.</param>
/// <param name="Tone">Its colour, where there is colour.</param>
internal readonly record struct TextCell(string Text, Tone Tone = Tone.Plain)
{
    /// <summary>Its text, on one line and printable.</summary>
    public string Text { get; } = PrintableText.Of(Text);

    public static implicit operator TextCell(string text) => new(text);
}
