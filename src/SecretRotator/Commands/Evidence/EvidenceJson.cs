using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

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
internal abstract class VerdictJson
{
    private readonly CheckedFile _file;

    private protected VerdictJson(CheckedFile file) => _file = file;

    [JsonPropertyOrder(-1)] public string File => _file.Name;
    [JsonPropertyOrder(-1)] public string Verdict => EvidenceView.Of(_file.Verdict);
    [JsonPropertyOrder(-1)] public long Records => _file.Records;
    [JsonPropertyOrder(-1)] public BadRecordJson? FirstBad => _file.Verdict is EvidenceVerdict.Broken { At: var bad } ? new(bad) : null;
    [JsonPropertyOrder(-1)] public string? Run => _file.Story?.Run.Value;
    [JsonPropertyOrder(-1)] public string? After => _file.Story?.After?.Run.Value;
    [JsonPropertyOrder(-1)]
    public IEnumerable<string>? Beside =>
        _file.Story is { Beside.IsEmpty: false } story ? story.Beside.Select(each => each.Run.Value) : null;
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
