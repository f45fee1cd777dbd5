using System.Security.Cryptography;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>
/// The token store, the auth methods and the database engine of one server, as the references of HashiCorp Vault and OpenBao describe
/// them, and the texts of refusals as their source has them. Tokens live in the machine's time, as steps' tokens do.
/// </summary>
/// <param name="conditions">What is wrong with the trust.</param>
internal sealed class HashiCorpAccess(ImmutableHashSet<Condition> conditions)
{
    // Clocks may differ by this much: clock_skew_leeway.
    private const int LeewaySeconds = 60;

    // Of a repository that doesn't exist.
    private const string AnotherRepository = "{ffffffff-0000-4000-8000-000000000000}";

    // What the policy "default" allows of this.
    private static readonly ImmutableHashSet<string> OfEveryToken = ["LookupSelf", "RenewSelf", "RevokeSelf", "CapabilitiesSelf"];

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "Login", "LookupSelf", "RenewSelf", "RevokeSelf", "Health", "CapabilitiesSelf", "ReadStaticRole", "ReadStaticCredential",
        "RotateStaticRole",
    ];

    /// <summary>What a call that is answered here asks for, and of what; null for any other.</summary>
    /// <param name="path">The path behind <c>/v1/</c>.</param>
    public static CallName? Identify(string path) => path.Split('/') switch
    {
        ["auth", .. var mount, "login"] => new("Login", string.Join('/', mount)),
        ["auth", "token", "lookup-self"] => new("LookupSelf", ""),
        ["auth", "token", "renew-self"] => new("RenewSelf", ""),
        ["auth", "token", "revoke-self"] => new("RevokeSelf", ""),
        ["sys", "health"] => new("Health", ""),
        ["sys", "capabilities-self"] => new("CapabilitiesSelf", ""),
        [.. var mount, "static-roles", var role] => new("ReadStaticRole", $"{string.Join('/', mount)}/{role}"),
        [.. var mount, "static-creds", var role] => new("ReadStaticCredential", $"{string.Join('/', mount)}/{role}"),
        [.. var mount, "rotate-role", var role] => new("RotateStaticRole", $"{string.Join('/', mount)}/{role}"),
        _ => null,
    };

    /// <summary>Answers a call that needs no token; null for any other.</summary>
    public SandboxAnswer? AnswerOpen(
        CallName? call, SandboxRequest request, HashiCorpState server, SandboxState state, SandboxClock clock) =>
        call?.Operation == "Health" ? Health(server)
        : server.Sealed ? Refuse(503, "Vault is sealed")
        : call?.Operation == "Login" ? LogIn(call.Resource, request, server, state, clock.Real)
        : null;

    /// <summary>Answers a call of a token; null for one of another engine.</summary>
    public static SandboxAnswer? Answer(CallName? call, SandboxRequest request, HashiCorpState server, string text, SandboxClock clock) =>
        call?.Operation switch
        {
            "LookupSelf" => LookUp(server.Tokens[text], clock.Real),
            "RenewSelf" => Renew(text, server.Tokens[text], clock.Real),
            "RevokeSelf" => Revoke(text, server),
            "CapabilitiesSelf" => Capabilities(request, server, text),
            "ReadStaticRole" => ReadRole(call.Resource, server, clock.Now, withPassword: false),
            "ReadStaticCredential" => ReadRole(call.Resource, server, clock.Now, withPassword: true),
            "RotateStaticRole" => RotateRole(call.Resource, server, clock.Now),
            _ => null,
        };

    /// <summary>The capability that a call needs; null where every token has it.</summary>
    public static string? CapabilityFor(CallName call) =>
        OfEveryToken.Contains(call.Operation) ? null : call.Operation == "RotateStaticRole" ? "update" : "read";

    /// <summary>The token of a request, of which this is a use; null where it isn't one.</summary>
    public static string? Admit(SandboxRequest request, HashiCorpState server, SandboxClock clock)
    {
        var text = request.Header("X-Vault-Token") ?? "";
        if (!server.Tokens.TryGetValue(text, out var token))
            return null;
        if (token.Ends <= clock.Real)
        {
            server.Tokens.Remove(text);
            return null;
        }

        token.UsesLeft--;
        return text;
    }

    private static SandboxAnswer Refuse(int status, params string[] errors) => HashiCorpEmulator.Refuse(status, errors);

    private SandboxAnswer LogIn(string mount, SandboxRequest request, HashiCorpState server, SandboxState state, DateTimeOffset now)
    {
        JsonObject body;
        try
        {
            body = JsonNode.Parse(request.Body) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            return Refuse(400, "failed to parse JSON input");
        }

        string Given(string name) => body[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        // A path that nothing is mounted at needs a token, and a login has none.
        return request.Method is not ("POST" or "PUT") ? Refuse(405, "unsupported operation")
            : server.JwtMethods.TryGetValue(mount, out var method) ? ByJwt(method, Given("role"), Given("jwt"), server, state, now)
            : server.AppRoles.TryGetValue(mount, out var role) ? ByAppRole(role, Given("role_id"), Given("secret_id"), server, now)
            : Refuse(403, "permission denied");
    }

    private SandboxAnswer ByJwt(
        JwtMethodState method, string name, string jwt, HashiCorpState server, SandboxState state, DateTimeOffset now)
    {
        if (name.Length == 0)
            return Refuse(400, "missing role");
        if (!method.Roles.TryGetValue(name, out var role))
            return Refuse(400, $"role \"{name}\" could not be found");
        if (jwt.Length == 0)
            return Refuse(400, "missing token");
        if (SignedToken.Parse(jwt) is not { } token)
            return Refuse(400, "error validating token: error parsing token: malformed jwt");
        if (!TokenSigner.Signed(state, token))
            return Refuse(400, "error validating token: error verifying token signature: no known key successfully validated the token "
                + "signature");
        if (token.Claim("iss") != method.Issuer)
            return Refuse(400, "error validating token: invalid issuer (iss) claim");
        if (!role.Audiences.Contains(token.Claim("aud") ?? "", StringComparer.Ordinal))
            return Refuse(400, "error validating token: invalid audience (aud) claim: audience claim does not match any expected audience");
        if (token.Number("exp") is not { } end || now.ToUnixTimeSeconds() > end + LeewaySeconds)
            return Refuse(400, "error validating token: invalid expiration time (exp) claim: token is expired");
        if (token.Claim(role.UserClaim) is null)
            return Refuse(400, $"claim \"{role.UserClaim}\" not found in token");
        foreach (var (claim, bound) in role.Claims)
        {
            if (token.Claim(claim) is not { } actual)
                return Refuse(400, $"error validating claims: claim \"{claim}\" is missing");
            if (actual != (conditions.Contains(StsEmulator.WrongSubject) ? AnotherRepository : bound))
                return Refuse(400, $"error validating claims: claim \"{claim}\" does not match any associated bound claim values");
        }

        return Issue(role.Tokens, server, now);
    }

    private static SandboxAnswer ByAppRole(
        AppRoleState role, string roleId, string secretId, HashiCorpState server, DateTimeOffset now)
    {
        if (roleId.Length == 0)
            return Refuse(400, "missing role_id");
        if (secretId.Length == 0)
            return Refuse(400, "missing secret_id");
        if (roleId != role.RoleId || !role.SecretIds.TryGetValue(secretId, out var uses))
            return Refuse(400, "invalid role or secret ID");
        if (uses == 1)
            role.SecretIds.Remove(secretId);
        else if (uses > 1)
            role.SecretIds[secretId] = uses - 1;
        return Issue(role.Tokens, server, now);
    }

    private static SandboxAnswer Issue(TokenRules rules, HashiCorpState server, DateTimeOffset now)
    {
        if (rules.NeedsMfa)
            return SandboxAnswer.Json(200, new JsonObject
            {
                ["auth"] = new JsonObject
                {
                    ["client_token"] = "",
                    ["lease_duration"] = 0,
                    ["renewable"] = false,
                    ["num_uses"] = 0,
                    ["mfa_requirement"] = new JsonObject { ["mfa_request_id"] = "d0c9eec7-6921-8d2a-3d8a-b8e1bd2e0e2f" },
                },
            });
        if (rules.Wrapped)
            return SandboxAnswer.Json(200, new JsonObject
            {
                ["auth"] = null,
                ["wrap_info"] = new JsonObject { ["token"] = "hvs." + RandomNumberGenerator.GetHexString(48), ["ttl"] = 300 },
            });
        foreach (var over in server.Tokens.Where(known => known.Value.Ends <= now).Select(known => known.Key).ToList())
            server.Tokens.Remove(over);
        var text = (rules.Batch ? "hvb." : "hvs.") + RandomNumberGenerator.GetHexString(48, lowercase: true);
        var token = server.Tokens[text] = new HashiCorpTokenState
        {
            Policies = ["default", .. rules.Policies],
            Batch = rules.Batch,
            UsesLeft = rules.NumUses == 0 ? null : rules.NumUses,
            TtlSeconds = rules.TtlSeconds,
            Ends = now.AddSeconds(rules.TtlSeconds),
            Longest = now.AddSeconds(rules.MaxTtlSeconds),
        };
        return Auth(text, token, rules.TtlSeconds);
    }

    private static SandboxAnswer Renew(string text, HashiCorpTokenState token, DateTimeOffset now)
    {
        if (token.Batch)
            return Refuse(400, "batch tokens cannot be renewed");
        if (token.TtlSeconds == 0)
            return Refuse(400, "lease is not renewable");
        var end = now.AddSeconds(token.TtlSeconds);
        token.Ends = end < token.Longest ? end : token.Longest;
        return Auth(text, token, (int)(token.Ends!.Value - now).TotalSeconds);
    }

    private static SandboxAnswer Revoke(string text, HashiCorpState server)
    {
        if (server.Tokens[text].Batch)
            return Refuse(400, "batch tokens cannot be revoked");
        server.Tokens.Remove(text);
        return SandboxAnswer.Done;
    }

    private static SandboxAnswer Auth(string text, HashiCorpTokenState token, int seconds) => SandboxAnswer.Json(200, new JsonObject
    {
        ["wrap_info"] = null,
        ["warnings"] = null,
        ["auth"] = new JsonObject
        {
            ["client_token"] = text,
            ["accessor"] = "sandbox-accessor",
            ["policies"] = Texts(token.Policies),
            ["token_policies"] = Texts(token.Policies),
            ["lease_duration"] = seconds,
            ["renewable"] = !token.Batch,
            ["token_type"] = token.Batch ? "batch" : "service",
            ["orphan"] = true,
            ["mfa_requirement"] = null,
            ["num_uses"] = token.UsesLeft ?? 0,
        },
    }) with
    { Changed = true };

    private static SandboxAnswer LookUp(HashiCorpTokenState token, DateTimeOffset now) => SandboxAnswer.Json(200, new JsonObject
    {
        ["data"] = new JsonObject
        {
            ["policies"] = Texts(token.Policies),
            ["ttl"] = token.Ends is { } end ? (long)(end - now).TotalSeconds : 0,
            ["type"] = token.Batch ? "batch" : "service",
            ["renewable"] = !token.Batch && token.TtlSeconds > 0,
            ["num_uses"] = token.UsesLeft ?? 0,
        },
    }) with
    { Changed = token.UsesLeft is not null };

    private static SandboxAnswer Capabilities(SandboxRequest request, HashiCorpState server, string text)
    {
        using var body = JsonDocument.Parse(request.Body);
        var data = new JsonObject();
        foreach (var path in body.RootElement.GetProperty("paths").EnumerateArray().Select(path => path.GetString()!))
            data[path] = Texts(HashiCorpEmulator.CapabilitiesOn(path, HashiCorpEmulator.RulesOf(server.Tokens[text], server)) ?? ["deny"]);
        return SandboxAnswer.Json(200, new JsonObject { ["data"] = data });
    }

    private static SandboxAnswer Health(HashiCorpState server) => SandboxAnswer.Json(server.Sealed ? 503 : 200, new JsonObject
    {
        ["initialized"] = true,
        ["sealed"] = server.Sealed,
        ["standby"] = false,
        ["performance_standby"] = false,
        ["version"] = "1.20.0-sandbox",
    });

    private static SandboxAnswer ReadRole(string name, HashiCorpState server, DateTimeOffset now, bool withPassword)
    {
        if (server.StaticRoles.GetValueOrDefault(name) is not { } role)
            return withPassword ? Refuse(400, $"unknown role: {name[(name.LastIndexOf('/') + 1)..]}") : Refuse(404);
        var data = new JsonObject
        {
            ["username"] = role.Username,
            ["last_vault_rotation"] = role.LastRotation.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
            ["rotation_period"] = role.PeriodSeconds,
        };
        if (withPassword)
        {
            data["password"] = role.Password;
            data["ttl"] = Math.Max(0, (long)(role.LastRotation.AddSeconds(role.PeriodSeconds) - now).TotalSeconds);
        }

        return SandboxAnswer.Json(200, new JsonObject { ["data"] = data });
    }

    private static SandboxAnswer RotateRole(string name, HashiCorpState server, DateTimeOffset now)
    {
        if (server.StaticRoles.GetValueOrDefault(name) is not { } role)
            return Refuse(400, "no static role found for role name");
        (role.Password, role.LastRotation) = (RandomNumberGenerator.GetHexString(40, lowercase: true), now);
        return SandboxAnswer.Done;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
