using System.Text.Json.Nodes;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>Answers of the real Secrets Manager, recorded by scenario.</summary>
internal static class RecordedTraffic
{
    private static readonly Lazy<JsonObject> Read =
        new(() => JsonNode.Parse(File.ReadAllText(TestData.PathOf("aws/secrets-manager.recorded.json")))!.AsObject());

    /// <summary>The answers of every scenario by its name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Scenarios() =>
        Read.Value.ToDictionary(scenario => scenario.Key, scenario => scenario.Value!.AsObject(), StringComparer.Ordinal);
}
