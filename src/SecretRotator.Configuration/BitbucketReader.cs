namespace SecretRotator.Configuration;

/// <summary>What <c>bitbucket</c> says.</summary>
/// <param name="Workspace">The workspace's slug in lower case.</param>
/// <param name="Home">The repository that keeps the claims.</param>
/// <param name="Credential">Where the credential is kept, with its place in the file; null where the settings give it.</param>
internal sealed record BitbucketSection(
    string Workspace, VariableScope.Repository Home, (VaultReference Reference, Position At)? Credential);

/// <summary>Reads <c>bitbucket</c>.</summary>
internal static class BitbucketReader
{
    /// <summary>The section; null where workspace or home are missing or wrong, which is reported.</summary>
    public static BitbucketSection? Read(YamlNode node, DeclaredVaults vaults, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.BitbucketKeys, problems) is not { } mapping)
            return null;
        var workspace = mapping.Checked(Grammar.Workspace, Names.IsSlug, "can't be a workspace", Names.SlugRule)?.ToLowerInvariant();
        var home = Home(mapping, workspace, problems);
        var text = mapping.Text(Grammar.Credential, maximum: 800);
        var credential = text is null ? null : ReferenceReader.Read(text, Grammar.Credential, "the credential", vaults, problems);
        return workspace is null || home is null
            ? null
            : new BitbucketSection(
                workspace, new VariableScope.Repository(workspace, home), credential is null ? null : (credential, text!.At));
    }

    // Its access token reaches one workspace, so claims in another one would fail at night.
    private static string? Home(MappingReader mapping, string? workspace, ProblemList problems)
    {
        if (mapping.Text(Grammar.Home) is not { } text)
            return null;
        var parts = text.Value.Split('/');
        if (parts.Length != 2 || !parts.All(Names.IsSlug))
        {
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} is not a repository with its workspace",
                $"Write WORKSPACE/REPOSITORY such as \"{Grammar.Home.Example}\".");
            return null;
        }

        if (workspace is not null && !string.Equals(parts[0], workspace, StringComparison.OrdinalIgnoreCase))
            problems.Add(
                text.At,
                $"The home {Quoted.Of(text.Value)} is not in the workspace {Quoted.Of(workspace)}",
                $"Write \"home: {workspace}/{parts[1].ToLowerInvariant()}\".");
        return parts[1].ToLowerInvariant();
    }
}
