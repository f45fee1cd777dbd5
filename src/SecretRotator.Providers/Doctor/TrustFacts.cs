using System.Collections.Immutable;

namespace SecretRotator.Providers.Doctor;

/// <summary>Whom the clouds should trust. What isn't known is a word in capitals, to be replaced by hand.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="WorkspaceUuid">Its uuid without braces, or null.</param>
/// <param name="RepositoryUuid">The uuid of the repository whose pipeline rotates, without braces, or null.</param>
/// <param name="EnvironmentUuid">The uuid of the deployment environment that its step runs in, without braces; null for every step of the
/// repository.</param>
internal sealed record TrustFacts(string Workspace, string? WorkspaceUuid, string? RepositoryUuid, string? EnvironmentUuid)
{
    /// <summary>The claim <c>aud</c>.</summary>
    public string Audience => BitbucketIssuer.AudienceOf(WorkspaceUuid ?? "WORKSPACE-UUID");

    /// <summary>The repository's uuid in braces, as tokens have it.</summary>
    public string Repository => $"{{{RepositoryUuid ?? "REPOSITORY-UUID"}}}";

    /// <summary>The environment's uuid in braces, or null.</summary>
    public string? Environment => EnvironmentUuid is null ? null : $"{{{EnvironmentUuid}}}";

    /// <summary>The pattern of the claim <c>sub</c>, whose end is the step's uuid: another one in each run.</summary>
    public string SubjectPattern => Environment is null ? $"{Repository}:*" : $"{Repository}:{Environment}:*";

    /// <summary>What to know of them.</summary>
    public ImmutableArray<string> Notes
    {
        get
        {
            var notes = ImmutableArray.CreateBuilder<string>();
            if (WorkspaceUuid is null)
                notes.Add(
                    "WORKSPACE-UUID: give --workspace-uuid, or run this in a step with `oidc: true`. Repository settings, OpenID Connect "
                        + "shows it behind the audience.");
            if (RepositoryUuid is null)
                notes.Add(
                    "REPOSITORY-UUID: give --repository-uuid, or run this in a step with `oidc: true`. Repository settings, OpenID "
                        + "Connect shows it.");
            if (EnvironmentUuid is null)
                notes.Add(
                    $"{SubjectPattern} admits every step of the repository, so anyone who can push a branch. --environment-uuid UUID "
                        + "limits it to one deployment environment.");
            return notes.ToImmutable();
        }
    }
}
