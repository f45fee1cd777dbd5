using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Puts the public key of a secret's old content among the repository's deploy keys.</summary>
internal static class DeployKeySeed
{
    /// <summary>Adds the key, and answers the content as it was.</summary>
    public static string Apply(DeployKeyDefinition definition, string content, SandboxSeed seed)
    {
        using var old = SecretValue.FromText(content);
        var keys = seed.State.Bitbucket.Workspace(definition.Repository.WorkspaceSlug, seed.Random)
            .Repository(definition.Repository.Slug, seed.Random).DeployKeys;
        using var line = JsonSecret.Read(old, definition.PublicField);
#pragma warning disable RS0030 // The sandbox keeps what it emulates.
        EmulatedDeployKeys.Add(keys, line.RevealText(), definition.Label, seed.Now.ToDateTimeOffset());
#pragma warning restore RS0030
        BitbucketAuthentication.AdmitDeployKeys(seed.State.Bitbucket);
        seed.Changed = true;
        return content;
    }
}
