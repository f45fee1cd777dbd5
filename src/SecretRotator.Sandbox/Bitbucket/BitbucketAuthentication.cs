using System.Security.Cryptography;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Checks credentials, and issues tokens to OAuth consumers.</summary>
internal static class BitbucketAuthentication
{
    /// <summary>An access token that a new sandbox accepts.</summary>
    public const string AccessToken = "sbx-4fQ0eZ7kWm2Xr9Ty6Lc1";

    /// <summary>The e-mail address of an API token that a new sandbox accepts.</summary>
    public const string Email = "rotator@acme.example";

    /// <summary>That API token.</summary>
    public const string ApiToken = "sbx-8hV3nB5sQp1Dk7Ua0Jg4";

    /// <summary>The key of an OAuth consumer that a new sandbox knows.</summary>
    public const string ConsumerKey = "sandbox-consumer";

    /// <summary>That consumer's secret.</summary>
    public const string ConsumerSecret = "sbx-2mR9cF6wZx3Eo8Yi5Nt7";

    /// <summary><c>missing-scope</c>: the credential may read variables and not write them.</summary>
    public static readonly Condition MissingScope = new("missing-scope");

    /// <summary><c>no-access</c>: the credential sees no repository and no workspace, and Bitbucket answers 404.</summary>
    public static readonly Condition NoAccess = new("no-access");

    private const int TokenSeconds = 7200;

    private static readonly string[] DeployKeyAdmin = ["repository:admin", "admin:repository:bitbucket"];
    private static readonly string[] DeployKeyWriting = ["repository:admin", "write:ssh-key:bitbucket"];
    private static readonly string[] DeployKeyDeleting = ["repository:admin", "delete:ssh-key:bitbucket"];
    private static readonly string[] ReadingScopes = ["pipeline", "pipeline:write", "pipeline:variable", "read:pipeline:bitbucket"];
    private static readonly string[] RepositoryScopes = ["repository", "repository:write", "repository:admin", "read:repository:bitbucket"];
    private static readonly string[] RunningScopes = ["pipeline:write", "write:pipeline:bitbucket"];
    private static readonly string[] WritingScopes = ["pipeline:variable", "admin:pipeline:bitbucket"];

    /// <summary>Makes a state accept one credential of each kind.</summary>
    public static void Seed(BitbucketState state) => state.Credentials =
    [
        new() { Kind = "access-token", Secret = AccessToken, Scopes = ["pipeline", "pipeline:write", "pipeline:variable", "repository"] },
        new()
        {
            Kind = "api-token",
            Name = Email,
            Secret = ApiToken,
            Scopes = ["read:pipeline:bitbucket", "write:pipeline:bitbucket", "admin:pipeline:bitbucket", "read:repository:bitbucket"],
        },
        new()
        {
            Kind = "oauth-consumer",
            Name = ConsumerKey,
            Secret = ConsumerSecret,
            Scopes = ["pipeline", "pipeline:write", "pipeline:variable", "repository"],
        },
    ];

    /// <summary>Gives every credential what changing deploy keys takes.</summary>
    public static void AdmitDeployKeys(BitbucketState state)
    {
        foreach (var credential in state.Credentials)
            credential.Scopes =
            [
                .. credential.Scopes.Union(
                    credential.Kind == "api-token"
                        ? ["admin:repository:bitbucket", "write:ssh-key:bitbucket", "delete:ssh-key:bitbucket"]
                        : ["repository:admin"],
                    StringComparer.Ordinal),
            ];
    }

