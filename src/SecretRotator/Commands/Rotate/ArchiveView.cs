using System.Text.Json;
using SecretRotator.EvidenceStorage;
using SecretRotator.Output;
using SecretRotator.Values;

namespace SecretRotator.Commands;

/// <summary>Whether evidence reached its archive, as people and machines read it. A part of a run's view.</summary>
internal static class ArchiveView
{
    /// <summary>Tells people, with the command that stores by hand what is missing.</summary>
    public static void WriteText(Terminal terminal, ArchiveOutcome outcome)
    {
        switch (outcome)
        {
            case ArchiveOutcome.Stored stored:
                foreach (var address in stored.Addresses)
                    terminal.Write(ConsoleLayout.Line($"Evidence: {address}"));
                break;
            case ArchiveOutcome.Missing missing:
                terminal.Write(
                    ConsoleLayout.Line(
                        "The evidence is not in its archive. What was rotated stays rotated.",
                        missing.KeptLocally ? Tone.Attention : Tone.Bad));
                terminal.Write(ConsoleLayout.Labelled(
                [
                    ("Cause", missing.Failure.Message),
                    .. missing.Files.Select((file, index) => (index == 0 ? "Now" : "", $"{file} is on this machine only.")),
                    ("Next", missing.Failure.Hint is { } hint ? $"{hint} Then store it by hand:" : "Store it by hand:"),
                ]));

                // Whole, so that it can be copied.
                foreach (var command in missing.Commands)
                    terminal.WriteLine(PrintableText.Of(command));
                break;
        }
    }

    /// <summary>Writes the member <c>archive</c> of a run's object.</summary>
    public static void WriteJson(Utf8JsonWriter json, ArchiveOutcome outcome)
    {
        json.WriteStartObject("archive");
        switch (outcome)
        {
            case ArchiveOutcome.Stored stored:
                json.WriteBoolean("stored", true);
                Json.WriteTexts(json, "addresses", stored.Addresses);
                break;
            case ArchiveOutcome.Missing missing:
                json.WriteBoolean("stored", false);
                json.WriteString("cause", missing.Failure.Message);
                if (missing.Failure.Hint is { } hint)
                    json.WriteString("hint", hint);
                Json.WriteFailure(json, missing.Failure);
                Json.WriteTexts(json, "files", missing.Files);
                Json.WriteTexts(json, "commands", missing.Commands);
                break;
        }

        json.WriteEndObject();
    }
}
