using System.Text.Json.Nodes;

namespace SecretRotator.Sandbox.Identity;

/// <summary>A pipeline's step, as the token that Bitbucket gives it describes it.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="WorkspaceUuid">Its uuid, without braces.</param>
/// <param name="RepositoryUuid">The repository's uuid, without braces.</param>
/// <param name="PipelineUuid">The pipeline's uuid, without braces.</param>
/// <param name="StepUuid">The step's uuid, without braces.</param>
/// <param name="EnvironmentUuid">The deployment environment's uuid, without braces, or null.</param>
/// <param name="Branch">The branch, or null.</param>
internal sealed record StepToken(
    string Workspace, string WorkspaceUuid, string RepositoryUuid, string PipelineUuid, string StepUuid, string? EnvironmentUuid, string? Branch)
{
    /// <summary>How long a token is good for.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>Who may take on a role by this step's token: any step of the same repository and environment.</summary>
    public string SubjectPattern => $"{Subject}:*";

    /// <summary>What a role must say so that this step may take it on.</summary>
    public AwsRoleState Trust() => new()
    {
        Issuer = SandboxIssuer.OfWorkspace(Workspace),
        Audiences = [SandboxIssuer.AudienceOf(WorkspaceUuid)],
        Subject = SubjectPattern,
    };

    /// <summary>The token, signed. Making the first one makes the key, which changes the state.</summary>
    public string Mint(IdentityState state, DateTimeOffset now, string? audience = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = SandboxIssuer.OfWorkspace(Workspace),
            ["aud"] = audience ?? SandboxIssuer.AudienceOf(WorkspaceUuid),
            ["sub"] = $"{Subject}:{{{StepUuid}}}",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["workspaceUuid"] = $"{{{WorkspaceUuid}}}",
            ["repositoryUuid"] = $"{{{RepositoryUuid}}}",
            ["pipelineUuid"] = $"{{{PipelineUuid}}}",
            ["stepUuid"] = $"{{{StepUuid}}}",
        };
        if (EnvironmentUuid is not null)
            claims["deploymentEnvironmentUuid"] = $"{{{EnvironmentUuid}}}";
        if (Branch is not null)
            claims["branchName"] = Branch;
        return SandboxIssuer.Sign(state, claims);
    }

    private string Subject => EnvironmentUuid is null ? $"{{{RepositoryUuid}}}" : $"{{{RepositoryUuid}}}:{{{EnvironmentUuid}}}";
}
