using System.Globalization;
using System.Text.Json;
using SecretRotator.Values;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>
/// Bitbucket Cloud's REST API 2.0, as far as the product calls it: variables of the three scopes, deployment
/// environments, pipelines, reports on commits, and the token endpoint. Its quirks are the real ones.
/// </summary>
/// <param name="random">Where the uuids of new variables come from.</param>
internal sealed class BitbucketStandIn(IRandomSource random) : IStandIn
{
    private const string TokenPath = "/site/oauth2/access_token";

    /// <inheritdoc />
    public string Service => "bitbucket";

    /// <inheritdoc />
    public string Listener => "bitbucket";

    /// <inheritdoc />
    public bool Tls => false;

    /// <inheritdoc />
    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        if (request.Path == TokenPath)
            return new("token", "");
        if (BitbucketRoute.Of(request.Path) is not { } route)
            return new("unknown", request.Path);
        var scope = route.ScopeIn(state);
        return (route.Collection, request.Method, route.Uuid) switch
        {
            (BitbucketCollection.Environments, _, _) => new("environments", scope),
            (BitbucketCollection.Pipelines, "GET", null) => new("pipelines", scope),
            (BitbucketCollection.Pipelines, _, _) => new("pipeline", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Reports, _, _) => new("report", $"{scope}:{route.Uuid}"),
            (BitbucketCollection.Annotations, _, _) => new("annotations", $"{scope}:{route.Uuid}"),
            (_, "GET", null) => new("list", scope),
            (_, "POST", _) => new("post", $"{scope}:{VariableRequest.Read(request.Body)?.Key}"),
            _ => new(request.Method.ToLowerInvariant(), $"{scope}:{route.VariablesIn(state)?.Find(v => BitbucketRoute.Same(v.Uuid, route.Uuid))?.Key ?? route.Uuid}"),
        };
    }

    /// <inheritdoc />
    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (request.Path == TokenPath)
            return request.Method == "POST" ? BitbucketDoor.Token(request, state, clock) : BitbucketAnswers.Refused(405, "Method not allowed");
        if (BitbucketDoor.Admit(request, state, clock) is not { } credential)
            return BitbucketAnswers.Trouble(401);
        var answer = Admitted(request, state, credential);
        return credential.Kind == "access-token" ? answer with { Headers = RateLimits } : answer;
    }

    /// <inheritdoc />
    public SandboxAnswer Trouble(int status) => BitbucketAnswers.Trouble(status);

    // Bitbucket tells its limits to access tokens only. This is the highest one that it grants.
    private static Dictionary<string, string> RateLimits { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["X-RateLimit-Limit"] = "10000",
        ["X-RateLimit-Resource"] = "api",
        ["X-RateLimit-NearLimit"] = "false",
    };

    private SandboxAnswer Admitted(SandboxRequest request, SandboxState state, CredentialState credential)
    {
        if (BitbucketRoute.Of(request.Path) is not { } route)
            return BitbucketAnswers.Refused(404, "Resource not found");
        if (!BitbucketDoor.Sees(credential, route) || (route.Repository is null ? route.WorkspaceIn(state) is null : route.RepositoryIn(state) is null))
            return BitbucketAnswers.NoAccess(route.Repository);
        var reports = route.Collection is BitbucketCollection.Reports or BitbucketCollection.Annotations;
        if ((reports ? BitbucketDoor.ReportScopes(credential) : BitbucketDoor.Scopes(credential, writes: request.Method != "GET")) is { } refusal)
            return refusal;
        if (reports)
            return BitbucketReports.Answer(request, route, state, random);
        if (route.Slash != (state.Bitbucket.WantsSlash && request.Method == "GET" && route.Uuid is null))
            return BitbucketAnswers.Refused(404, "Resource not found");
        return route.Collection switch
        {
            BitbucketCollection.Environments => Environments(request, route, state),
            BitbucketCollection.Pipelines when route.Uuid is null => BitbucketPipelineList.Answer(request, route, state),
            BitbucketCollection.Pipelines => Pipeline(request, route, state),
            _ => BitbucketVariables.Answer(request, route, state, random),
        };
    }

    private static SandboxAnswer Environments(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.Refused(405, "Method not allowed");
        return BitbucketPage.Answer(request, route, route.RepositoryIn(state)!.Environments, (writer, environment) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "deployment_environment");
            writer.WriteString("uuid", environment.Uuid);
            writer.WriteString("name", environment.Name);
            writer.WriteEndObject();
        });
    }

    private static SandboxAnswer Pipeline(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.Refused(405, "Method not allowed");
        if (route.RepositoryIn(state)!.Pipelines.Find(p => BitbucketRoute.Same(p.Uuid, route.Uuid)) is not { } pipeline)
            return BitbucketAnswers.NotFound("pipeline");
        return BitbucketAnswers.Json(200, writer => BitbucketPipelineList.Write(writer, pipeline));
    }
}

/// <summary>One page of a collection: ten entries unless asked, a hundred at most, and a <c>next</c> that lies.</summary>
internal static class BitbucketPage
{
    private const int Unasked = 10;
    private const int Most = 100;

    /// <summary>The page that a request asks for.</summary>
    public static SandboxAnswer Answer<T>(SandboxRequest request, BitbucketRoute route, IReadOnlyList<T> all, Action<Utf8JsonWriter, T> write, bool changed = false)
    {
        var (pagelen, page) = (Number(request, "pagelen", Unasked), Number(request, "page", 1));
        if (pagelen is < 1 or > Most || page < 1)
            return BitbucketAnswers.Refused(400, "Invalid pagelen or page");
        var skip = (int)Math.Min((long)(page - 1) * pagelen, all.Count);
        var more = skip + pagelen < all.Count;
        return BitbucketAnswers.Json(
            200,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("page", page);
                writer.WriteNumber("size", all.Count);
                writer.WriteNumber("pagelen", pagelen);
                writer.WriteStartArray("values");
                foreach (var entry in all.Skip(skip).Take(pagelen))
                    write(writer, entry);
                writer.WriteEndArray();
                if (Next(request, route, page, more) is { } next)
                    writer.WriteString("next", next);
                writer.WriteEndObject();
            },
            changed);
    }

    // An internal address for workspaces, none for repositories, one on every page for environments: all seen.
    private static string? Next(SandboxRequest request, BitbucketRoute route, int page, bool more) =>
        route.Repository is null ? (more ? $"{request.Host.GetLeftPart(UriPartial.Authority)}/internal/rest/1.0/accounts/variables?page={page + 1}" : null)
        : route.Environment is null ? null
        : $"{request.Host.GetLeftPart(UriPartial.Authority)}{request.Path}?page={page + 1}";

    private static int Number(SandboxRequest request, string name, int unasked) =>
        !request.Query.TryGetValue(name, out var text) ? unasked
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : -1;
}
