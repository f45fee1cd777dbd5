using System.Globalization;
using System.Text.Json.Nodes;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Vaults;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>A KV engine while secrets are seeded in it.</summary>
/// <param name="server">The server.</param>
/// <param name="definition">The vault.</param>
/// <param name="formOf">The form of a secret's content, by its path.</param>
internal sealed class SeededHashiCorp(HashiCorpState server, HashiCorpVaultDefinition definition, Func<string, KvForm> formOf) : ISeededVault
{
    /// <summary>The policy that a rotation needs, for exactly the secrets that are seeded.</summary>
    public const string Policy = "secret-rotator";

    private KvMountState Mount => server.Mounts[definition.Mount];

    public string? Find(string path)
    {
        if (Mount.Secrets.GetValueOrDefault(path)?.Versions.LastOrDefault().Value?.Data is not { } data)
            return null;
        return IsText(path) ? JsonNode.Parse(data)![KvContent.Member]!.GetValue<string>() : data;
    }

    public VersionId Create(string path, SeededSecret secret)
    {
        HashiCorpEmulator.Add(Mount, path, DataOf(path, secret.Content), secret.Since.ToDateTimeOffset());
        if (secret.Owner is { } owner)
            Mount.Secrets[path].CustomMetadata["owner"] = owner;
        Allow(path);
        return new VersionId(Mount.Secrets[path].CurrentVersion.ToString(CultureInfo.InvariantCulture));
    }

    public void Replace(string path, string content) => Mount.Secrets[path].Versions.Last().Value.Data = DataOf(path, content);

    public void MarkDelivered(string path, string mark) => HashiCorpEmulator.Add(
        Mount, path + HashiCorpVaultDefinition.Marks, KvText.Of(new JsonObject { ["delivered"] = mark }),
        Mount.Secrets[path].Updated);

    /// <summary>The object that a version of that content is.</summary>
    private string DataOf(string path, string content) =>
        KvText.Of(IsText(path) ? new JsonObject { [KvContent.Member] = content } : JsonNode.Parse(content));

    // A secret that is only referred to is what it looks like.
    private bool IsText(string path) => formOf(path) switch
    {
        KvForm.Text => true,
        KvForm.Fields => false,
        _ => Mount.Secrets.GetValueOrDefault(path)?.Versions.LastOrDefault().Value?.Data is not { } data
            || JsonNode.Parse(data) is JsonObject { Count: 1 } only && only.ContainsKey(KvContent.Member),
    };

    private void Allow(string path)
    {
        if (!server.Policies.TryGetValue(Policy, out var rules))
            server.Policies[Policy] = rules = new(StringComparer.Ordinal);
        foreach (var name in new[] { path, path + HashiCorpVaultDefinition.Companion, path + HashiCorpVaultDefinition.Marks })
            rules[$"{definition.Mount}/data/{name}"] = ["create", "read", "update"];
        foreach (var name in new[] { path, path + HashiCorpVaultDefinition.Companion })
        {
            rules[$"{definition.Mount}/metadata/{name}"] = ["read"];
            rules[$"{definition.Mount}/delete/{name}"] = ["update"];
        }
    }
}
