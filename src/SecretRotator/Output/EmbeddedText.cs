namespace SecretRotator.Output;

/// <summary>Texts that are written as they are: resources of the program, which cost a start nothing.</summary>
internal static class EmbeddedText
{
    /// <summary>The names of all of them.</summary>
    public static IEnumerable<string> Names => typeof(EmbeddedText).Assembly.GetManifestResourceNames();

    /// <summary>The text of a name.</summary>
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(EmbeddedText).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
