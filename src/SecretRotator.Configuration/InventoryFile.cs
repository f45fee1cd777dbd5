
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>rotation.yaml</c> from the disk.</summary>
internal static class InventoryFile
{
    /// <summary>Reads and checks an inventory file. Never throws for the file's content or for a file that can't be read.</summary>
    /// <param name="path">The file; problems name it just so.</param>
    /// <param name="kinds">The kinds of vaults and backends that there are.</param>
    public static InventoryResult Read(string path, InventoryGrammar kinds)
    {
        try
        {
            if (Directory.Exists(path))
                return Unreadable(path, "This is a directory", "Name the file in it, such as \"--inventory rotation.yaml\".");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return stream.CanSeek && stream.Length > YamlBounds.Bytes ? TooLarge(path) : InventoryParser.Parse(path, stream, kinds);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable(
                path,
                "There is no such file",
                "Name the inventory with \"--inventory FILE\", or make one: secret-rotator init. docs/inventory.md explains it.");
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable(path, "The file may not be read", "Give the user that runs this program the right to read it.");
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            return Unreadable(path, "The file can't be read", "Check the path, and the disk that it is on.");
        }
    }

    private static InventoryResult TooLarge(string path)
    {
        var problems = new ProblemList(path);
        InventoryParser.ReportSize(problems);
        return new InventoryResult(null, problems.ToSorted());
    }

    private static InventoryResult Unreadable(string path, string what, string writeInstead)
    {
        var problems = new ProblemList(path);
        problems.Add(Position.WholeFile, what, writeInstead);
        return new InventoryResult(null, problems.ToSorted());
    }
}
