using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Google;

/// <summary>Secret Manager's REST interface, version 1, of all projects and locations.</summary>
/// <remarks>
/// The quirks are the documented ones: every change of a secret or of a version gives it another etag, even one that changes nothing, and
/// a change of one leaves the etag of the other alone; <c>latest</c> is the newest version even when it is disabled; answers name the
/// project by its number.
/// </remarks>
/// <param name="largestPage">How many versions a page has at most.</param>
internal sealed class SecretManagerEmulator(int largestPage = 25_000) : IEmulator
{
    public const string Name = "google";

    private const string ProjectNumber = "projects/400300200100";
    private const string JsonType = "application/json; charset=UTF-8";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "GetSecret", "PatchSecret", "CreateSecret", "ListVersions", "AddVersion", "AccessVersion", "DisableVersion", "TestIamPermissions",
    ];

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var route = SecretManagerRoute.Of(request);
        return new(route.Operation, route.Name.Length > 0 ? route.Name : request.Path);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        try
        {
            return Answer(request, state.Google, clock);
        }
        catch (Refusal refusal)
        {
            return Error(refusal.Status, refusal.Code, refusal.Message);
        }
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        400 => Error(400, "FAILED_PRECONDITION", "The precondition isn't met."),
        401 => Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        403 => Error(403, "PERMISSION_DENIED", "Permission denied on resource.", "IAM_PERMISSION_DENIED"),
        404 => Error(404, "NOT_FOUND", "It is not found."),
        409 => Error(409, "ABORTED", "The operation was aborted."),
        429 => Error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric.", "RATE_LIMIT_EXCEEDED").With("Retry-After", "1"),
        503 => Error(503, "UNAVAILABLE", "The service is currently unavailable."),
        504 => Error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
        _ => Error(status, "INTERNAL", "Internal error encountered."),
    };

    private SandboxAnswer Answer(SandboxRequest request, GoogleState google, SandboxClock clock)
    {
        if (!google.AccessTokens.TryGetValue(request.Bearer ?? "", out var end) || clock.Real >= end)
            return Trouble(401);
        var route = SecretManagerRoute.Of(request);
        if (route.Operation == "Unknown")
            throw new Refusal("NOT_FOUND", "Method not found.", 404);
        if (!SecretManagerBody.IsName(route.Name))
            throw SecretManagerBody.Invalid("The provided Secret ID does not match the expected format [[a-zA-Z_0-9-]+].");
        if (route.Operation == "TestIamPermissions")
            return TestPermissions(request, google, route);
        if (IsDenied(google, route.Permission!, route.Name))
            return Error(
                403, "PERMISSION_DENIED", $"Permission '{route.Permission}' denied for resource '{route.Secret}' (or it may not exist).",
                "IAM_PERMISSION_DENIED", route.Permission);
        if (route.Operation == "CreateSecret")
            return Create(request, google, route, clock);
        if (!google.Secrets.TryGetValue(route.Secret, out var secret))
            throw new Refusal("NOT_FOUND", $"Secret [{Numbered(route.Secret)}] not found or has no versions.", 404);
        return route.Operation switch
        {
            "GetSecret" => Json(Describe(route, secret)),
            "PatchSecret" => Patch(request, google, route, secret),
            "ListVersions" => List(request, route, secret),
            "AddVersion" => Add(request, google, route, secret, clock),
            "AccessVersion" => Access(route, secret),
            "DisableVersion" => Disable(request, google, route, secret),
            _ => throw new InvalidOperationException($"{route.Operation} has no answer."),
        };
    }

    private static SandboxAnswer TestPermissions(SandboxRequest request, GoogleState google, SecretManagerRoute route)
    {
        var asked = SecretManagerBody.Object(request, "permissions").TryGetProperty("permissions", out var list)
            && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(each => each.GetString() ?? "").ToList()
            : throw SecretManagerBody.Invalid("Permissions are required.");

        // Of a secret that isn't there: an empty set, and not NOT_FOUND.
        var had = google.Secrets.ContainsKey(route.Secret) ? asked.Where(each => !IsDenied(google, each, route.Name)) : [];
        var answer = new JsonObject();
        if (had.ToList() is { Count: > 0 } some)
            answer["permissions"] = new JsonArray([.. some.Select(each => (JsonNode)each)]);
        return Json(answer);
    }

    private static bool IsDenied(GoogleState google, string permission, string name) =>
        google.Denied.Contains(permission) || google.Denied.Contains($"{permission}@{name}");

    private static SandboxAnswer Create(SandboxRequest request, GoogleState google, SecretManagerRoute route, SandboxClock clock)
    {
        var body = SecretManagerBody.Object(request, "replication", "annotations", "labels", "customerManagedEncryption");
        var replication = body.TryGetProperty("replication", out var given) ? given.GetRawText() : null;
        var isRegional = route.Parent.Contains("/locations/", StringComparison.Ordinal);
        if (isRegional != (replication is null)
            || (given.ValueKind == JsonValueKind.Object && given.EnumerateObject().Count() != 1))
            throw SecretManagerBody.Invalid("Field [secret.replication] must be set, of regional secrets alone it must not.");
        if (google.Secrets.ContainsKey(route.Secret))
            throw new Refusal("ALREADY_EXISTS", $"Secret [{Numbered(route.Secret)}] already exists.", 409);
        var secret = google.Secrets[route.Secret] = new GoogleSecretState
        {
            Created = clock.Now,
            Etag = google.NewEtag(),
            Annotations = SecretManagerBody.Annotations(body),
            Replication = replication,
        };
        return Json(Describe(route, secret)) with { Changed = true };
    }

    private static SandboxAnswer Patch(SandboxRequest request, GoogleState google, SecretManagerRoute route, GoogleSecretState secret)
    {
        if (request.Query.GetValueOrDefault("updateMask") != "annotations")
            throw SecretManagerBody.Invalid("The update_mask must name annotations: nothing else is changed here.");
        var body = SecretManagerBody.Object(request, "name", "etag", "annotations");
        CheckEtag(body, secret.Etag);
        secret.Annotations = SecretManagerBody.Annotations(body);
        secret.Etag = google.NewEtag();
        return Json(Describe(route, secret)) with { Changed = true };
    }

    private SandboxAnswer List(SandboxRequest request, SecretManagerRoute route, GoogleSecretState secret)
    {
        var size = Number(request, "pageSize", 0) is > 0 and var asked ? Math.Min(asked, largestPage) : Math.Min(100, largestPage);
        var from = Number(request, "pageToken", secret.Versions.Count);
        if (from > secret.Versions.Count)
            throw SecretManagerBody.Invalid("The provided page token is invalid.");
        var answer = new JsonObject
        {
            ["versions"] = new JsonArray(
            [
                .. Enumerable.Range(0, Math.Min(size, from)).Select(step => Describe(route, secret.Versions[from - 1 - step], secret)),
            ]),
            ["totalSize"] = secret.Versions.Count,
        };
        if (secret.Versions.Count == 0)
            return Json(new JsonObject());
        if (from > size)
            answer["nextPageToken"] = (from - size).ToString(CultureInfo.InvariantCulture);
        return Json(answer);
    }

    private static int Number(SandboxRequest request, string name, int otherwise) =>
        !request.Query.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw SecretManagerBody.Invalid($"The provided {name} is invalid.");

    private static SandboxAnswer Add(
        SandboxRequest request, GoogleState google, SecretManagerRoute route, GoogleSecretState secret, SandboxClock clock)
    {
        var data = SecretManagerBody.Payload(SecretManagerBody.Object(request, "payload"));
        secret.Versions.Add(new GoogleVersionState { Created = clock.Now, Etag = google.NewEtag(), Data = data });
        return Json(Describe(route, secret.Versions[^1], secret)) with { Changed = true };
    }

    private static SandboxAnswer Access(SecretManagerRoute route, GoogleSecretState secret)
    {
        var version = Find(route, secret);
        if (version.State != "ENABLED")
            throw new Refusal("FAILED_PRECONDITION", $"Secret Version [{NameOf(route, version, secret)}] is in {version.State} state.");
        return Json(new JsonObject
        {
            ["name"] = NameOf(route, version, secret),
            ["payload"] = new JsonObject
            {
                ["data"] = version.Data,
                ["dataCrc32c"] = SecretManagerBody.Crc32C(Convert.FromBase64String(version.Data)),
            },
        });
    }

    private static SandboxAnswer Disable(SandboxRequest request, GoogleState google, SecretManagerRoute route, GoogleSecretState secret)
    {
        var version = Find(route, secret);
        CheckEtag(SecretManagerBody.Object(request, "etag"), version.Etag);
        if (version.State == "DESTROYED")
            throw new Refusal("FAILED_PRECONDITION", $"Secret Version [{NameOf(route, version, secret)}] is in DESTROYED state.");
        version.State = "DISABLED";
        version.Etag = google.NewEtag();
        return Json(Describe(route, version, secret)) with { Changed = true };
    }

    private static void CheckEtag(JsonElement body, string etag)
    {
        if (SecretManagerBody.Text(body, "etag") is { Length: > 0 } expected && expected != etag)
            throw new Refusal("FAILED_PRECONDITION", "The etag provided in the request does not match the resource.");
    }

    private static GoogleVersionState Find(SecretManagerRoute route, GoogleSecretState secret)
    {
        var number = route.Version == "latest" ? secret.Versions.Count
            : int.TryParse(route.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked
            : throw SecretManagerBody.Invalid("The provided Secret Version ID is invalid.");
        return number >= 1 && number <= secret.Versions.Count
            ? secret.Versions[number - 1]
            : throw new Refusal("NOT_FOUND", $"Secret Version [{Numbered(route.Secret)}/versions/{route.Version}] not found.", 404);
    }

    private static JsonObject Describe(SecretManagerRoute route, GoogleSecretState secret)
    {
        var answer = new JsonObject
        {
            ["name"] = Numbered(route.Secret),
            ["createTime"] = StateDocument.Time(secret.Created),
            ["etag"] = secret.Etag,
        };
        answer.AddKnown("replication", secret.Replication is { } replication ? JsonNode.Parse(replication) : null);
        answer.AddKnown("expireTime", StateDocument.Time(secret.Expires));
        if (secret.NextRotation is { } next)
            answer["rotation"] = new JsonObject { ["nextRotationTime"] = StateDocument.Time(next), ["rotationPeriod"] = "2592000s" };
        if (secret.Annotations.Count > 0)
            answer["annotations"] = StateDocument.Tags(secret.Annotations);
        if (secret.Labels.Count > 0)
            answer["labels"] = StateDocument.Tags(secret.Labels);
        return answer;
    }

    private static JsonObject Describe(SecretManagerRoute route, GoogleVersionState version, GoogleSecretState secret) => new()
    {
        ["name"] = NameOf(route, version, secret),
        ["createTime"] = StateDocument.Time(version.Created),
        ["state"] = version.State,
        ["replicationStatus"] = new JsonObject { ["automatic"] = new JsonObject() },
        ["etag"] = version.Etag,
        ["clientSpecifiedPayloadChecksum"] = true,
    };

    private static string NameOf(SecretManagerRoute route, GoogleVersionState version, GoogleSecretState secret) =>
        $"{Numbered(route.Secret)}/versions/{secret.Versions.IndexOf(version) + 1}";

    private static string Numbered(string name) => ProjectNumber + name[name.IndexOf('/', "projects/".Length)..];

    private static SandboxAnswer Json(JsonObject body) => SandboxAnswer.Json(200, body, JsonType);

    private static SandboxAnswer Error(int status, string code, string message, string? reason = null, string? permission = null) =>
        GoogleAnswers.Refused(status, code, message, reason, "secretmanager.googleapis.com", permission) with { ContentType = JsonType };
}