    /// <summary>The credential that a request shows, or null where it shows none that is accepted.</summary>
    public static CredentialState? Admit(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var (scheme, name, secret) = Shown(request);
        return state.Bitbucket.Credentials.Find(c =>
            c.Secret == secret
            && (c.Expires is not { } end || end > clock.Real)
            && (scheme, c.Kind) switch
            {
                ("Bearer", "access-token" or "oauth-token") => true,
                ("Basic", "api-token") => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase),
                _ => false,
            });
    }

    /// <summary>A credential as the sandbox's lasting conditions make it.</summary>
    public static CredentialState Under(ImmutableHashSet<Condition> conditions, CredentialState credential) =>
        credential with
        {
            Scopes = conditions.Contains(MissingScope)
                ? [.. credential.Scopes.Except(WritingScopes, StringComparer.Ordinal)]
                : credential.Scopes,
            Repositories = conditions.Contains(NoAccess) ? [] : credential.Repositories,
        };

    /// <summary>What an answer's headers tell of the credential. Only access tokens are told their limit, here the highest one.</summary>
    public static Dictionary<string, string> Told(CredentialState credential)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["X-OAuth-Scopes"] = string.Join(", ", credential.Scopes),
            ["X-Credential-Type"] = credential.Kind switch
            {
                "access-token" => "workspace_access_token",
                "api-token" => "api_token",
                _ => "oauth2",
            },
        };
        if (credential.Kind == "access-token")
        {
            headers["X-RateLimit-Limit"] = "10000";
            headers["X-RateLimit-Resource"] = "api";
            headers["X-RateLimit-NearLimit"] = "false";
        }

        return headers;
    }

    /// <summary>A refusal where the credential's scopes don't cover a call on variables; null where they do.</summary>
    public static SandboxAnswer? Scopes(CredentialState credential, bool writes) =>
        Lacking(credential, writes ? WritingScopes : ReadingScopes);

    /// <summary>As <see cref="Scopes"/>, for running and stopping pipelines, and for changing their schedules.</summary>
    public static SandboxAnswer? RunScopes(CredentialState credential) => Lacking(credential, RunningScopes);

    /// <summary>As <see cref="Scopes"/>, for the reports of a commit: reading the repository is enough for writing them.</summary>
    public static SandboxAnswer? ReportScopes(CredentialState credential) => Lacking(credential, RepositoryScopes);

    /// <summary>As <see cref="Scopes"/>, for the deploy keys of a repository.</summary>
    public static SandboxAnswer? DeployKeyScopes(CredentialState credential, string method) => Lacking(credential, DeployKeyAdmin)
        ?? (method == "GET" ? null : Lacking(credential, method == "DELETE" ? DeployKeyDeleting : DeployKeyWriting));

    // Every list begins with the least scope, and ends with the least of an API token.
    private static SandboxAnswer? Lacking(CredentialState credential, string[] enough) =>
        credential.Scopes.Intersect(enough, StringComparer.Ordinal).Any()
            ? null
            : BitbucketAnswers.Refused(
                403,
                "Your credentials lack one or more required privilege scopes.",
                [credential.Kind == "api-token" ? enough[^1] : enough[0]],
                credential.Scopes);

    /// <summary>Whether a credential may see a repository, or a workspace.</summary>
    public static bool Sees(CredentialState credential, BitbucketRoute route) =>
        credential.Repositories is not { } repositories
        || (route.Repository is not null
            && repositories.Contains($"{route.Workspace}/{route.Repository}", StringComparer.OrdinalIgnoreCase));

    /// <summary>Answers a POST to the token endpoint.</summary>
    public static SandboxAnswer Token(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var (scheme, name, secret) = Shown(request);
        var consumer = state.Bitbucket.Credentials.Find(
            c => c.Kind == "oauth-consumer" && scheme == "Basic" && c.Name == name && c.Secret == secret);
        if (consumer is null)
            return OAuthError(401, "invalid_client", "The specified OAuth consumer is not known, or its secret is wrong.");
        if (Encoding.UTF8.GetString(request.Body) != "grant_type=client_credentials")
            return OAuthError(400, "unsupported_grant_type", "Only client_credentials is supported here.");
        var token = new CredentialState
        {
            Kind = "oauth-token",
            Secret = $"sandbox-oauth-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}",
            Scopes = consumer.Scopes,
            Repositories = consumer.Repositories,
            Expires = clock.Real.AddSeconds(TokenSeconds),
        };
        state.Bitbucket.Credentials.RemoveAll(c => c.Expires <= clock.Real);
        state.Bitbucket.Credentials.Add(token);
        var answer = new JsonObject
        {
            ["scopes"] = string.Join(' ', token.Scopes),
            ["access_token"] = token.Secret,
            ["expires_in"] = TokenSeconds,
            ["token_type"] = "bearer",
            ["state"] = "client_credentials",
        };
        return SandboxAnswer.Json(200, answer) with { Changed = true };
    }

    private static SandboxAnswer OAuthError(int status, string error, string description) =>
        SandboxAnswer.Json(status, new JsonObject { ["error"] = error, ["error_description"] = description });

    private static (string Scheme, string Name, string Secret) Shown(SandboxRequest request)
    {
        var parts = request.Headers.GetValueOrDefault("Authorization", "").Split(' ', 2);
        if (parts is not [var scheme, var parameter])
            return ("", "", "");
        if (!string.Equals(scheme, "Basic", StringComparison.OrdinalIgnoreCase))
            return (string.Equals(scheme, "Bearer", StringComparison.OrdinalIgnoreCase) ? "Bearer" : "", "", parameter);
        var buffer = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, buffer, out var length)
            && Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is [var name, var secret]
            ? ("Basic", name, secret)
            : ("", "", "");
    }
}
