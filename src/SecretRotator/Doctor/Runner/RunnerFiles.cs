namespace SecretRotator.Doctor.Runner;

/// <summary>What Linux tells about a machine and a process in its files. Whatever can't be read is null.</summary>
/// <param name="root">Where <c>/proc</c>, <c>/sys</c> and <c>/dev</c> are found; <c>/</c>, except in tests.</param>
internal sealed class RunnerFiles(string root)
{
    private const int MaximumCharacters = 64 * 1024;

    /// <summary>The text of a small file.</summary>
    /// <param name="path">Its path without the leading slash.</param>
    public string? Read(string path)
    {
        try
        {
            using var reader = new StreamReader(Path.Combine(root, path));
            var buffer = new char[MaximumCharacters];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The number that a file consists of; null where it holds something else, such as <c>max</c>.</summary>
    public long? Number(string path) => AsNumber(Read(path)?.Trim());

    /// <summary>What follows a word at the beginning of a line, such as <c>Uid:</c>.</summary>
    public string? Field(string path, string name) => Read(path)?.Split('\n')
        .FirstOrDefault(
            line => line.StartsWith(name, StringComparison.Ordinal) && (name.EndsWith(':') || line.AsSpan(name.Length).StartsWith(" ")))
                ?[name.Length..].Trim();

    /// <summary>The first number after a word at the beginning of a line.</summary>
    public long? NumberOf(string path, string name) =>
        AsNumber(Field(path, name)?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault());

    /// <summary>Whether there is such a file, socket or device.</summary>
    public bool Exists(string path) => File.Exists(Path.Combine(root, path));

    private static long? AsNumber(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
