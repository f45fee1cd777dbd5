using SecretRotator.Inventory;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Values;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Puts a real key pair into a secret's old content, and its public key among the repository's deploy keys.</summary>
internal static class DeployKeySeed
{
    /// <summary>The content with the pair.</summary>
    public static string Apply(DeployKeyDefinition definition, ValueGenerator.SshKey rule, string content, SandboxSeed seed)
    {
        using var pair = SshKeyPair.Generate(rule, seed.Random);
        using var old = SecretValue.FromText(content);
        using var seeded = JsonSecret.Replace(old, new Dictionary<string, SecretValue>(StringComparer.Ordinal)
        {
            [definition.PrivateField] = pair.Private,
            [definition.PublicField] = pair.Public,
        });
        var keys = seed.State.Bitbucket.Workspace(definition.Repository.WorkspaceSlug, seed.Random)
            .Repository(definition.Repository.Slug, seed.Random).DeployKeys;
        EmulatedDeployKeys.Add(keys, Text(pair.Public), definition.Label, seed.Now.ToDateTimeOffset());
        BitbucketAuthentication.AdmitDeployKeys(seed.State.Bitbucket);
        seed.Changed = true;
        return Text(seeded);
    }

#pragma warning disable RS0030 // The sandbox keeps what it emulates.
    private static string Text(SecretValue value) => value.RevealText();
#pragma warning restore RS0030
}
