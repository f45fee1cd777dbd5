using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The variables of one scope: what can be done to them.</summary>
internal static partial class EmulatedVariables
{
    /// <summary>Answers a call on the variables of a scope that the caller may see.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state, IRandomSource random)
    {
        if (route.Repository is not null && !route.RepositoryIn(state)!.PipelinesEnabled)
            return BitbucketAnswers.NotFound("pipelines configuration");
        if (route.VariablesIn(state) is not { } variables)
            return BitbucketAnswers.NotFound("deployment environment");
        if (route.Uuid is null)
        {
            return request.Method switch
            {
                "GET" => BitbucketPage.Listing(request, route, variables, variable => Describe(route, variable)),
                "POST" => Create(request, route, variables, state.Bitbucket.ListingLag, random),
                _ => BitbucketAnswers.NotAllowed(),
            };
        }
        if (variables.Find(v => BitbucketRoute.Same(v.Uuid, route.Uuid)) is not { } variable)
            return BitbucketAnswers.NotFound("variable");
        return request.Method switch
        {
            // A deployment variable can't be asked for alone.
            "GET" when route.Environment is null => One(200, route, variable),
            "PUT" => Put(request, route, variables, variable),
            "DELETE" => Delete(variables, variable),
            _ => BitbucketAnswers.NotAllowed(),
        };
    }

    private static SandboxAnswer Create(
        SandboxRequest request, BitbucketRoute route, List<VariableState> variables, int lag, IRandomSource random)
    {
        if (Read(request.Body) is not { Key: { } key, Value: { } value } asked || !Key().IsMatch(key))
            return Invalid();
        if (variables.Exists(v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase)))
            return Duplicate(route);
        var variable = new VariableState
        {
            Uuid = random.BracedUuid(),
            Key = key,
            Value = value,
            Secured = asked.Secured ?? false,
            HiddenListings = lag,
        };
        variables.Add(variable);
        return One(201, route, variable) with { Changed = true };
    }

    // A different key renames.
    private static SandboxAnswer Put(SandboxRequest request, BitbucketRoute route, List<VariableState> variables, VariableState variable)
    {
        if (Read(request.Body) is not { } asked || (asked.Key is { } given && !Key().IsMatch(given)))
            return Invalid();
        var key = asked.Key ?? variable.Key;
        if (variables.Exists(v => v != variable && string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase)))
            return Duplicate(route);
        if (asked.Secured is true && !variable.Secured && variable.RefusesToBeSecured)
            return BitbucketAnswers.ByPipelines(400, "Bad request", "A plain variable can't be changed to a secured one.");
        (variable.Key, variable.Value, variable.Secured) = (key, asked.Value ?? variable.Value, asked.Secured ?? variable.Secured);
        return One(200, route, variable) with { Changed = true };
    }

    private static SandboxAnswer Delete(List<VariableState> variables, VariableState variable)
    {
        variables.Remove(variable);
        return SandboxAnswer.Done;
    }

    private static SandboxAnswer One(int status, BitbucketRoute route, VariableState variable) =>
        SandboxAnswer.Json(status, Describe(route, variable));

    // A secured value is never returned: it is null in a workspace, absent in a repository, empty in an environment.
    private static JsonObject Describe(BitbucketRoute route, VariableState variable)
    {
        var described = new JsonObject
        {
            ["type"] = route.Environment is null ? "pipeline_variable" : "deployment_variable",
            ["uuid"] = variable.Uuid,
            ["key"] = variable.Key,
            ["secured"] = variable.Secured,
        };
        if (!variable.Secured)
            described["value"] = variable.Value;
        else if (route.Repository is null)
            described["value"] = null;
        else if (route.Environment is not null)
            described["value"] = "";
        return described;
    }

    // Atlassian: "Pipelines does not currently support line breaks in environment variables" (Use multiple SSH keys in your pipeline).
    private static VariableRequest? Read(byte[] body) =>
        BitbucketRequests.Read(body, BitbucketRequests.Default.VariableRequest) is { } asked
            && asked.Value?.AsSpan().ContainsAny('\n', '\r') != true
            ? asked
            : null;

    private static SandboxAnswer Invalid() =>
        BitbucketAnswers.ByPipelines(
            400,
            "Bad request",
            "The variable needs a key of letters, digits and underscores that begins with no digit, and a value.",
            "pipeline-service.variable.invalid");

    private static SandboxAnswer Duplicate(BitbucketRoute route) =>
        BitbucketAnswers.ByPipelines(409, "Conflict", $"A variable with the key provided already exists for account {route.Workspace}");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();
}
