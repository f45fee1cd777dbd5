using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;

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
                    terminal.Write($"Evidence: {address}");
                break;
            case ArchiveOutcome.Missing missing:
                terminal.Write(
                    "The evidence is not in its archive. What was rotated stays rotated.",
                    missing.KeptLocally ? Tone.Attention : Tone.Bad);
                terminal.WriteLabelled(
                [
                    ("Cause", missing.Failure.Message),
                    .. missing.Files.Select((file, index) => (index == 0 ? "Now" : "", $"{file} is on this machine only.")),
                    ("Next", missing.Failure.Hint is { } hint ? $"{hint} Then store it by hand:" : "Store it by hand:"),
                ]);

                // Whole, so that it can be copied.
                foreach (var command in missing.Commands)
                    terminal.WriteLine(PrintableText.Of(command));
                break;
        }
    }
}

/// <summary>Whether evidence reached its archive.</summary>
internal sealed class ArchiveJson
{
    private readonly ArchiveOutcome.Stored? _stored;
    private readonly ArchiveOutcome.Missing? _missing;

    internal ArchiveJson(ArchiveOutcome outcome) =>
        (_stored, _missing) = (outcome as ArchiveOutcome.Stored, outcome as ArchiveOutcome.Missing);

    public bool Stored => _stored is not null;
    public IEnumerable<string>? Addresses => _stored?.Addresses;
    public string? Cause => _missing?.Failure.Message;
    public string? Hint => _missing?.Failure.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_missing?.Failure);
    public IEnumerable<string>? Files => _missing?.Files;
    public IEnumerable<string>? Commands => _missing?.Commands;
}
