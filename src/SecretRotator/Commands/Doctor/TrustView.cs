using SecretRotator.Output;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>The documents that make a cloud trust the pipeline, for people or for machines.</summary>
/// <param name="Kind">Which cloud, in which form.</param>
/// <param name="Set">The documents.</param>
/// <param name="Folder">Where they were written, or null where they are to be shown.</param>
internal sealed record TrustView(string Kind, TrustSet Set, string? Folder)
{
    /// <summary>Shows them as they are, to be copied: nothing in them is folded. What surrounds them follows a <c>#</c>.</summary>
    public void WriteText(Terminal terminal)
    {
        foreach (var document in Set.Documents)
        {
            terminal.WriteLine($"# {document.Title}");
            terminal.WriteLine($"# {document.Use}");
            terminal.WriteLine(Folder is null ? document.Content : $"{Path.Combine(Folder, document.File)}\n");
        }

        foreach (var note in Set.Notes)
            foreach (var (line, index) in WordWrap.Lines(note, terminal.Width - 4, hanging: 0).Select((line, index) => (line, index)))
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
    public IEnumerable<string> Notes => _view.Set.Notes;
}
