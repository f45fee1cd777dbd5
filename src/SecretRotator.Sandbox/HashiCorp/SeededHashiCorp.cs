using SecretRotator.Providers.HashiCorp;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>A KV engine while secrets are seeded in it.</summary>
/// <param name="server">The server.</param>
/// <param name="definition">The vault.</param>
/// <param name="formOf">The form of a secret's content, by its path.</param>
internal sealed class SeededHashiCorp(
    HashiCorpState server, HashiCorpVaultDefinition definition, Func<string, KvForm> formOf) : ISeededVault
{
    private KvMountState Mount => server.Mounts[definition.Mount];

    public string? Find(string path)
    {
        if (RoleOf(path) is { } role)
            return role.Username.Length == 0
                ? null
                : KvText.Of(new JsonObject { ["password"] = role.Password, ["username"] = role.Username });
        if (Mount.Secrets.GetValueOrDefault(path)?.Versions.LastOrDefault().Value?.Data is not { } data)
            return null;
        return IsText(path) ? JsonNode.Parse(data)![KvContent.Member]!.GetValue<string>() : data;
    }

    public VersionId Create(string path, SeededSecret secret)
    {
        if (RoleOf(path) is { } role)
        {
            role.LastRotation = secret.Since.ToDateTimeOffset();
            Replace(path, secret.Content);
            return new VersionId(DatabaseEngine.NumberOf(secret.Since).ToString(CultureInfo.InvariantCulture));
        }

        HashiCorpEmulator.Add(Mount, path, DataOf(path, secret.Content), secret.Since.ToDateTimeOffset());
        if (secret.Owner is { } owner)
            Mount.Secrets[path].CustomMetadata["owner"] = owner;
        return new VersionId(Mount.Secrets[path].CurrentVersion.ToString(CultureInfo.InvariantCulture));
    }

    public void Replace(string path, string content)
    {
        if (RoleOf(path) is not { } role)
        {
            Mount.Secrets[path].Versions.Last().Value.Data = DataOf(path, content);
            return;
        }

        var fields = JsonNode.Parse(content) as JsonObject;
        role.Username = fields?["username"]?.GetValue<string>() ?? "app";
        role.Password = fields?["password"]?.GetValue<string>() ?? "worthless";
    }

    public void MarkDelivered(string path, string mark) => HashiCorpEmulator.Add(
        Mount, path + HashiCorpVaultDefinition.Marks, KvText.Of(new JsonObject { ["delivered"] = mark }),
        RoleOf(path)?.LastRotation ?? Mount.Secrets[path].Updated);

    // A role is made when it is looked for first, without a user.
    private StaticRoleState? RoleOf(string path) => StaticRole.In(path) is { } named
        ? server.StaticRoles.GetOrAdd($"{named.Mount}/{named.Name}", () => new StaticRoleState())
        : null;

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
}
