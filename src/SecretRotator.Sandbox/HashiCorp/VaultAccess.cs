using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>
/// The token store, the auth methods and the database engine of one vault, as the references of HashiCorp Vault and OpenBao describe
/// them, and the policies that every call is held to. Time is the machine's, since steps' tokens have it.
/// </summary>
/// <param name="vault">The vault's name in the inventory.</param>
/// <param name="conditions">What is wrong with the trust.</param>
internal sealed class VaultAccess(string vault, ImmutableHashSet<Condition> conditions)
{
    // Clocks may differ by this much: the plugin's clock_skew_leeway.
    private const int LeewaySeconds = 60;

    // Of a repository that doesn't exist.
    private const string AnotherRepository = "{ffffffff-0000-4000-8000-000000000000}";

    // What the policy "default" allows of this.
    private static readonly ImmutableHashSet<string> OfEveryToken =
        ["auth/token/lookup-self", "auth/token/renew-self", "auth/token/revoke-self", "sys/capabilities-self"];

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
        
    [
        "login", "lookup-self", "renew-self", "revoke-self", "health", "capabilities-self", "static-roles", "static-creds", "rotate-role",
    ];

    /// <summary>The name of a call that is answered here; null for any other.</summary>
    /// <param name="path">The path without <c>/v1/</c>.</param>
    public static CallName? Identify(string path) => path.Split('/') switch
    {
        ["auth", .. var mount, "login"] => new("login", string.Join('/', mount)),
        ["auth", "token", "lookup-self" or "renew-self" or "revoke-self"] => new(path[(path.LastIndexOf('/') + 1)..], ""),
        ["sys", "health"] => new("health", ""),
        ["sys", "capabilities-self"] => new("capabilities-self", ""),
        [_, .., "static-roles", var role] => new("static-roles", role),
        [_, .., "static-creds", var role] => new("static-creds", role),
        [_, .., "rotate-role", var role] => new("rotate-role", role),
        _ => null,
    };

    /// <summary>Answers a call; null where it is one of another engine, and admitted.</summary>
    /// <param name="path">The path without <c>/v1/</c>.</param>
    /// <param name="capability">What is asked for, as policies name it.</param>
    /// <param name="request">The call.</param>
    /// <param name="state">The state.</param>
    /// <param name="clock">Both times.</param>
    public SandboxAnswer? Answer(string path, string capability, SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var access = state.HashiCorpAccess[vault];
        var name = Identify(path);
        if (name?.Operation == "health")
            return Health(access);
        if (access.Sealed)
            return Errors(503, "Vault is sealed");
        if (name?.Operation == "login")
            return request.Method is "POST" or "PUT" ? LogIn(name.Resource, request, state, access, clock.Real) : Errors(405, "unsupported operation");
        if (Admit(path, capability, request, access, clock.Real) is not (var token, { } text))
            return Errors(403, "permission denied");
        return name?.Operation switch
        {
            "lookup-self" => LookUp(token, clock.Real),
            "renew-self" => Renew(text, token, clock.Real),
            "revoke-self" => Revoke(text, token, access),
            "capabilities-self" => Capabilities(request, token, access),
            "static-roles" => ReadRole(path, access, clock.Now, withPassword: false),
            "static-creds" => ReadRole(path, access, clock.Now, withPassword: true),
            "rotate-role" => RotateRole(path, access, clock.Now),
            _ => null,
        };
    }

    /// <summary>The answer to what is refused.</summary>
    public static SandboxAnswer Errors(int status, params ReadOnlySpan<string> errors) =>
        SandboxAnswer.Json(status, new JsonObject { ["errors"] = new JsonArray([.. errors.ToArray().Select(error => (JsonNode)error)]) });

    // Counts a use. A token that ends by it serves this call still.
    private static (VaultTokenState Token, string? Text) Admit(
        string path, string capability, SandboxRequest request, VaultAccessState access, DateTimeOffset now)
    {
        var text = request.Headers.GetValueOrDefault("X-Vault-Token", "");
        if (!access.Tokens.TryGetValue(text, out var token))
            return default;
        if (token.Ends <= now)
        {
            access.Tokens.Remove(text);
            return default;
        }

        if (token.UsesLeft is { } uses && (token.UsesLeft = uses - 1) == 0)
            access.Tokens.Remove(text);
        return OfEveryToken.Contains(path) || MayOf(path, token, access).Contains(capability) ? (token, text) : default;
    }

    private static ImmutableHashSet<string> MayOf(string path, VaultTokenState token, VaultAccessState access)
    {
        if (token.Policies.Contains("root", StringComparer.Ordinal))
            return ["create", "read", "update", "delete", "list"];
        // The most specific path counts, whatever a wider one allows.
        return [.. token.Policies
            .SelectMany(name => access.Policies.GetValueOrDefault(name) ?? [])
            .Where(rule => rule.Key == path || (rule.Key.EndsWith('*') && path.StartsWith(rule.Key[..^1], StringComparison.Ordinal)))
            .GroupBy(rule => rule.Key == path ? int.MaxValue : rule.Key.Length)
            .MaxBy(rules => rules.Key)?.SelectMany(rule => rule.Value) ?? []];
    }

