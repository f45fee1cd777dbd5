using System.Text.Json.Nodes;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>Answers of the real Secrets Manager, recorded by scenario. The file lies beside the checkout, or is absent.</summary>
internal static class RecordedTraffic
{
    private const string File = "shared/recorded/aws-secrets-manager.json";

    private static readonly Lazy<JsonObject?> Read = new(() => Find() is { } path ? JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject() : null);

    /// <summary>The answers of every scenario by its name, or a skipped test where there is no recording.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Scenarios()
    {
        var all = Read.Value;
        if (all is null)
            Assert.Skip($"The recorded traffic (../{File} beside the checkout) is absent, so the stand-in was not compared with the real service.");
        return all.ToDictionary(s => s.Key[(s.Key.LastIndexOf("::", StringComparison.Ordinal) + 2)..], s => s.Value!["recorded-content"]!.AsObject(), StringComparer.Ordinal);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!System.IO.File.Exists(Path.Combine(folder.FullName, "SecretRotator.sln")))
                continue;
            return new[] { "..", "../.." }.Select(up => Path.GetFullPath(Path.Combine(folder.FullName, up, File))).FirstOrDefault(System.IO.File.Exists);
        }

        return null;
    }
}
