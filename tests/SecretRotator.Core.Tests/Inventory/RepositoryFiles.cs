namespace SecretRotator.Tests.Inventory;

/// <summary>The files at the root of the repository.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Sample => Path.Combine(Root, "rotation.yaml");

    public static string Schema => Path.Combine(Root, "schemas", "rotation.schema.json");

    /// <summary>The product's source files, without what a build generates.</summary>
    public static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SecretRotator.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException("The tests have to run from inside the repository.");
    }
}
