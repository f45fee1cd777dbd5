using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Azure;

/// <summary>
/// Entra's token endpoint for one tenant: for the rotator's own application client credentials by secret, by certificate, or by a
/// federated token that the sandbox's own issuer signed; for applications whose secrets are rotated by one of those.
/// </summary>
internal sealed class EntraEmulator : IEmulator
{
    /// <summary>The audience that a federated token must name.</summary>
    public const string ExchangeAudience = "api://AzureADTokenExchange";

    private const string VaultScope = "https://vault.azure.net/.default";
    private const string GraphScope = "https://graph.microsoft.com/.default";
    private const int LifetimeSeconds = 3599;
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public const string Name = "entra";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["token", "configuration", "discovery"];

    public string Service => Name;

    public bool Tls => true;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [_, "discovery", "instance"] => new("discovery", ""),
            [var tenant, .., "openid-configuration"] => new("configuration", tenant),
            [var tenant, "oauth2", "v2.0", "token"] => new("token", tenant),
            _ => new("unknown", ""),
        };

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var name = Identify(request, state);
        return (request.Method, name.Operation) switch
        {
            ("GET", "discovery") => Discovery(request, state.Entra),
            ("GET", "configuration") => Configuration(request, name.Resource),
            ("POST", "token") => Token(request, name.Resource, state, clock),
            _ => Error(404, "invalid_request", 900144, "There is nothing here.", clock),
        };
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        429 => Json(429, new JsonObject { ["error"] = "temporarily_unavailable" }).With("Retry-After", "1"),
        >= 500 => Json(status, new JsonObject { ["error"] = "temporarily_unavailable" }),
        400 => Json(
            400,
            new JsonObject { ["error"] = "invalid_request", ["error_description"] = "AADSTS900144: The request body is incomplete." }),
        _ => Json(
            status,
            new JsonObject { ["error"] = "invalid_client", ["error_description"] = "AADSTS7000215: Invalid client secret provided." }),
    };

    private static SandboxAnswer Discovery(SandboxRequest request, EntraState entra) => Json(200, new JsonObject
    {
        ["tenant_discovery_endpoint"] = new Uri(request.Host, $"{entra.Tenant}/v2.0/.well-known/openid-configuration").AbsoluteUri,
        ["api-version"] = "1.1",
        ["metadata"] = new JsonArray(new JsonObject
        {
            ["preferred_network"] = request.Host.Authority,
            ["preferred_cache"] = request.Host.Authority,
            ["aliases"] = new JsonArray(request.Host.Authority),
        }),
    });

    private static SandboxAnswer Configuration(SandboxRequest request, string tenant) => Json(200, new JsonObject
    {
        ["issuer"] = new Uri(request.Host, $"{tenant}/v2.0").AbsoluteUri,
        ["authorization_endpoint"] = new Uri(request.Host, $"{tenant}/oauth2/v2.0/authorize").AbsoluteUri,
        ["token_endpoint"] = TokenEndpoint(request, tenant),
        ["jwks_uri"] = new Uri(request.Host, $"{tenant}/discovery/v2.0/keys").AbsoluteUri,
    });

    private static SandboxAnswer Token(SandboxRequest request, string tenant, SandboxState state, SandboxClock clock)
    {
        var entra = state.Entra;
        var form = request.Form();
        var client = form.GetValueOrDefault("client_id", "");
        var application = entra.Applications.GetValueOrDefault(client);
        if (!Same(tenant, application?.Tenant ?? entra.Tenant))
            return Error(400, "invalid_request", 90002, $"Tenant '{tenant}' not found.", clock);
        if (form.GetValueOrDefault("grant_type") != "client_credentials")
            return Error(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.", clock);
        if (application is null && !Same(client, entra.ClientId))
            return Error(400, "unauthorized_client", 700016, "Application was not found in the directory.", clock);
        var refusal = application is null
            ? Refusal(request, form, state, clock)
            : Refusal(form.GetValueOrDefault("client_secret", ""), application, clock);
        if (refusal is not null)
            return refusal;
        var scopes = form.GetValueOrDefault("scope", "").Split(' ');
        var forGraph = scopes.Contains(GraphScope, StringComparer.OrdinalIgnoreCase);
        if (!forGraph && (application is not null || !scopes.Contains(VaultScope, StringComparer.OrdinalIgnoreCase)))
            return Error(400, "invalid_scope", 500011, "The resource principal was not found in the tenant.", clock);

        var token = "sandbox-entra-" + RandomNumberGenerator.GetHexString(48, lowercase: true);
        foreach (var over in entra.Tokens.Where(t => t.Value <= clock.Real).Select(t => t.Key).ToList())
            entra.Tokens.Remove(over);
        foreach (var over in entra.GraphTokens.Where(t => t.Value.Ends <= clock.Real).Select(t => t.Key).ToList())
            entra.GraphTokens.Remove(over);
        var end = clock.Real.AddSeconds(LifetimeSeconds);
        if (forGraph)
            entra.GraphTokens[token] = new GraphTokenState { ClientId = client, Ends = end };
        else
            entra.Tokens[token] = end;
        var answer = new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = LifetimeSeconds,
            ["ext_expires_in"] = LifetimeSeconds,
            ["access_token"] = token,
        };
        return Json(200, answer) with { Changed = true };
    }

    /// <summary>Why a secret that was issued isn't accepted, or null.</summary>
    private static SandboxAnswer? Refusal(string text, EntraApplicationState application, SandboxClock clock) =>
        application.RefusedWith != 0
            ? Error(401, "unauthorized_client", application.RefusedWith, "The application may not sign in.", clock)
            : application.Secrets.Find(secret => secret.Text == text) is not { } secret || clock.Now < secret.WorksFrom
            ? Error(401, "invalid_client", 7000215, "Invalid client secret provided.", clock)
            : secret.End <= clock.Now
            ? Error(401, "invalid_client", 7000222, "The provided client secret keys for app are expired.", clock)
            : null;

    /// <summary>Why the application isn't accepted, or null.</summary>
    private static SandboxAnswer? Refusal(SandboxRequest request, Dictionary<string, string> form, SandboxState state, SandboxClock clock)
    {
        if (form.TryGetValue("client_secret", out var secret))
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(state.Entra.ClientSecret))
                ? null
                : Error(401, "invalid_client", 7000215, "Invalid client secret provided.", clock);
        if (form.GetValueOrDefault("client_assertion_type") != AssertionType
            || SignedToken.Parse(form.GetValueOrDefault("client_assertion", "")) is not { } assertion)
            return Error(401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' "
                + "or 'client_secret'.", clock);
        if (!assertion.IsValidAt(clock.Real))
            return Error(401, "invalid_client", 700024, "Client assertion is not within its valid time range.", clock);
        return assertion.HeaderText("x5t#S256") is { } thumbprint
            ? CertificateRefusal(request, assertion, thumbprint, state.Entra, clock)
            : FederationRefusal(assertion, state, clock);
    }

    private static SandboxAnswer? CertificateRefusal(
        SandboxRequest request, SignedToken assertion, string thumbprint, EntraState entra, SandboxClock clock)
    {
        foreach (var der in entra.Certificates)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(der));
            if (System.Buffers.Text.Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)) != thumbprint)
                continue;
            using var key = certificate.GetRSAPublicKey();
            return key is not null
                && assertion.IsSignedBy(key)
                && Same(assertion.Claim("iss"), entra.ClientId)
                && Same(assertion.Claim("sub"), entra.ClientId)
                && Same(assertion.Claim("aud"), TokenEndpoint(request, entra.Tenant))
                    ? null
                    : Error(401, "invalid_client", 700027, "Client assertion failed signature validation.", clock);
        }

        return Error(401, "invalid_client", 700027, "The certificate with that thumbprint is not registered for the application.", clock);
    }

    private static SandboxAnswer? FederationRefusal(SignedToken assertion, SandboxState state, SandboxClock clock)
    {
        if (state.Entra.FederatedIssuer is { } issuer && assertion.Claim("iss") != issuer)
            return Unmatched(700211, " issuer", clock);
        if (assertion.Claim("aud") != ExchangeAudience)
            return Unmatched(700212, " audience", clock);
        if (state.Entra.FederatedSubject is { } subject && assertion.Claim("sub") != subject)
            return Unmatched(700213, " subject", clock);
        return TokenSigner.Signed(state, assertion) ? null : Unmatched(70021, "", clock);
    }

    private static SandboxAnswer Unmatched(int code, string what, SandboxClock clock) =>
        Error(401, "invalid_client", code, $"No matching federated identity record found for presented assertion{what}.", clock);

    private static string TokenEndpoint(SandboxRequest request, string tenant) =>
        new Uri(request.Host, $"{tenant}/oauth2/v2.0/token").AbsoluteUri;

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static SandboxAnswer Error(int status, string error, int code, string message, SandboxClock clock) =>
        Json(status, new JsonObject
        {
            ["error"] = error,
            ["error_description"] = $"AADSTS{code}: {message}",
            ["error_codes"] = new JsonArray(code),
            ["timestamp"] = clock.Real.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });

    private static SandboxAnswer Json(int status, JsonObject body) => SandboxAnswer.Json(status, body, "application/json; charset=utf-8");
}
