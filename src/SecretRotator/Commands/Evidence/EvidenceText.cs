using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

/// <summary>What evidence is worth, as people read it.</summary>
internal static class EvidenceText
{
    public static void Write(Terminal terminal, EvidenceView view)
    {
        foreach (var (file, signature) in view.Evidence.Files.Zip(view.Signatures))
        {
            terminal.Write(file.Name);
            terminal.WriteLabelled([("", Sentence(file)), .. Run(file), .. Signature(signature)]);
        }

        terminal.WriteLine("");
        foreach (var finding in view.Evidence.Chain)
            terminal.Write(EvidenceView.Sentence(finding), finding.IsFailure ? Tone.Bad : Tone.Quiet);
        terminal.Write(Summary(view));
    }

    /// <summary>A verdict in a sentence or two.</summary>
    public static string Sentence(CheckedFile file) => file.Verdict switch
    {
        EvidenceVerdict.Broken { At: var bad } =>
            $"BROKEN at record {bad.Number} (line {bad.Line}, byte {bad.Offset}): "
                + $"{HumanText.ForPeople(WireNames.Of(bad.Flaw))}. {bad.Why}",
        EvidenceVerdict.Incomplete { LastGood: 0 } => "INCOMPLETE: it has no whole record.",
        EvidenceVerdict.Incomplete cut =>
            $"INCOMPLETE: cut short after record {cut.LastGood}{(cut.IsTorn ? ", in the middle of the next one" : "")}; the "
                + $"closing record is missing.",
        _ => $"Whole: {Records(file.Records)}.",
    };

    private static IEnumerable<(string Label, string Text)> Run(CheckedFile file) => file.Story is { } story
        ? [("", $"Run {story.Run}, {story.Command}, {HumanText.Time(story.StartedAt)}")]
        : [];

    private static IEnumerable<(string Label, string Text)> Signature(SignatureState state) => state switch
    {
        SignatureState.Good => [("", "The signature is good.")],
        SignatureState.Missing => [("", "NOT SIGNED, though the run ended.")],
        SignatureState.Bad bad => [("", $"BAD SIGNATURE. {bad.Why}")],
        SignatureState.Unchecked { IsThere: true } => [("", "It has a signature; --public-key checks it.")],
        _ => [],
    };

    private static string Summary(EvidenceView view)
    {
        var files = view.Evidence.Files;
        var counts = files.GroupBy(file => EvidenceView.Of(file.Verdict), StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        var failures = view.Evidence.Chain.Count(finding => finding.IsFailure);
        var bad = view.Signatures.Count(state => state is SignatureState.Bad or SignatureState.Missing);
        return $"{HumanText.Count(files.Length, "file")}: {string.Join(", ", counts)}."
            + (failures > 0 ? $" {HumanText.Count(failures, "break")} in the chain of runs." : "")
            + (bad > 0 ? $" {HumanText.Count(bad, "signature")} bad or missing." : "");
    }

    private static string Records(long number) => $"{number} {(number == 1 ? "record" : "records")}";
}
