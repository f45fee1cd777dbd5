using System.Text.Json;
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

    /// <summary>Writes all of it as one object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "doctor trust");
        json.WriteString("for", Kind);
        json.WriteStartArray("documents");
        foreach (var document in Set.Documents)
        {
            json.WriteStartObject();
            json.WriteString("file", document.File);
            json.WriteString("title", document.Title);
            json.WriteString("use", document.Use);
            json.WriteString("content", document.Content);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (var note in Set.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
