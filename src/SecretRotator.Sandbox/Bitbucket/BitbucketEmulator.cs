using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>
/// Bitbucket Cloud's REST API 2.0, as far as the product calls it: variables of the three scopes, deployment
/// environments, pipelines, reports on commits, and the token endpoint. Its quirks are the real ones.
/// </summary>
/// <param name="random">Where the uuids of new variables come from.</param>
/// <param name="conditions">What is wrong with its credentials, or null for nothing.</param>
internal sealed class BitbucketEmulator(IRandomSource random, ImmutableHashSet<Condition>? conditions = null) : IEmulator
{
    private const string TokenPath = "/site/oauth2/access_token";

    public const string Name = "bitbucket";

    /// <summary>The operations that a fault can name; <c>step</c> is no call, but a step that a pipeline runs.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "list", "get", "post", "put", "delete", "environments", "pipeline", "pipelines", "run", "steps", "log", "storage", "stop", "step",
        "pipelinesConfig", "repository", "report", "annotations", "token", "repositories",
        "list-schedules", "get-schedule", "post-schedule", "put-schedule", "delete-schedule",
        "list-deploy-keys", "post-deploy-key", "delete-deploy-key", "get-key-pair", "put-key-pair", "delete-key-pair",
    ];

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        if (request.Path == TokenPath)
            return new("token", "");
        if (request.Path.StartsWith(BitbucketRuns.StoragePath, StringComparison.Ordinal))
            return new("storage", request.Path[BitbucketRuns.StoragePath.Length..]);
        if (BitbucketRoute.Of(request.Path) is not { } route)
            return new("unknown", request.Path);
        var scope = route.ScopeIn(state);
        return (route.Collection, request.Method, route.Uuid) switch
        {
            (BitbucketCollection.Environments, _, _) => new("environments", scope),
            (BitbucketCollection.Repository, _, _) => new("repository", scope),
            (BitbucketCollection.PipelinesConfig, _, _) => new("pipelinesConfig", scope),
            (BitbucketCollection.Pipelines, "POST", null) => new("run", $"{scope}:{BitbucketRuns.NameIn(request.Body)}"),
            (BitbucketCollection.Pipelines, _, null) => new("pipelines", scope),
            (BitbucketCollection.Pipelines, _, _) => new("pipeline", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Steps or BitbucketCollection.Step, _, _) => new("steps", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Log, _, _) => new("log", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Stop, _, _) => new("stop", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Reports, _, _) => new("report", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Annotations, _, _) => new("annotations", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Repositories, _, _) => new("repositories", scope),
            (BitbucketCollection.Schedules, _, _) => EmulatedSchedules.Identify(request, route, state),
            (BitbucketCollection.DeployKeys, _, _) => EmulatedDeployKeys.Identify(request, route, state),
            (BitbucketCollection.KeyPair, _, _) =>
                new($"{request.Method.ToLowerInvariant()}-key-pair", $"{scope}:{VariableScope.SshKeyPair.Key}"),
            (_, "GET", null) => new("list", scope),
            (_, "POST", _) =>
                new("post", $"{scope}:{BitbucketRequests.Read(request.Body, BitbucketRequests.Default.VariableRequest)?.Key}"),
            _ => new(request.Method.ToLowerInvariant(), $"{scope}:{route.VariableIn(state)?.Key ?? route.Uuid}"),
        };
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (request.Path == TokenPath)
            return request.Method == "POST" ? BitbucketAuthentication.Token(request, state, clock) : BitbucketAnswers.NotAllowed();
        if (request.Path.StartsWith(BitbucketRuns.StoragePath, StringComparison.Ordinal))
            return BitbucketRuns.Storage(request, state);
        if (BitbucketAuthentication.Admit(request, state, clock) is not { } admitted)
            return BitbucketAnswers.Trouble(401);
        var credential = BitbucketAuthentication.Under(conditions ?? [], admitted);
        var answer = Admitted(request, state, clock, credential);
        var headers = answer.Headers.Concat(BitbucketAuthentication.Told(credential)).ToDictionary(StringComparer.OrdinalIgnoreCase);
        return answer with { Headers = headers };
    }

    public SandboxAnswer Trouble(int status) => BitbucketAnswers.Trouble(status);

    private SandboxAnswer Admitted(SandboxRequest request, SandboxState state, SandboxClock clock, CredentialState credential)
    {
        if (BitbucketRoute.Of(request.Path) is not { } route)
            return BitbucketAnswers.Refused(404, "Resource not found");
        if (route is { Collection: BitbucketCollection.Repositories, Slash: false })
            return EmulatedRepositories.Answer(request, route, state, credential);
        var missing = route.Repository is null ? route.WorkspaceIn(state) is null : route.RepositoryIn(state) is null;
        if (missing || !BitbucketAuthentication.Sees(credential, route))
            return BitbucketAnswers.NoAccess(route.Repository);
        var writes = request.Method != "GET";
        var lacking = route.Collection switch
        {
            BitbucketCollection.DeployKeys => BitbucketAuthentication.DeployKeyScopes(credential, request.Method),
            BitbucketCollection.Reports or BitbucketCollection.Annotations or BitbucketCollection.Repository =>
                BitbucketAuthentication.ReportScopes(credential),
            BitbucketCollection.Schedules or BitbucketCollection.Pipelines or BitbucketCollection.Steps or BitbucketCollection.Step
                or BitbucketCollection.Log or BitbucketCollection.Stop when writes => BitbucketAuthentication.RunScopes(credential),
            _ => BitbucketAuthentication.Scopes(credential, writes),
        };
        if (lacking is { } refusal)
            return refusal;
        if (request.Method is "POST" or "PUT" && request.Body.Length > 0 && !IsTyped(request.Body))
            return BitbucketAnswers.ByPipelines(400, "Bad request", "The body is no object with a type, nor a list of such objects.");
        return route.Collection switch
        {
            BitbucketCollection.Repository or BitbucketCollection.PipelinesConfig =>
                Repository(request, route, route.RepositoryIn(state)!),
            BitbucketCollection.KeyPair when !route.Slash => EmulatedKeyPair.Answer(request, route.RepositoryIn(state)!),
            BitbucketCollection.Reports or BitbucketCollection.Annotations => BitbucketReports.Answer(request, route, state, random),
            BitbucketCollection.Pipelines or BitbucketCollection.Steps or BitbucketCollection.Step or BitbucketCollection.Log
                or BitbucketCollection.Stop => BitbucketRuns.Answer(request, route, state, clock, random),
            _ when route.Slash != (state.Bitbucket.WantsSlash && request.Method == "GET" && route.Uuid is null) =>
                BitbucketAnswers.Refused(404, "Resource not found"),
            BitbucketCollection.Environments => Environments(request, route, state),
            BitbucketCollection.DeployKeys => EmulatedDeployKeys.Answer(request, route, state, clock),
            BitbucketCollection.Schedules => EmulatedSchedules.Answer(request, route, state, clock, random),
            _ => EmulatedVariables.Answer(request, route, state, random),
        };
    }

    // Atlassian's description derives every body from one schema that requires a type. The real service lets it go.
    private static bool IsTyped(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().All(HasType) : HasType(root);
        }
        catch (JsonException)
        {
            return false;
        }

        static bool HasType(JsonElement element) =>
            element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String;
    }

    private static SandboxAnswer Repository(SandboxRequest request, BitbucketRoute route, RepositoryState repository)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.NotAllowed();
        if (route.Collection == BitbucketCollection.PipelinesConfig && !repository.PipelinesEnabled)
            return BitbucketAnswers.NotFound("pipelines configuration");
        return SandboxAnswer.Json(200, route.Collection == BitbucketCollection.Repository
            ? new JsonObject { ["type"] = "repository", ["uuid"] = repository.Uuid }
            : new JsonObject { ["type"] = "repository_pipelines_configuration", ["enabled"] = true });
    }

    private static SandboxAnswer Environments(SandboxRequest request, BitbucketRoute route, SandboxState state) => request.Method == "GET"
        ? BitbucketPage.Answer(request, route, route.RepositoryIn(state)!.Environments, environment => new JsonObject
        {
            ["type"] = "deployment_environment",
            ["uuid"] = environment.Uuid,
            ["name"] = environment.Name,
            ["restrictions"] = new JsonObject
            {
                ["type"] = "deployment_restrictions_configuration",
                ["admin_only"] = environment.IsForAdministrators,
            },
        })
        : BitbucketAnswers.NotAllowed();
}
