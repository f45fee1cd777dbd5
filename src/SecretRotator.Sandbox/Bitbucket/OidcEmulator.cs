using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>
/// Bitbucket's OIDC issuer: the discovery document and the keys of any workspace. The document names the real issuer,
/// as tokens do, and the keys' address here. <c>POST /_sandbox/step-token</c> mints a token, since no pipeline is there to be given one.
/// </summary>
internal sealed class OidcEmulator : IEmulator
{
    private const string MintPath = "/_sandbox/step-token";
    private const string WorkspacesPath = "/2.0/workspaces/";

    public const string Name = "oidc";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["configuration", "keys", "mint"];

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        if (request is { Method: "POST", Path: MintPath })
            return new("mint", request.Query.GetValueOrDefault("workspace", ""));
        return request.Method == "GET" && request.Path.StartsWith(WorkspacesPath, StringComparison.Ordinal)
            ? request.Path[WorkspacesPath.Length..].Split('/') switch
            {
                [{ Length: > 0 } workspace, "pipelines-config", "identity", "oidc", ".well-known", "openid-configuration"] =>
                    new("configuration", workspace),
                [{ Length: > 0 } workspace, "pipelines-config", "identity", "oidc", "keys.json"] => new("keys", workspace),
                _ => new("unknown", request.Path),
            }
            : new("unknown", request.Path);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var (operation, workspace) = Identify(request, state);
        var keyIsNew = state.SigningKey is null;
        return operation switch
        {
            "configuration" => SandboxAnswer.Json(200, new JsonObject
            {
                ["issuer"] = IssuerOf(workspace),
                ["jwks_uri"] = new Uri(request.Host, $"/2.0/workspaces/{workspace}/pipelines-config/identity/oidc/keys.json").AbsoluteUri,
                ["subject_types_supported"] = new JsonArray("public"),
                ["response_types_supported"] = new JsonArray("id_token"),
                ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
                ["claims_supported"] = new JsonArray(
                    "sub", "aud", "iss", "exp", "iat", "repositoryUuid", "workspaceUuid", "pipelineUuid", "stepUuid", "branchName",
                    "deploymentEnvironmentUuid"),
            }),
            "keys" => SandboxAnswer.Json(200, new JsonObject { ["keys"] = new JsonArray(TokenSigner.PublicKey(state)) })
                with
            { Changed = keyIsNew },
            "mint" => Mint(request, state, clock),
            _ => Trouble(404),
        };
    }

    public SandboxAnswer Trouble(int status) =>
        BitbucketAnswers.Refused(status, status == 404 ? "Resource not found" : "Something went wrong");

    /// <summary>Bitbucket's issuer of a workspace (<c>iss</c>), as its discovery document names it.</summary>
    public static string IssuerOf(string workspace) =>
        $"https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc";

    private static SandboxAnswer Mint(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (Step(request) is not { } step)
        {
            const string expected = "Say workspace, workspaceUuid and repositoryUuid; "
                + "pipelineUuid, stepUuid, environmentUuid, branch and audience may be left out.";
            return SandboxAnswer.Json(400, new JsonObject { ["error"] = expected });
        }

        var token = step.Mint(state, clock.Real, request.Query.GetValueOrDefault("audience"));
        return SandboxAnswer.Json(200, new JsonObject { ["token"] = token }) with { Changed = true };
    }

    private static StepToken? Step(SandboxRequest request)
    {
        const string none = "00000000-0000-4000-8000-000000000000";
        var query = request.Query;
        return query.TryGetValue("workspace", out var workspace)
            && query.TryGetValue("workspaceUuid", out var workspaceUuid)
            && query.TryGetValue("repositoryUuid", out var repository)
            ? new StepToken(
                workspace,
                workspaceUuid,
                repository,
                query.GetValueOrDefault("pipelineUuid", none),
                query.GetValueOrDefault("stepUuid", none),
                query.GetValueOrDefault("environmentUuid"),
                query.GetValueOrDefault("branch"))
            : null;
    }
}
