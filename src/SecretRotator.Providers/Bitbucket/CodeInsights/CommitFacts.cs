namespace SecretRotator.Providers.Bitbucket.CodeInsights;

/// <summary>The commit that a pipeline runs on.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Commit">The commit's hash, in hexadecimal digits.</param>
internal sealed record CommitFacts(string Workspace, string Repository, string Commit);
