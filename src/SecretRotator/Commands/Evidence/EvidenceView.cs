using System.Diagnostics;
using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

/// <summary>Evidence that was checked, and what is shown of it.</summary>
/// <param name="Evidence">The files and their chain.</param>
/// <param name="Signatures">What is known of each file's signature, in the files' order.</param>
internal sealed record EvidenceView(CheckedEvidence Evidence, ImmutableArray<SignatureState> Signatures)
{
    /// <summary>What the process will answer.</summary>
    public ExitCode ExitCode => ExitCodes.Worst(
    [
        .. Evidence.Files.Select(file => ExitCodes.Of(file.Verdict)),
        .. Evidence.Chain.Select(finding => finding.IsFailure ? ExitCode.NeedsOperator : ExitCode.Done),
        .. Signatures.Select(state => state is SignatureState.Bad or SignatureState.Missing ? ExitCode.NeedsOperator : ExitCode.Done),
    ]);

    /// <summary>A verdict's word. Machines read it: it never changes.</summary>
    public static string Of(EvidenceVerdict verdict) => verdict switch
    {
        EvidenceVerdict.Whole => "whole",
        EvidenceVerdict.Incomplete => "incomplete",
        EvidenceVerdict.Broken => "broken",
        _ => throw new UnreachableException("A new verdict needs a word."),
    };

    /// <summary>A signature's word.</summary>
    public static string Of(SignatureState state) => state switch
    {
        SignatureState.Unchecked { IsThere: true } => "not-checked",
        SignatureState.Unchecked or SignatureState.NotDue => "none",
        SignatureState.Good => "good",
        SignatureState.Missing => "missing",
        SignatureState.Bad => "bad",
        _ => throw new UnreachableException("A new state needs a word."),
    };

    /// <summary>A finding's word.</summary>
    public static string Of(ChainFinding finding) => finding switch
    {
        ChainFinding.Missing => "missing-run",
        ChainFinding.Outside => "run-before-not-given",
        ChainFinding.Unnamed => "no-run-before-named",
        ChainFinding.HeadMissing => "end-removed",
        ChainFinding.Overlap => "overlap",
        ChainFinding.PassedOver => "run-passed-over",
        ChainFinding.Twice => "run-twice",
        ChainFinding.Fork => "fork",
        _ => throw new UnreachableException("A new finding needs a word."),
    };

    /// <summary>A finding in a sentence. Texts from files are in it: the caller that shows it makes it printable.</summary>
    public static string Sentence(ChainFinding finding) => finding switch
    {
        ChainFinding.Missing f => $"MISSING: {f.File} names the run {f.Run} before it, and that one was not given.",
        ChainFinding.Outside f => $"{f.File} is the earliest; the run {f.Run}, which it names before it, was not given.",
        ChainFinding.Unnamed { IsEarliest: true } f => $"{f.File} is the earliest and names no run before it.",
        ChainFinding.Unnamed { IsLater: true } f => $"BEGINS ANEW: {f.File} names no run before it, though earlier ones had ended.",
        ChainFinding.Unnamed f => $"{f.File} names no run before it: whether a run is missing there can't be determined.",
        ChainFinding.HeadMissing f => $"CUT: {f.File} names a last record of {f.Before} that isn't in it any more.",
        ChainFinding.Overlap f => $"{f.File} began while {f.Before} was still running.",
        ChainFinding.PassedOver f =>
            $"{(f.IsFailure ? "PASSED OVER: " : "")}{f.File} began after {f.Before} had ended, and neither it nor an earlier run names "
                + "that one.",
        ChainFinding.Twice { AreCopies: true } f =>
            $"The same file of the run {f.Run} was given more than once: {string.Join(", ", f.Files)}.",
        ChainFinding.Twice f => $"TWICE: different files claim to be of the run {f.Run}: {string.Join(", ", f.Files)}.",
        ChainFinding.Fork { AreConcurrent: false } f =>
            $"FORK: these name {f.Run} before them, but didn't run at the same time, so a later one should have named an earlier one: "
                + $"{string.Join(", ", f.Files)}.",
        ChainFinding.Fork f =>
            $"Several runs name {f.Run} before them, as runs do that begin at the same time: {string.Join(", ", f.Files)}.",
        _ => throw new UnreachableException("A new finding needs a sentence."),
    };

