using SecretRotator.Configuration;

namespace SecretRotator.Commands;

/// <summary>The Bitbucket repository that the current directory is a clone of.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
internal sealed record BitbucketRemote(string Workspace, string Repository)
{
    private const string Host = "bitbucket.org";

    /// <summary>Finds it in <c>.git/config</c>; null where there is none.</summary>
    public static BitbucketRemote? Find()
    {
        try
        {
            return File.ReadLines(Path.Combine(".git", "config")).Select(Parse).FirstOrDefault(remote => remote is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // url = git@bitbucket.org:acme/secrets.git, or https://jane@bitbucket.org/acme/secrets.git
    private static BitbucketRemote? Parse(string line)
    {
        var at = line.IndexOf(Host, StringComparison.Ordinal);
        return at >= 0 && line.TrimStart().StartsWith("url", StringComparison.Ordinal)
            && line[(at + Host.Length)..].Trim(':', '/', ' ').Split('/') is [var workspace, var repository]
            && (repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository) is var slug
            && Names.IsSlug(workspace) && Names.IsSlug(slug)
                ? new BitbucketRemote(workspace, slug)
                : null;
    }
}