    private SandboxAnswer LogIn(string mount, SandboxRequest request, SandboxState state, VaultAccessState access, DateTimeOffset now)
    {
        string? Given(JsonElement body, string name) =>
            body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        JsonElement body;
        try
        {
            using var document = JsonDocument.Parse(request.Body);
            body = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Errors(400, "error parsing JSON");
        }

        if (access.JwtMethods.TryGetValue(mount, out var method))
            return ByJwt(method, Given(body, "role"), Given(body, "jwt"), state, access, now);
        // A path that nothing is mounted at needs a token, and a login has none.
        return access.AppRoles.TryGetValue(mount, out var role)
            ? ByAppRole(role, Given(body, "role_id"), Given(body, "secret_id"), access, now)
            : Errors(403, "permission denied");
    }

    private SandboxAnswer ByJwt(
        JwtMethodState method, string? name, string? jwt, SandboxState state, VaultAccessState access, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(name))
            return Errors(400, "missing role");
        if (!method.Roles.TryGetValue(name, out var role))
            return Errors(400, $"role \"{name}\" could not be found");
        if (string.IsNullOrEmpty(jwt))
            return Errors(400, "missing token");
        if (SignedToken.Parse(jwt) is not { } token)
            return Errors(400, "error validating token: error parsing token: malformed jwt");
        if (!TokenSigner.Signed(state, token))
            return Errors(400, "error validating token: error verifying token signature: failed to verify id token signature");
        if (token.Claim("iss") != method.Issuer)
            return Errors(400, "error validating token: invalid issuer (iss) claim");
        if (!role.Audiences.Contains(token.Claim("aud") ?? "", StringComparer.Ordinal))
            return Errors(400, "error validating token: invalid audience (aud) claim: audience claim does not match any expected audience");
        if (!(token.Claims.TryGetProperty("exp", out var end) && end.TryGetInt64(out var seconds)
            && now.ToUnixTimeSeconds() <= seconds + LeewaySeconds))
            return Errors(400, "error validating token: invalid expiration time (exp) claim: token is expired");
        if (token.Claim(role.UserClaim) is null)
            return Errors(400, $"claim \"{role.UserClaim}\" not found in token");
        foreach (var (claim, bound) in role.Claims)
        {
            if (token.Claim(claim) is not { } actual)
                return Errors(400, $"error validating claims: claim \"{claim}\" is missing");
            if (actual != (conditions.Contains(StsEmulator.WrongSubject) ? AnotherRepository : bound))
                return Errors(400, $"error validating claims: claim \"{claim}\" does not match any associated bound claim values");
        }

