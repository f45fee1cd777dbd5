using System.Net.Mime;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>One server of HashiCorp Vault or OpenBao: the REST interface of its KV engines, version 2, behind tokens and
/// policies.</summary>
/// <remarks>
/// The quirks are the real ones: a deleted version answers 404 with its metadata, a write without check-and-set is taken unless it is
/// required, old versions beyond <c>max_versions</c> vanish, and members come back sorted.
/// </remarks>
/// <param name="vault">The name that the inventory gives the vault.</param>
/// <param name="conditions">What is wrong with the trust.</param>
internal sealed class HashiCorpEmulator(string vault, ImmutableHashSet<Condition> conditions) : IEmulator
{
    private readonly HashiCorpAccess _access = new(conditions);

    private const int DefaultMaxVersions = 10;
    private const string IndexHeader = "X-Vault-Index";

    public const string Name = "hashicorp";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "ReadSecret", "WriteSecret", "ReadMetadata", "DeleteVersions", "UndeleteVersions", "DestroyVersions", "ReadConfig", "MountInfo",
        .. HashiCorpAccess.Operations,
    ];

    public string Service => Name;

    public string Listener => ListenerOf(vault);

    /// <summary>The listener of a vault, by the name that the inventory gives it.</summary>
    public static string ListenerOf(string vault) => $"{Name}:{vault}";

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var route = HashiCorpRoute.Of(request, ServerOf(state));
        return CallOf(route) ?? new(route.Operation, route.Path.Length > 0 ? route.Path : route.Full);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var server = ServerOf(state);
        var route = HashiCorpRoute.Of(request, server);
        var call = CallOf(route);
        if (call?.Operation != "Health" && (request.Header("X-Vault-Namespace") ?? "").Trim('/') != server.Namespace)
            return Refuse(403, "permission denied");
        if (_access.AnswerOpen(call, request, server, state, clock) is { } open)
            return open;
        if (HashiCorpAccess.Admit(request, server, clock) is not { } token)
            return Refuse(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
        var answer = Answer(call, request, route, server, token, clock);
        return server.Tokens.GetValueOrDefault(token)?.UsesLeft == 0 && server.Tokens.Remove(token)
            ? answer with { Changed = true }
            : answer;
    }

    private static SandboxAnswer Answer(
        CallName? call, SandboxRequest request, HashiCorpRoute route, HashiCorpState server, string token, SandboxClock clock)
    {
        var policies = RulesOf(server.Tokens[token], server);
        if (call is not null && HashiCorpAccess.CapabilityFor(call) is { } needed && !Allows(policies, route.Full, needed))
            return Refuse(403, "1 error occurred:\n\t* permission denied\n\n");
        if (HashiCorpAccess.Answer(call, request, server, token, clock) is { } answered)
            return answered;
        if (!server.Mounts.TryGetValue(route.Mount, out var mount))
            return Allows(policies, route.Full, "read", "update", "create")
                ? Refuse(404, $"no handler for route \"{route.Full}\". route entry not found.")
                : Refuse(403, "permission denied");
        if (route.Operation == "MountInfo")
            return policies.Keys.Any(path => path.StartsWith(route.Mount + "/", StringComparison.Ordinal))
                ? Ok(new JsonObject
                {
                    ["type"] = "kv",
                    ["options"] = new JsonObject { ["version"] = mount.Version.ToString(CultureInfo.InvariantCulture) },
                    ["path"] = route.Mount + "/",
                })
                : Refuse(403, "preflight capability check returned 403, please ensure client's policies grant access to path "
                    + $"\"{route.Mount}/\"");
        if (!Allows(policies, route.Full, CapabilityFor(route, mount)))
            return Refuse(403, "1 error occurred:\n\t* permission denied\n\n");
        if (mount.Version != 2)
            return Refuse(404); // of version 1: there is no such key
        if (request.Headers.TryGetValue(IndexHeader, out var wanted)
            && long.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index > server.Index)
            return Refuse(412, "required index state not present");
        var answer = Act(request, route, mount, clock);
        return answer.Changed
            ? answer.With(IndexHeader, (++server.Index).ToString(CultureInfo.InvariantCulture))
            : answer;
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        307 => new SandboxAnswer(307, null, []).With("Location", "https://10.0.0.2:8200/v1/"),
        403 => Refuse(403, "1 error occurred:\n\t* permission denied\n\n"),
        404 => Refuse(404),
        412 => Refuse(412, "required index state not present"),
        429 => Refuse(429, "request path \"secret\": rate limit quota exceeded").With("Retry-After", "1"),
        472 or 473 => Refuse(status),
        503 => Refuse(503, "Vault is sealed"),
        _ => Refuse(status, "internal error"),
    };

    private HashiCorpState ServerOf(SandboxState state) => state.HashiCorp.GetOrAdd(vault, () => new HashiCorpState());

    // A path below a KV engine is that engine's.
    private static CallName? CallOf(HashiCorpRoute route) => route.Mount.Length > 0 ? null : HashiCorpAccess.Identify(route.Full);

    /// <summary>The rules of all policies of a token.</summary>
    public static SortedDictionary<string, SortedSet<string>> RulesOf(HashiCorpTokenState token, HashiCorpState server)
    {
        var rules = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var (path, capabilities) in token.Policies.SelectMany(name => server.Policies.GetValueOrDefault(name) ?? []))
            rules[path] = rules.TryGetValue(path, out var known) ? [.. known, .. capabilities] : capabilities;
        return rules;
    }

    /// <summary>What may be done on a path; null for nothing. The most specific rule counts: an exact one, else the longest.</summary>
    public static SortedSet<string>? CapabilitiesOn(string path, SortedDictionary<string, SortedSet<string>> rules) =>
        rules.Where(rule => Matches(rule.Key, path)).OrderByDescending(rule => rule.Key == path).ThenByDescending(rule => rule.Key.Length)
            .Select(rule => rule.Value).FirstOrDefault();

    private static bool Allows(SortedDictionary<string, SortedSet<string>> rules, string path, params string[] anyOf) =>
        CapabilitiesOn(path, rules) is { } capabilities && !capabilities.Contains("deny") && anyOf.Any(capabilities.Contains);

    private static bool Matches(string rule, string path)
    {
        var isGlob = rule.EndsWith('*');
        var (wanted, given) = ((isGlob ? rule[..^1] : rule).Split('/'), path.Split('/'));
        if (isGlob ? given.Length < wanted.Length : given.Length != wanted.Length)
            return false;
        for (var part = 0; part < wanted.Length; part++)
        {
            var isLast = isGlob && part == wanted.Length - 1;
            if (wanted[part] != "+"
                && !(isLast ? given[part].StartsWith(wanted[part], StringComparison.Ordinal) : given[part] == wanted[part]))
                return false;
        }

        return true;
    }

    private static string CapabilityFor(HashiCorpRoute route, KvMountState mount) => route.Operation switch
    {
        "ReadSecret" or "ReadMetadata" or "ReadConfig" => "read",
        "WriteSecret" when !mount.Secrets.ContainsKey(route.Path) => "create",
        _ => "update",
    };

    private static SandboxAnswer Act(SandboxRequest request, HashiCorpRoute route, KvMountState mount, SandboxClock clock)
    {
        JsonObject body;
        try
        {
            body = request.Body.Length == 0 ? [] : JsonNode.Parse(request.Body) as JsonObject ?? throw new JsonException();
            return route.Operation switch
            {
                "ReadSecret" => Read(mount, route.Path, HashiCorpRoute.VersionIn(request), clock),
                "WriteSecret" => Write(mount, route.Path, body, clock),
                "ReadMetadata" => mount.Secrets.TryGetValue(route.Path, out var secret) ? Ok(Metadata(secret)) : Refuse(404),
                "DeleteVersions" => Change(mount, route.Path, Versions(body), version => Delete(version, clock)),
                "UndeleteVersions" => Change(mount, route.Path, Versions(body), version => version.Deletion = null),
                "DestroyVersions" => Change(mount, route.Path, Versions(body), version => (version.Destroyed, version.Data) = (true, null)),
                "ReadConfig" => Ok(new JsonObject
                {
                    ["max_versions"] = mount.MaxVersions,
                    ["cas_required"] = mount.CasRequired,
                    ["delete_version_after"] = Span(mount.DeleteVersionAfter),
                }),
                _ => Refuse(405, "unsupported operation"),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            return Refuse(400, "failed to parse JSON input");
        }
    }

    private static SandboxAnswer Read(KvMountState mount, string path, long? asked, SandboxClock clock)
    {
        if (!mount.Secrets.TryGetValue(path, out var secret)
            || !secret.Versions.TryGetValue(asked ?? secret.CurrentVersion, out var version))
            return Refuse(404);
        var isReadable = version.IsReadable(clock.Now);
        var answer = new JsonObject
        {
            ["data"] = isReadable ? JsonNode.Parse(version.Data!) : null,
            ["metadata"] = Describe(version, asked ?? secret.CurrentVersion, secret),
        };
        return isReadable ? Ok(answer) : Json(404, Envelope(answer));
    }

    private static SandboxAnswer Write(KvMountState mount, string path, JsonObject body, SandboxClock clock)
    {
        if (path.Length == 0 || path.EndsWith('/'))
            return Refuse(404);
        if (body["data"] is not JsonObject data)
            return Refuse(400, "no data provided");
        var secret = mount.Secrets.GetValueOrDefault(path);
        if (body["options"]?["cas"] is { } cas)
        {
            if (cas.GetValue<long>() != (secret?.CurrentVersion ?? 0))
                return Refuse(400, "check-and-set parameter did not match the current version");
        }
        else if (mount.CasRequired || secret?.CasRequired == true)
        {
            return Refuse(400, "check-and-set parameter required for this call");
        }

        var version = Add(mount, path, KvText.Of(data), clock.Now);
        secret = mount.Secrets[path];
        return Ok(Describe(version, secret.CurrentVersion, secret)) with { Changed = true };
    }

    /// <summary>Adds a version, and drops those that are too many.</summary>
    public static KvVersionState Add(KvMountState mount, string path, string data, DateTimeOffset now)
    {
        var secret = mount.Secrets.GetOrAdd(path, () => new KvSecretState { Created = now });
        long[] spans = [mount.DeleteVersionAfter, secret.DeleteVersionAfter];
        var after = spans.Where(seconds => seconds > 0).DefaultIfEmpty(0).Min();
        var version = new KvVersionState
        {
            Data = data,
            Created = now,
            Deletion = after > 0 ? now.AddSeconds(after) : null,
        };
        secret.Versions[++secret.CurrentVersion] = version;
        secret.Updated = now;
        var most = secret.MaxVersions > 0 ? secret.MaxVersions : mount.MaxVersions > 0 ? mount.MaxVersions : DefaultMaxVersions;
        foreach (var old in secret.Versions.Keys.Where(number => number <= secret.CurrentVersion - most).ToList())
        {
            secret.Versions.Remove(old);
            secret.OldestVersion = old + 1;
        }

        return version;
    }

    private static SandboxAnswer Change(KvMountState mount, string path, List<long> versions, Action<KvVersionState> change)
    {
        if (versions.Count == 0)
            return Refuse(400, "No version number provided");
        if (!mount.Secrets.TryGetValue(path, out var secret))
            return new SandboxAnswer(204, null, []);
        foreach (var number in versions)
        {
            if (secret.Versions.TryGetValue(number, out var version) && !version.Destroyed)
                change(version);
        }

        return SandboxAnswer.Done;
    }

    private static void Delete(KvVersionState version, SandboxClock clock)
    {
        if (version.IsReadable(clock.Now))
            version.Deletion = clock.Now;
    }

    private static List<long> Versions(JsonObject body) =>
        body["versions"] is JsonArray numbers ? [.. numbers.Select(number => number!.GetValue<long>())] : [];

    private static JsonObject Metadata(KvSecretState secret) => new()
    {
        ["cas_required"] = secret.CasRequired,
        ["created_time"] = Time(secret.Created),
        ["current_version"] = secret.CurrentVersion,
        ["custom_metadata"] = Custom(secret),
        ["delete_version_after"] = Span(secret.DeleteVersionAfter),
        ["max_versions"] = secret.MaxVersions,
        ["oldest_version"] = secret.OldestVersion,
        ["updated_time"] = Time(secret.Updated),
        ["versions"] = new JsonObject(secret.Versions.Select(version => KeyValuePair.Create<string, JsonNode?>(
            version.Key.ToString(CultureInfo.InvariantCulture),
            new JsonObject
            {
                ["created_time"] = Time(version.Value.Created),
                ["deletion_time"] = Time(version.Value.Deletion),
                ["destroyed"] = version.Value.Destroyed,
            }))),
    };

    private static JsonObject Describe(KvVersionState version, long number, KvSecretState secret) => new()
    {
        ["created_time"] = Time(version.Created),
        ["custom_metadata"] = Custom(secret),
        ["deletion_time"] = Time(version.Deletion),
        ["destroyed"] = version.Destroyed,
        ["version"] = number,
    };

    private static JsonObject? Custom(KvSecretState secret) => secret.CustomMetadata.Count == 0
        ? null
        : new JsonObject(secret.CustomMetadata.Select(each => KeyValuePair.Create<string, JsonNode?>(each.Key, each.Value)));

    private static string Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? "";

    private static string Span(long seconds) =>
        seconds == 0 ? "0s" : $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s";

    private static SandboxAnswer Ok(JsonObject data) => Json(200, Envelope(data));

    private static JsonObject Envelope(JsonObject data) => new()
    {
        ["request_id"] = "00000000-0000-0000-0000-000000000000",
        ["lease_id"] = "",
        ["renewable"] = false,
        ["lease_duration"] = 0,
        ["data"] = data,
        ["wrap_info"] = null,
        ["warnings"] = null,
        ["auth"] = null,
    };

    /// <summary>An answer with errors.</summary>
    public static SandboxAnswer Refuse(int status, params string[] errors) =>
        Json(status, new JsonObject { ["errors"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error))]) });

    private static SandboxAnswer Json(int status, JsonObject body) =>
        new(status, MediaTypeNames.Application.Json, Encoding.UTF8.GetBytes(KvText.Of(body) + "\n"));
}
