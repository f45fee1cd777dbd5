using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>A tag of a secret.</summary>
public class Tag
{
    /// <summary>At most 128 characters.</summary>
    public string Key { get; set; }

    /// <summary>At most 256 characters.</summary>
    public string Value { get; set; }

    internal static Tag Read(JsonElement answer) => new() { Key = answer.Text("Key"), Value = answer.Text("Value") };

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("Key", Key);
        writer.Text("Value", Value);
        writer.WriteEndObject();
    }
}
