namespace SecretRotator.Configuration;

/// <summary>Collects the problems of one file, and of those that it includes.</summary>
internal sealed class ProblemList(string file)
{
    /// <summary>How many problems are shown at most; the rest is counted.</summary>
    public const int Shown = 100;

    private readonly List<InventoryProblem> _problems = [];
    private readonly string _file = Printable(file);

    public int Count => _problems.Count;

    /// <param name="at">Where it is.</param>
    /// <param name="what">What is wrong, without a full stop.</param>
    /// <param name="writeInstead">What to write or do instead: whole sentences.</param>
    public void Add(Position at, string what, string writeInstead) =>
        _problems.Add(new InventoryProblem(at.File is { } included ? Printable(included) : _file, at.Line, at.Column, what, writeInstead));

    /// <summary>Adds those of an included file.</summary>
    public void Add(ProblemList included) => _problems.AddRange(included._problems);

    /// <summary>An earlier line as a problem at another place names it: with its file, where that is another one.</summary>
    public string LineOf(Position earlier, Position at) =>
        earlier.File == at.File
            ? $"line {earlier.Line}"
            : $"line {earlier.Line} of {(earlier.File is { } included ? Printable(included) : _file)}";

    private static string Printable(string file) => Quoted.Printable(file, maximum: 200);

    /// <summary>
    /// A sentence that names the candidate that was probably meant, with a space after it; empty where none is near,
    /// and after so many problems that no further one is likely to be shown.
    /// </summary>
    public string Hint(string word, IEnumerable<string> candidates) =>
        Count < Shown && Spelling.Closest(word, candidates) is { } closest ? $"Did you mean \"{closest}\"? " : "";

    /// <summary>The problems in the order of the files and their lines, with a last one that counts those left out.</summary>
    public ImmutableArray<InventoryProblem> ToSorted()
    {
        var files = _problems.Select(p => p.File).Distinct(StringComparer.Ordinal).OrderBy(each => each == _file ? 0 : 1).ToList();
        var sorted = _problems.Distinct().OrderBy(p => files.IndexOf(p.File)).ThenBy(p => p.Line).ThenBy(p => p.Column).ToList();
        var left = sorted.Count - Shown;
        return left <= 0
            ? [.. sorted]
            : [.. sorted.Take(Shown), new InventoryProblem(_file, 0, 0, $"And {left} more problems", "Fix the ones above first.")];
    }
}
