namespace SecretRotator.Configuration;

/// <summary>The further files that an inventory is spread over: those that it includes, and those of the command line.</summary>
/// <param name="inventory">The inventory's own file; what it includes is found from its folder.</param>
/// <param name="further">The files of the command line.</param>
internal sealed class IncludedFiles(string inventory, ImmutableArray<string> further)
{
    private const string RelativeRule = "Write a path from the folder of the inventory, without \"..\"; its last part may have a \"*\".";

    private readonly string _folder = Path.GetDirectoryName(inventory) ?? "";
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Whether the command line names any.</summary>
    public bool HasMore => !further.IsEmpty;

    /// <summary>The roots of these files, one after the other, so that no two of them are in memory.</summary>
    /// <param name="includes">What the inventory includes: paths, whose last part may be a pattern.</param>
    /// <param name="problems">Where problems go.</param>
    public IEnumerable<YamlNode> Read(IEnumerable<PlacedText> includes, ProblemList problems)
    {
        _seen.Add(Path.GetFullPath(inventory));
        var files = includes.SelectMany(include => Matches(include, problems))
            .Concat(further.Select(file => (File: file, At: Position.WholeFile)));
        foreach (var (file, at) in files)
        {
            if (!_seen.Add(Path.GetFullPath(file)))
                problems.Add(at, $"The file {Quoted.Printable(file, maximum: 200)} is here twice", "Name each file once.");
            else if (_seen.Count > YamlBounds.Files)
                problems.Add(at, $"There are more than {YamlBounds.Files} files", "Put several teams' secrets into one.");
            else if (Root(file, problems) is { } root)
                yield return root;
            if (_seen.Count > YamlBounds.Files || _bytes > YamlBounds.AllBytes)
                yield break;
        }
    }

    private YamlNode? Root(string file, ProblemList problems)
    {
        var own = new ProblemList(file);
        var bytes = InventoryFile.ReadBytes(file, own, "Name one that exists, or leave it out.");
        _bytes += bytes?.Length ?? 0;
        if (_bytes > YamlBounds.AllBytes)
            own.Add(
                Position.WholeFile,
                $"All files of the inventory together are larger than {YamlBounds.AllBytes / 1024 / 1024} MiB",
                "Make an inventory of its own of some of them.");
        var root = bytes is null || own.Count > 0 ? null : InventoryParser.Root(bytes, own, file);
        problems.Add(own);
        return root;
    }

    private ImmutableArray<(string File, Position At)> Matches(PlacedText include, ProblemList problems)
    {
        var parts = include.Value.Split('/');
        if (Path.IsPathRooted(include.Value) || parts.Any(part => part is "" or "..")
            || parts[..^1].Any(part => part.Contains('*', StringComparison.Ordinal)))
        {
            problems.Add(include.At, $"{Quoted.Of(include.Value)} can't be included", RelativeRule);
            return [];
        }

        if (!parts[^1].Contains('*', StringComparison.Ordinal))
            return [(Path.Combine(_folder, include.Value), include.At)];
        var folder = Path.Combine(_folder, string.Join('/', parts[..^1]));
        var found = Found(folder, parts[^1]);
        if (found.Length == 0)
            problems.Add(include.At, $"No file is called {Quoted.Of(include.Value)}", RelativeRule);
        return [.. found.Order(StringComparer.Ordinal).Select(file => (file, include.At))];
    }

    private static string[] Found(string folder, string pattern)
    {
        try
        {
            return Directory.GetFiles(folder.Length == 0 ? "." : folder, pattern)
                .Select(file => Path.Combine(folder, Path.GetFileName(file))).ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
