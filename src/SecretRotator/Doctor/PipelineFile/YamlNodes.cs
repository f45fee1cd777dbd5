using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks into nodes.</summary>
internal static class YamlNodes
{
    /// <summary>The value of a key, or null.</summary>
    public static YamlNode? Find(this YamlNode.Mapping mapping, string key) =>
        mapping.Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The entries of a node, none where it isn't a mapping.</summary>
    public static IEnumerable<YamlEntry> Entries(this YamlNode? node) => node is YamlNode.Mapping mapping ? mapping.Entries : [];

    /// <summary>The items of a node, none where it isn't a list.</summary>
    public static IEnumerable<YamlNode> Items(this YamlNode? node) => node is YamlNode.Sequence list ? list.Items : [];
}
