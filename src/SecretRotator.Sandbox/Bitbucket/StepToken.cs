using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>A pipeline's step, as the token that Bitbucket gives it describes it.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="WorkspaceUuid">Its uuid, without braces.</param>
/// <param name="RepositoryUuid">The repository's uuid, without braces.</param>
/// <param name="PipelineUuid">The pipeline's uuid, without braces.</param>
/// <param name="StepUuid">The step's uuid, without braces.</param>
/// <param name="EnvironmentUuid">The deployment environment's uuid, without braces, or null.</param>
/// <param name="Branch">The branch, or null.</param>
internal sealed record StepToken(
    string Workspace,
    string WorkspaceUuid,
    string RepositoryUuid,
    string PipelineUuid,
    string StepUuid,
    string? EnvironmentUuid,
    string? Branch)
{
    /// <summary><c>wrong-audience</c>: the token's audience is not the one that the identity provider in AWS knows.</summary>
    public static readonly Condition WrongAudience = new("wrong-audience");

    /// <summary><c>expired-token</c>: the token ended an hour ago.</summary>
    public static readonly Condition ExpiredToken = new("expired-token");

    /// <summary>How long a token is good for.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>Bitbucket's issuer of the workspace (<c>iss</c>).</summary>
    public string Issuer => OidcEmulator.IssuerOf(Workspace);

    /// <summary>The audience that Bitbucket's tokens have by default.</summary>
    public string Audience => $"ari:cloud:bitbucket::workspace/{WorkspaceUuid}";

    /// <summary>What the subjects of all steps of the same repository and environment begin with.</summary>
    public string Subject => EnvironmentUuid is null ? $"{{{RepositoryUuid}}}" : $"{{{RepositoryUuid}}}:{{{EnvironmentUuid}}}";

    /// <summary>The token, signed. Making the first one makes the key, which changes the state.</summary>
    public string Mint(SandboxState state, DateTimeOffset now, string? audience = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = audience ?? Audience,
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
        claims.AddKnown("branchName", Branch);
        return TokenSigner.Sign(state, claims);
    }
}