        return Issue(role.Tokens, access, now);
    }

    private static SandboxAnswer ByAppRole(
        AppRoleState role, string? roleId, string? secretId, VaultAccessState access, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(roleId))
            return Errors(400, "missing role_id");
        if (roleId != role.RoleId)
            return Errors(400, "invalid role or secret ID");
        if (string.IsNullOrEmpty(secretId))
            return Errors(400, "missing secret_id");
        if (!role.SecretIds.TryGetValue(secretId, out var uses))
            return Errors(400, "invalid role or secret ID");
        if (uses == 1)
            role.SecretIds.Remove(secretId);
        else if (uses > 1)
            role.SecretIds[secretId] = uses - 1;
        return Issue(role.Tokens, access, now);
    }

    private static SandboxAnswer Issue(VaultTokenRules rules, VaultAccessState access, DateTimeOffset now)
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
        foreach (var over in access.Tokens.Where(known => known.Value.Ends <= now).Select(known => known.Key).ToList())
            access.Tokens.Remove(over);
        var text = (rules.Batch ? "hvb." : "hvs.") + RandomNumberGenerator.GetHexString(48, lowercase: true);
        var token = new VaultTokenState
        {
            Accessor = RandomNumberGenerator.GetHexString(24, lowercase: true),
            Policies = ["default", .. rules.Policies],
            Batch = rules.Batch,
            UsesLeft = rules.NumUses == 0 ? null : rules.NumUses,
            TtlSeconds = rules.TtlSeconds,
            Ends = now.AddSeconds(rules.TtlSeconds),
            Longest = now.AddSeconds(rules.MaxTtlSeconds),
        };
        access.Tokens[text] = token;
        access.Logins++;
        if (rules.Wrapped)
            return SandboxAnswer.Json(200, new JsonObject
            {
                ["auth"] = null,
                ["wrap_info"] = new JsonObject { ["token"] = "hvs." + RandomNumberGenerator.GetHexString(48), ["ttl"] = 300 },
            }) with
            { Changed = true };
        return Auth(text, token, rules.TtlSeconds) with { Changed = true };
    }

    private static SandboxAnswer Renew(string text, VaultTokenState token, DateTimeOffset now)
    {
        if (token.Batch)
            return Errors(400, "batch tokens cannot be renewed");
        if (token.TtlSeconds == 0)
            return Errors(400, "lease is not renewable");
        var end = now.AddSeconds(token.TtlSeconds);
        token.Ends = end < token.Longest ? end : token.Longest;
        return Auth(text, token, Math.Max(0, (int)(token.Ends!.Value - now).TotalSeconds)) with { Changed = true };
    }

    private static SandboxAnswer Revoke(string text, VaultTokenState token, VaultAccessState access)
    {
        if (token.Batch)
            return Errors(400, "batch tokens cannot be revoked");
        access.Tokens.Remove(text);
        return new SandboxAnswer(204, null, []) { Changed = true };
    }

    private static SandboxAnswer Auth(string text, VaultTokenState token, int seconds) => SandboxAnswer.Json(200, new JsonObject
    {
        ["request_id"] = "0c2fa4b9-1e0e-8d3c-9d5a-6f3b8a7c1d2e",
        ["wrap_info"] = null,
        ["warnings"] = null,
        ["auth"] = new JsonObject
        {
            ["client_token"] = text,
            ["accessor"] = token.Accessor,
            ["policies"] = Texts(token.Policies),
            ["token_policies"] = Texts(token.Policies),
            ["lease_duration"] = seconds,
            ["renewable"] = !token.Batch,
            ["token_type"] = token.Batch ? "batch" : "service",
            ["orphan"] = true,
            ["mfa_requirement"] = null,
            ["num_uses"] = token.UsesLeft ?? 0,
        },
    });

    private static SandboxAnswer LookUp(VaultTokenState token, DateTimeOffset now) => SandboxAnswer.Json(200, new JsonObject
    {
        ["data"] = new JsonObject
        {
            ["accessor"] = token.Accessor,
            ["policies"] = Texts(token.Policies),
            ["ttl"] = token.Ends is { } end ? (long)(end - now).TotalSeconds : 0,
            ["type"] = token.Batch ? "batch" : "service",
            ["renewable"] = !token.Batch && token.TtlSeconds > 0,
            ["num_uses"] = token.UsesLeft ?? 0,
        },
    }) with
    { Changed = token.UsesLeft is not null };

    private static SandboxAnswer Capabilities(SandboxRequest request, VaultTokenState token, VaultAccessState access)
    {
        using var body = JsonDocument.Parse(request.Body);
        var answer = new JsonObject();
        var data = new JsonObject();
        foreach (var path in body.RootElement.GetProperty("paths").EnumerateArray().Select(path => path.GetString()!))
        {
            var may = MayOf(path, token, access);
            (answer[path], data[path]) = (Said(may), Said(may));
        }

        answer["data"] = data;
        return SandboxAnswer.Json(200, answer);

        static JsonArray Said(ImmutableHashSet<string> may) => Texts(may.IsEmpty ? ["deny"] : may.Order(StringComparer.Ordinal));
    }

    private static SandboxAnswer Health(VaultAccessState access) => SandboxAnswer.Json(access.Sealed ? 503 : 200, new JsonObject
    {
        ["initialized"] = true,
        ["sealed"] = access.Sealed,
        ["standby"] = false,
        ["performance_standby"] = false,
        ["version"] = "1.20.0-sandbox",
    });

    private static SandboxAnswer ReadRole(string path, VaultAccessState access, DateTimeOffset now, bool withPassword)
    {
        if (access.StaticRoles.GetValueOrDefault(RoleOf(path)) is not { } role)
            return withPassword ? Errors(400, $"unknown role: {path[(path.LastIndexOf('/') + 1)..]}") : Errors(404);
        var data = new JsonObject
        {
            ["username"] = role.Username,
            ["last_vault_rotation"] = role.LastRotation.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            ["rotation_period"] = role.PeriodSeconds,
        };
        if (withPassword)
        {
            data["password"] = role.Password;
            data["ttl"] = Math.Max(0, (long)(role.LastRotation.AddSeconds(role.PeriodSeconds) - now).TotalSeconds);
        }

        return SandboxAnswer.Json(200, new JsonObject { ["data"] = data });
    }

    private static SandboxAnswer RotateRole(string path, VaultAccessState access, DateTimeOffset now)
    {
        if (access.StaticRoles.GetValueOrDefault(RoleOf(path)) is not { } role)
            return Errors(400, "no static role found for role name");
        (role.Password, role.LastRotation) = (RandomNumberGenerator.GetHexString(40, lowercase: true), now);
        return new SandboxAnswer(204, null, []) { Changed = true };
    }

    // database/static-creds/ROLE
    private static string RoleOf(string path) =>
        path.Split('/') is [.. var mount, _, var role] ? $"{string.Join('/', mount)}/{role}" : path;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
