using System.Diagnostics;
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
}