    /// <summary>What the evidence is worth.</summary>
    public void WriteText(Terminal terminal)
    {
        foreach (var (file, signature) in Evidence.Files.Zip(Signatures))
        {
            terminal.Write(file.Name);
            terminal.WriteLabelled([("", Sentence(file)), .. Run(file), .. Signature(signature)]);
        }

        terminal.WriteLine("");
        foreach (var finding in Evidence.Chain)
            terminal.Write(Sentence(finding), finding.IsFailure ? Tone.Bad : Tone.Quiet);
        terminal.Write(Summary());
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
        _ => $"Whole: {file.Records} {(file.Records == 1 ? "record" : "records")}.",
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

    private string Summary()
    {
        var files = Evidence.Files;
        var failures = Evidence.Chain.Count(finding => finding.IsFailure);
        var bad = Signatures.Count(state => state is SignatureState.Bad or SignatureState.Missing);
        return $"{HumanText.Count(files.Length, "file")}: {HumanText.Counts(files.Select(file => Of(file.Verdict)))}."
            + (failures > 0 ? $" {HumanText.Count(failures, "break")} in the chain of runs." : "")
            + (bad > 0 ? $" {HumanText.Count(bad, "signature")} bad or missing." : "");
    }
}

/// <summary>What evidence verify --output json writes. docs/evidence.md explains it to people.</summary>
internal sealed class EvidenceJson : ResultJson
{
    private readonly EvidenceView _view;

    internal EvidenceJson(EvidenceView view)
        : base("evidence verify", view.ExitCode) => _view = view;

    public IEnumerable<EvidenceFileJson> Files =>
        _view.Evidence.Files.Zip(_view.Signatures, (file, signature) => new EvidenceFileJson(file, signature));
    public IEnumerable<ChainFindingJson> Chain => _view.Evidence.Chain.Select(finding => new ChainFindingJson(finding));
}

/// <summary>A file's verdict with the place of the first bad record, and where its run is in the chain.</summary>
internal abstract class VerdictJson(CheckedFile file)
{
    [JsonPropertyOrder(-1)] public string File => file.Name;
    [JsonPropertyOrder(-1)] public string Verdict => EvidenceView.Of(file.Verdict);
    [JsonPropertyOrder(-1)] public long Records => file.Records;
    [JsonPropertyOrder(-1)] public BadRecordJson? FirstBad => file.Verdict is EvidenceVerdict.Broken { At: var bad } ? new(bad) : null;
    [JsonPropertyOrder(-1)] public string? Run => file.Story?.Run.Value;
    [JsonPropertyOrder(-1)] public string? After => file.Story?.After?.Run.Value;
    [JsonPropertyOrder(-1)]
    public IEnumerable<string>? Beside =>
        file.Story is { Beside.IsEmpty: false } story ? story.Beside.Select(each => each.Run.Value) : null;
}

/// <summary>A file that was checked.</summary>
internal sealed class EvidenceFileJson : VerdictJson
{
    private readonly SignatureState _signature;

    internal EvidenceFileJson(CheckedFile file, SignatureState signature)
        : base(file) => (Sha256, _signature) = (file.Content, signature);

    public string Sha256 { get; }
    public string Signature => EvidenceView.Of(_signature);
    public string? SignatureFault => (_signature as SignatureState.Bad)?.Why;
}

/// <summary>The first bad record of a file.</summary>
internal sealed class BadRecordJson
{
    private readonly BadRecord _bad;

    internal BadRecordJson(BadRecord bad) => _bad = bad;

    public long Record => _bad.Number;
    public long Line => _bad.Line;
    public long Offset => _bad.Offset;
    public string Flaw => WireNames.Of(_bad.Flaw);
    public string Why => _bad.Why;
}

/// <summary>What is to say of all runs together.</summary>
internal sealed class ChainFindingJson
{
    private readonly ChainFinding _finding;

    internal ChainFindingJson(ChainFinding finding) => _finding = finding;

    public string Finding => EvidenceView.Of(_finding);
    public bool Failure => _finding.IsFailure;
    public string What => EvidenceView.Sentence(_finding);
}
