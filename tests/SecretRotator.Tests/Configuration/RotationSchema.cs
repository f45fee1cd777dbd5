using System.Text.Json.Nodes;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Configuration;

/// <summary><c>schemas/rotation.schema.json</c>, and YAML as an editor hands it to the schema.</summary>
internal static class RotationSchema
{
    public static JsonObject Root { get; } = JsonNode.Parse(File.ReadAllText(RepositoryFiles.Schema))!.AsObject();

    public static SchemaEvaluator Evaluator { get; } = new(Root);

    /// <summary>Whether an editor with the schema shows no mistake; null where the file can't be read as YAML at all.</summary>
    public static bool? Accepts(string yaml) => Accepts(yaml, Evaluator);

    /// <summary>The same for another schema.</summary>
    public static bool? Accepts(string yaml, SchemaEvaluator evaluator)
    {
        var problems = new ProblemList("rotation.yaml");
        var root = YamlTree.Read(yaml, problems);
        return root is null || problems.Count > 0 ? null : evaluator.Accepts(Json(root));
    }

    // By the core schema of YAML 1.2, as editors read it.
    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlNode.Mapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))),
        YamlNode.Sequence sequence => new JsonArray([.. sequence.Items.Select(Json)]),
        YamlNode.Scalar { Plain: true } plain when CoreSchema.IsNull(plain.Text) => null,
        YamlNode.Scalar { Plain: true } plain when CoreSchema.Truth(plain.Text) is { } truth => JsonValue.Create(truth),
        YamlNode.Scalar { Plain: true } plain
            when CoreSchema.IsNumber(plain.Text)
                && decimal.TryParse(plain.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
                    JsonValue.Create(number),
        YamlNode.Scalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException("A tree without problems has no unusable nodes."),
    };
}
