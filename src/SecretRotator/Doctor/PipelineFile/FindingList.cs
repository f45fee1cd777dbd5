using System.Collections.Immutable;
using SecretRotator.Inventory.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Collects what is found in one pipeline file. What an anchor brings to several steps is found once.</summary>
/// <param name="file">The file as results name it.</param>
internal sealed class FindingList(string file)
{
    /// <summary>How many findings are told at most; one more says how many there are.</summary>
    public const int Shown = 200;

    private readonly Dictionary<(string Id, Position At), CheckResult> _findings = [];

    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="saw">What was seen, without a full stop and never with a value that looks like a secret.</param>
    public void Add(PipelineFault fault, Position at, string saw) => Add(fault, fault.Status, at, saw);

    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="status">How bad it is here, where that depends on more than its kind.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="saw">What was seen, without a full stop and never with a value that looks like a secret.</param>
    public void Add(PipelineFault fault, CheckStatus status, Position at, string saw) => _findings.TryAdd(
        (fault.Id, at),
        new CheckResult(CheckArea.PipelineFile, fault.Id, status, saw + ".") { Why = fault.Why, Mend = fault.Mend, File = file, Line = at.Line, Column = at.Column });

    /// <summary>The findings in the order of the file.</summary>
    public ImmutableArray<CheckResult> ToSorted()
    {
        var sorted = _findings.Values.OrderBy(each => each.Line).ThenBy(each => each.Column).ThenBy(each => each.Id, StringComparer.Ordinal).ToImmutableArray();
        if (sorted.Length <= Shown)
            return sorted;
        var more = PipelineFault.TooMany;
        return [.. sorted.Take(Shown), new CheckResult(CheckArea.PipelineFile, more.Id, more.Status, $"There are {sorted.Length - Shown} more findings.") { Why = more.Why, Mend = more.Mend, File = file }];
    }
}
