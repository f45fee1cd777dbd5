using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Collects what is found in one pipeline file. What an anchor brings to several steps is found once; what is in several places in the
/// same words is reported once, at the first of them, with the lines of the others.
/// </summary>
/// <param name="file">The file as results name it.</param>
internal sealed class FindingList(string file)
{
    /// <summary>How many findings are told at most; one more says how many there are.</summary>
    public const int Shown = 200;

    private const int LinesShown = 5;

    private readonly Dictionary<(string Id, Position At), (CheckResult Result, string Group)> _findings = [];

    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="observed">What was seen, without a full stop and never with a value that looks like a secret.</param>
    /// <param name="group">What findings of this kind have in common that are reported as one; by default what was seen. Never
    /// shown.</param>
    /// <param name="status">How bad it is here, where that depends on more than its kind.</param>
    public void Add(PipelineFault fault, Position at, string observed, string? group = null, CheckStatus? status = null) =>
        _findings.TryAdd(
            (fault.Id, at),
            (Result(fault, status ?? fault.Status, $"{observed}.") with { Line = at.Line, Column = at.Column }, group ?? observed));

    /// <summary>The findings in the order of the file.</summary>
    public ImmutableArray<CheckResult> ToSorted()
    {
        var sorted = _findings.Values
            .OrderBy(each => each.Result.Line).ThenBy(each => each.Result.Column).ThenBy(each => each.Result.Id, StringComparer.Ordinal)
            .GroupBy(each => (each.Result.Id, each.Result.Status, each.Group), each => each.Result)
            .Select(Together)
            .ToImmutableArray();
        if (sorted.Length <= Shown)
            return sorted;
        var more = PipelineFault.TooMany;
        return [.. sorted.Take(Shown), Result(more, more.Status, $"There are {sorted.Length - Shown} more findings.")];
    }

    private CheckResult Result(PipelineFault fault, CheckStatus status, string observed) =>
        new(CheckArea.PipelineFile, fault.Id, status, observed) { Why = fault.Why, Fix = fault.Fix, File = file };

    private static CheckResult Together(IEnumerable<CheckResult> same)
    {
        var first = same.First();
        var lines = same.Skip(1).Select(each => each.Line ?? 0).Where(line => line != first.Line).Distinct().ToList();
        var named = string.Join(", ", lines.Take(LinesShown).Select(line => line.ToString(CultureInfo.InvariantCulture)));
        return lines.Count switch
        {
            0 => first,
            1 => first with { Observed = $"{first.Observed} The same on line {named}." },
            <= LinesShown => first with { Observed = $"{first.Observed} The same on lines {named}." },
            _ => first with { Observed = $"{first.Observed} The same on lines {named} and {lines.Count - LinesShown} more." },
        };
    }
}
