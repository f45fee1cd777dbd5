namespace SecretRotator.Configuration;

/// <summary>Reads <c>rotation.yaml</c> from the disk.</summary>
internal static class InventoryFile
{
    /// <summary>Reads and checks an inventory file. Never throws for the file's content or for a file that can't be read.</summary>
    /// <param name="path">The file; problems name it just so.</param>
    /// <param name="kinds">The kinds of vaults and backends that there are.</param>
    public static InventoryResult Read(string path, InventoryGrammar kinds) => Read(path, [], kinds);

    /// <summary>Reads and checks an inventory that is spread over several files.</summary>
    /// <param name="path">The inventory's own file.</param>
    /// <param name="further">Files that hold more of its secrets, as if it included them.</param>
    /// <param name="kinds">The kinds of vaults and backends that there are.</param>
    public static InventoryResult Read(string path, ImmutableArray<string> further, InventoryGrammar kinds)
    {
        var problems = new ProblemList(path);
        return ReadBytes(
            path, problems,
            "Name the inventory with \"--inventory FILE\", or make one: secret-rotator init. docs/inventory.md explains it.")
            is { } bytes
            ? InventoryParser.Parse(path, bytes, kinds, new IncludedFiles(path, further))
            : new InventoryResult(null, problems.ToSorted());
    }

    /// <summary>The content of a file, or null where it can't be read or is larger than any inventory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="ifMissing">What to do where there is no such file: whole sentences.</param>
    public static byte[]? ReadBytes(string path, ProblemList problems, string ifMissing)
    {
        try
        {
            if (Directory.Exists(path))
                return Unreadable("This is a directory", "Name the file in it, such as \"--inventory rotation.yaml\".");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!stream.CanSeek || stream.Length <= YamlBounds.Bytes)
                return InventoryParser.ReadAll(stream).ToArray();
            InventoryParser.ReportSize(problems);
            return null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable("There is no such file", ifMissing);
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable("The file may not be read", "Give the user that runs this program the right to read it.");
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            return Unreadable("The file can't be read", "Check the path, and the disk that it is on.");
        }

        byte[]? Unreadable(string what, string writeInstead)
        {
            problems.Add(Position.WholeFile, what, writeInstead);
            return null;
        }
    }
}
