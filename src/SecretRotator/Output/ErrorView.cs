using System.Collections.Immutable;
using System.Text.Json;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Values;

namespace SecretRotator.Output;

/// <summary>Why a command ended without a result.</summary>
/// <param name="Command">The command.</param>
/// <param name="ExitCode">What the process will answer.</param>
/// <param name="Problems">What is wrong, at least one.</param>
internal sealed record ErrorView(string Command, ExitCode ExitCode, ImmutableArray<Problem> Problems)
{
    /// <summary>Tells people on stderr, and as JSON on stdout as well if that was asked for.</summary>
    public void Write(Terminal terminal, OutputFormat format)
    {
        foreach (var problem in Problems)
        {
            var place = problem.Place is { } at ? at + ": " : "";
            terminal.WriteErrorFolded(
                PrintableText.Of(place + FailureMessages.Text(FailureMessages.Sentence(problem.Message), problem.Hint)));
        }

        if (format == OutputFormat.Json)
            terminal.WriteJson(WriteJson);
    }

    private void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", Command);
        json.WriteNumber("exitCode", (int)ExitCode);
        json.WriteStartArray("problems");
        foreach (var problem in Problems)
        {
            json.WriteStartObject();
            json.WriteString("message", problem.Message);
            if (problem.Hint is { } hint)
                json.WriteString("hint", hint);
            Json.WriteFailure(json, problem.Failure);
            if (problem.File is { } file)
                json.WriteString("file", file);
            if (problem.Line is { } line)
                json.WriteNumber("line", line);
            if (problem.Column is { } column)
                json.WriteNumber("column", column);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
