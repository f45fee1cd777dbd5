using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>The documents that make a cloud trust the pipeline, for people or for machines.</summary>
/// <param name="Kind">Which cloud, in which form.</param>
/// <param name="Set">The documents.</param>
/// <param name="Folder">Where they were written, or null where they are to be shown.</param>
internal sealed record TrustView(string Kind, TrustSet Set, string? Folder)
{
    /// <summary>Those that were there and were left alone, because something of the new ones isn't known.</summary>
    public ImmutableArray<TrustDocument> Kept { get; init; } = [];

    // The command as it works here.
    private string Use(TrustDocument document) => Folder is null
        ? document.Use
        : document.Use.Replace(document.File, Path.Combine(Folder, document.File), StringComparison.Ordinal);

    /// <summary>Shows them as they are, to be copied: nothing in them is folded. What surrounds them follows a <c>#</c>.</summary>
    public void WriteText(Terminal terminal)
    {
        foreach (var document in Set.Documents)
        {
            terminal.WriteLine($"# {document.Title}");
            terminal.WriteLine($"# {Use(document)}");
            terminal.WriteLine(Folder is null ? document.Content : $"{Path.Combine(Folder, document.File)}\n");
            if (Kept.Contains(document))
                Note(terminal,
                    $"{document.File} was there, and stays as it is. To renew it: {string.Join(' ', Set.MissingIn(document))}\n");
        }

        foreach (var note in Set.Notes)
            Note(terminal, note);
    }

    private static void Note(Terminal terminal, string text)
    {
        foreach (var (index, line) in WordWrap.Lines(text, terminal.Width - 4, hanging: 0).Index())
            terminal.WriteLine(index == 0 ? $"# - {line}" : $"#   {line}");
    }
}

/// <summary>What doctor trust --output json writes.</summary>
internal sealed class TrustJson
{
    private readonly TrustView _view;

    internal TrustJson(TrustView view) => _view = view;

    public int Version { get; } = Json.Version;
    public string Command { get; } = "doctor trust";
    public string For => _view.Kind;
    public IEnumerable<TrustDocument> Documents => _view.Set.Documents;
    public IEnumerable<string> Kept => _view.Kept.Select(document => document.File);
    public IEnumerable<string> Notes => _view.Set.Notes;
}
