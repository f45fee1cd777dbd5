namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The deploy keys of a repository. None is ever changed.</summary>
internal static class EmulatedDeployKeys
{
    /// <summary>What a request asks for, in the words of faults: <c>post-deploy-key</c> on <c>payments-api:LABEL</c>.</summary>
    public static CallName Identify(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        var scope = route.ScopeIn(state);
        return route.Uuid is null && request.Method == "POST" ? new("post-deploy-key", $"{scope}:{Read(request)?.Label}")
            : route.Uuid is null ? new("list-deploy-keys", scope)
            : new($"{request.Method.ToLowerInvariant()}-deploy-key", $"{scope}:{Find(route, state)?.Label ?? route.Uuid}");
    }

    /// <summary>Answers a call on the deploy keys of a repository that the caller may administer.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state, SandboxClock clock)
    {
        var keys = route.RepositoryIn(state)!.DeployKeys;
        switch (request.Method)
        {
            case "GET" when route.Uuid is null:
                return BitbucketPage.Listing(request, route, keys, key => Describe(route, key));
            case "POST" when route.Uuid is null:
                return Create(request, route, keys, state.Bitbucket.ListingLag, clock);
            case "DELETE" when Find(route, state) is { } key:
                keys.Remove(key);
                return SandboxAnswer.Done;
            case "DELETE" when route.Uuid is not null:
                return BitbucketAnswers.Refused(404, "Deploy key not found");
            default:
                return BitbucketAnswers.NotAllowed();
        }
    }

    /// <summary>Adds a key; its comment is kept apart. Null where the text is no public key.</summary>
    public static DeployKeyState? Add(List<DeployKeyState> keys, string line, string label, DateTimeOffset now)
    {
        if (SshPublicKey.Parse(line) is not { } parsed)
            return null;
        var key = new DeployKeyState
        {
            Id = keys.Select(each => each.Id).DefaultIfEmpty(1000).Max() + 1,
            Key = parsed.Text,
            Comment = string.Join(' ', line.Split(' ')[2..]),
            Label = label,
            AddedOn = now,
        };
        keys.Add(key);
        return key;
    }

    private static SandboxAnswer Create(
        SandboxRequest request, BitbucketRoute route, List<DeployKeyState> keys, int lag, SandboxClock clock)
    {
        if (Read(request) is not { } asked || SshPublicKey.Parse(asked.Key) is not { } wanted)
            return BitbucketAnswers.Refused(400, "Invalid SSH key.");
        if (keys.Exists(key => key.Key == wanted.Text))
            return BitbucketAnswers.Refused(400, "Someone has already added that access key to this repository.");
        var added = Add(keys, asked.Key, asked.Label, clock.Now)!;
        added.HiddenListings = lag;
        return SandboxAnswer.Json(200, Describe(route, added)) with { Changed = true };
    }

    private static DeployKeyState? Find(BitbucketRoute route, SandboxState state) =>
        long.TryParse(route.Uuid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? route.RepositoryIn(state)?.DeployKeys.Find(key => key.Id == id)
            : null;

    private static DeployKeyRequest? Read(SandboxRequest request) =>
        BitbucketRequests.Read(request.Body, BitbucketRequests.Default.DeployKeyRequest);

    // The description's examples have created_on where its schema has added_on.
    private static JsonObject Describe(BitbucketRoute route, DeployKeyState key) => new()
    {
        ["type"] = "deploy_key",
        ["id"] = key.Id,
        ["key"] = key.Key,
        ["label"] = key.Label,
        ["comment"] = key.Comment,
        ["created_on"] = key.AddedOn,
        ["last_used"] = key.LastUsed,
        ["repository"] = new JsonObject { ["type"] = "repository", ["full_name"] = $"{route.Workspace}/{route.Repository}" },
    };
}
