namespace SecretRotator.Configuration.Schedules;

/// <summary>What a folder of schedules says, or everything that is wrong with it.</summary>
/// <param name="Schedules">The schedules in the order of their names; empty where anything is wrong.</param>
/// <param name="Problems">What a person has to fix.</param>
internal sealed record ScheduleFolder(ImmutableArray<ScheduleDeclaration> Schedules, ImmutableArray<InventoryProblem> Problems)
{
    private const int LargestFile = 64 * 1024;
    private const int MostFiles = 500;

    /// <summary>Reads every <c>*.yaml</c> and <c>*.yml</c> file of a folder. Never throws for what is or isn't there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="home">The repository of a schedule that names none.</param>
    /// <param name="now">From when on its times must be the same in UTC.</param>
    public static ScheduleFolder Read(string folder, VariableScope.Repository home, Instant now)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder).Where(IsYaml).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Wrong(
                folder, "There is no such folder, or it may not be read",
                "Name the folder with the schedules: --schedules DIR. Each file in it is one schedule; docs/pipelines.md shows how.");
        }

        return files.Length switch
        {
            // What isn't declared is deleted: a wrong folder must not count as an empty one.
            0 =>
                Wrong(folder,
                    "No file in it ends in .yaml",
                    "Write one file for each schedule; docs/pipelines.md shows how. To stop a schedule, keep its file and write "
                        + "\"enabled: false\"."),
            > MostFiles =>
                Wrong(folder,
                    $"It holds {files.Length:N0} schedules, and more than {MostFiles} are not read",
                    "Name the folder with the schedules alone: --schedules DIR."),
            _ => Read(files, new ScheduleReader(home, now)),
        };
    }

    private static ScheduleFolder Read(string[] files, ScheduleReader reader)
    {
        var schedules = new List<ScheduleDeclaration>();
        var problems = ImmutableArray.CreateBuilder<InventoryProblem>();
        foreach (var file in files)
        {
            var found = new ProblemList(file);
            if (Bytes(file, found) is { } utf8 && reader.Read(file, utf8, found) is var (schedule, at))
            {
                if (schedules.Find(other => other.Name == schedule.Name) is { } namesake)
                    found.Add(
                        at, $"The name \"{schedule.Name}\" is taken by {Quoted.Printable(namesake.File, maximum: 200)}",
                        "Give each schedule a name of its own.");
                else if (schedules.Find(other => DoesTheSame(other, schedule)) is { } twin)
                    found.Add(
                        at, $"It runs the same pipeline on the same branch at the same times as \"{twin.Name}\"",
                        "Delete one of the two files.");
                schedules.Add(schedule);
            }

            problems.AddRange(found.ToSorted());
        }

        return problems.Count == 0
            ? new([.. schedules.OrderBy(schedule => schedule.Name, StringComparer.Ordinal)], [])
            : new([], problems.ToImmutable());
    }

    private static byte[]? Bytes(string file, ProblemList problems)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var bytes = new byte[LargestFile + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= LargestFile)
                return bytes[..length];
            problems.Add(
                Position.WholeFile, $"The file is larger than {LargestFile / 1024} KiB, so it is not read",
                "A schedule has seven lines. Write one file for each.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(Position.WholeFile, "The file can't be read", "Give the user that runs this program the right to read it.");
        }

        return null;
    }

    private static bool DoesTheSame(ScheduleDeclaration one, ScheduleDeclaration other) =>
        one.Repository == other.Repository && one.Pipeline == other.Pipeline && one.Branch == other.Branch && one.Utc == other.Utc;

    private static bool IsYaml(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    private static ScheduleFolder Wrong(string folder, string what, string writeInstead)
    {
        var problems = new ProblemList(folder);
        problems.Add(Position.WholeFile, what, writeInstead);
        return new([], problems.ToSorted());
    }
}
