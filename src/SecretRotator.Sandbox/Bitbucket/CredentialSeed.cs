using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Puts the Bitbucket credential where the inventory says that a vault keeps it, with its end beside it.</summary>
internal static class CredentialSeed
{
    private static readonly Duration Life = Duration.FromDays(200);

    /// <summary>Adds it once. Managed secrets exist already.</summary>
    public static void Apply(SandboxSeed seed)
    {
        if (seed.Inventory.Credential is not { } reference || !seed.Once($"credential {reference}"))
            return;
        var vault = seed.Vault(reference.Vault);
        var existing = vault.Find(reference.Path);
        var content = Content(existing, reference.Field, seed.Now);
        if (existing is null)
            vault.Create(reference.Path, new SeededSecret(content, seed.Now, "The Bitbucket credential"));
        else
            vault.Replace(reference.Path, content);
    }

    private static string Content(string? existing, string? field, Instant now)
    {
        if (field is null)
            return BitbucketAuthentication.AccessToken;
        var content = string.IsNullOrEmpty(existing) ? [] : JsonNode.Parse(existing)!.AsObject();
        content[field] = BitbucketAuthentication.AccessToken;
        content.TryAdd(CredentialEnd.Field, (now + Life).InUtc().Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture));
        return content.ToJsonString();
    }
}
