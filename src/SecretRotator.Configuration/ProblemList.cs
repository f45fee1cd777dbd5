using System.Collections.Immutable;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Configuration;

/// <summary>Collects the problems of one file.</summary>
internal sealed class ProblemList(string file)
{
    /// <summary>How many problems are shown at most; the rest is counted.</summary>
    public const int Shown = 100;

    private readonly List<InventoryProblem> _problems = [];
    private readonly string _file = Quoted.Printable(file, maximum: 200);

    public int Count => _problems.Count;

    /// <param name="at">Where it is.</param>
    /// <param name="what">What is wrong, without a full stop.</param>
    /// <param name="writeInstead">What to write or do instead: whole sentences.</param>
    public void Add(Position at, string what, string writeInstead) =>
        _problems.Add(new InventoryProblem(_file, at.Line, at.Column, what, writeInstead));

    /// <summary>
    /// A sentence that names the candidate that was probably meant, with a space after it; empty where none is near,
    /// and after so many problems that no further one is likely to be shown.
    /// </summary>
    public string Hint(string word, IEnumerable<string> candidates) =>
        Count < Shown && Spelling.Closest(word, candidates) is { } closest ? $"Did you mean \"{closest}\"? " : "";

    /// <summary>The problems in the order of the file, with a last one that counts those left out.</summary>
    public ImmutableArray<InventoryProblem> ToSorted()
    {
        var sorted = _problems.Distinct().OrderBy(p => p.Line).ThenBy(p => p.Column).ToList();
        var left = sorted.Count - Shown;
        return left <= 0
            ? [.. sorted]
            : [.. sorted.Take(Shown), new InventoryProblem(_file, 0, 0, $"And {left} more problems", "Fix the ones above first.")];
    }
}
