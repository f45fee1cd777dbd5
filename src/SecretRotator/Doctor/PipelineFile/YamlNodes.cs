using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks into nodes. One that is missing or of another kind has no keys, no items and no text.</summary>
internal static class YamlNodes
{
    /// <summary>The value of a key, or null.</summary>
    public static YamlNode? Find(this YamlNode? node, string key) => node.Entries().FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The entries of a node, none where it isn't a mapping.</summary>
    public static ImmutableArray<YamlEntry> Entries(this YamlNode? node) => node is YamlNode.Mapping mapping ? mapping.Entries : [];

    /// <summary>The items of a node, none where it isn't a list.</summary>
    public static ImmutableArray<YamlNode> Items(this YamlNode? node) => node is YamlNode.Sequence list ? list.Items : [];

    /// <summary>The text of a node, or null where it is none.</summary>
    public static string? AsText(this YamlNode? node) => (node as YamlNode.Scalar)?.Text;

    /// <summary>The texts of a node that is a text or a list of such.</summary>
    public static IEnumerable<string> Texts(this YamlNode? node) =>
        node is YamlNode.Scalar scalar ? [scalar.Text] : node.Items().Select(AsText).OfType<string>();

    /// <summary>Whether it is a text that means true.</summary>
    public static bool IsTrue(this YamlNode? node) => node.AsText() is { } text && CoreSchema.Truth(text) == true;
}
