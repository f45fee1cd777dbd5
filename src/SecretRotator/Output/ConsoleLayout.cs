namespace SecretRotator.Output;

/// <summary>The few shapes that all text views are made of.</summary>
internal static class ConsoleLayout
{
    private const int LeastNameWidth = 6;
    private const int MostNameWidth = 20;

    private const int Gap = 2;

    /// <summary>A table with plain rules: readable in a log as on a screen. Its first column is a secret's name.</summary>
    public static TextTable Table(params ImmutableArray<TextColumn> columns) => new(ruled: true, columns);

    /// <summary>The column of names: as wide as they are, within bounds.</summary>
    public static TextColumn Names(IEnumerable<string> names) => new("Secret")
    {
        After = Gap,
        Width = Math.Clamp(names.Select(name => PrintableText.Of(name).Length).DefaultIfEmpty(0).Max(), LeastNameWidth, MostNameWidth),
    };

    /// <summary>A column that is folded where it doesn't fit.</summary>
    public static TextColumn Folding(string heading) => new(heading) { After = Gap };

    /// <summary>A column of words and numbers that stay whole.</summary>
    public static TextColumn Whole(string heading) => new(heading) { After = Gap, Folds = false };

    /// <summary>Rows of a label and its text, to be added.</summary>
    /// <param name="width">How wide labels are; null for as wide as the widest.</param>
    public static TextTable Labelled(int? width = null) => new(
        ruled: false, new TextColumn("") { Folds = false, Width = width, Before = 2, After = 1 }, new TextColumn(""));
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
