using System.Security.Cryptography;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Inputs that are worth beginning with: a target's seeds, what is kept in the repository, and what earlier long runs
/// found.</summary>
internal static class Corpus
{
    /// <summary>The inputs of a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="directory">A folder with a folder for each target, or null.</param>
    public static List<byte[]> Read(FuzzTarget target, string? directory) =>
    [
        .. target.Seeds.Select(Encoding.UTF8.GetBytes),
        .. Kept(target),
        .. directory is null ? [] : Files(Path.Combine(directory, target.Name)),
    ];

    /// <summary>What the repository keeps for a target: what once broke a promise, and what leads deep.</summary>
    public static IEnumerable<byte[]> Kept(FuzzTarget target) => Files(Path.Combine(AppContext.BaseDirectory, "Corpus", target.Name));

    /// <summary>Keeps an input under a name made of its content, and answers the path.</summary>
    public static string Keep(string directory, FuzzTarget target, byte[] input, string prefix = "")
    {
        var folder = Path.Combine(directory, target.Name);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, prefix + Convert.ToHexStringLower(SHA256.HashData(input))[..16] + ".txt");
        File.WriteAllBytes(path, input);
        return path;
    }

    /// <summary>An input on one line, as a C# string shows it.</summary>
    public static string Shown(byte[] input)
    {
        var shown = new StringBuilder();
        foreach (var b in input.Take(400))
            _ = b is >= 0x20 and < 0x7f
                ? shown.Append((char)b)
                : b == '\n' ? shown.Append("\\n") : shown.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return input.Length > 400 ? shown.Append("...").ToString() : shown.ToString();
    }

    private static IEnumerable<byte[]> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
}
