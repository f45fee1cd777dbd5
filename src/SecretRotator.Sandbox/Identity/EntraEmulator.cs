using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace SecretRotator.Sandbox.Identity;

/// <summary>
/// Entra's token endpoint for one tenant and one application: client credentials by secret, by certificate, or by a
/// federated token that the sandbox's own issuer signed.
/// </summary>
internal sealed class EntraEmulator : IEmulator
{
    /// <summary>The audience that a federated token must name.</summary>
    public const string ExchangeAudience = "api://AzureADTokenExchange";

    private const string VaultScope = "https://vault.azure.net/.default";
    private const int LifetimeSeconds = 3599;
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public string Service => "entra";

    public string Listener => "entra";

    public bool Tls => true;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var parts = Parts(request);
        return parts switch
        {
            [_, "discovery", "instance"] => new("discovery", ""),
            [var tenant, .., "openid-configuration"] => new("configuration", tenant),
            [var tenant, "oauth2", "v2.0", "token"] => new("token", tenant),
            _ => new("unknown", ""),
        };
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var name = Identify(request, state);
        return (request.Method, name.Operation) switch
        {
            ("GET", "discovery") => Discovery(request, state.Identity.Entra),
            ("GET", "configuration") => Configuration(request, name.Resource),
            ("POST", "token") => Token(request, name.Resource, state.Identity, clock),
            _ => Error(404, "invalid_request", 900144, "There is nothing here.", clock),
        };
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        429 => Write(429, json => json.WriteString("error", "temporarily_unavailable")) with
        {
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "1" },
        },
        >= 500 => Write(status, json => json.WriteString("error", "temporarily_unavailable")),
        _ => Write(status, json =>
        {
            json.WriteString("error", "invalid_client");
            json.WriteString("error_description", "AADSTS7000215: Invalid client secret provided.");
        }),
    };

    private static SandboxAnswer Discovery(SandboxRequest request, EntraState entra) =>
        Write(200, json =>
        {
            json.WriteString("tenant_discovery_endpoint", new Uri(request.Host, $"{entra.Tenant}/v2.0/.well-known/openid-configuration").AbsoluteUri);
            json.WriteString("api-version", "1.1");
            json.WriteStartArray("metadata");
            json.WriteStartObject();
            json.WriteString("preferred_network", request.Host.Authority);
            json.WriteString("preferred_cache", request.Host.Authority);
            json.WriteStartArray("aliases");
            json.WriteStringValue(request.Host.Authority);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        });

    private static SandboxAnswer Configuration(SandboxRequest request, string tenant) =>
        Write(200, json =>
        {
            json.WriteString("issuer", new Uri(request.Host, $"{tenant}/v2.0").AbsoluteUri);
            json.WriteString("authorization_endpoint", new Uri(request.Host, $"{tenant}/oauth2/v2.0/authorize").AbsoluteUri);
            json.WriteString("token_endpoint", TokenEndpoint(request, tenant));
            json.WriteString("jwks_uri", new Uri(request.Host, $"{tenant}/discovery/v2.0/keys").AbsoluteUri);
        });

    private static SandboxAnswer Token(SandboxRequest request, string tenant, IdentityState identity, SandboxClock clock)
    {
        var entra = identity.Entra;
        var form = Form(request.Body);
        if (!Same(tenant, entra.Tenant))
            return Error(400, "invalid_request", 90002, $"Tenant '{tenant}' not found.", clock);
        if (form.GetValueOrDefault("grant_type") != "client_credentials")
            return Error(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.", clock);
        if (!Same(form.GetValueOrDefault("client_id", ""), entra.ClientId))
            return Error(400, "unauthorized_client", 700016, "Application was not found in the directory.", clock);
        if (Refusal(request, form, identity, clock) is { } refusal)
            return refusal;
        if (!form.GetValueOrDefault("scope", "").Split(' ').Contains(VaultScope, StringComparer.OrdinalIgnoreCase))
            return Error(400, "invalid_scope", 500011, "The resource principal was not found in the tenant.", clock);

        var token = "sandbox-entra-" + RandomNumberGenerator.GetHexString(48, lowercase: true);
        foreach (var over in identity.EntraTokens.Where(t => t.Value <= clock.Real).Select(t => t.Key).ToList())
            identity.EntraTokens.Remove(over);
        identity.EntraTokens[token] = clock.Real.AddSeconds(LifetimeSeconds);
        return Write(200, json =>
        {
            json.WriteString("token_type", "Bearer");
            json.WriteNumber("expires_in", LifetimeSeconds);
            json.WriteNumber("ext_expires_in", LifetimeSeconds);
            json.WriteString("access_token", token);
        }) with
        { Changed = true };
    }

    /// <summary>Why the application isn't who it says, or null.</summary>
    private static SandboxAnswer? Refusal(SandboxRequest request, Dictionary<string, string> form, IdentityState identity, SandboxClock clock)
    {
        if (form.TryGetValue("client_secret", out var secret))
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(identity.Entra.ClientSecret))
                ? null
                : Error(401, "invalid_client", 7000215, "Invalid client secret provided.", clock);
        if (form.GetValueOrDefault("client_assertion_type") != AssertionType || SignedToken.Parse(form.GetValueOrDefault("client_assertion", "")) is not { } assertion)
            return Error(401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", clock);
        if (!assertion.IsValidAt(clock.Real))
            return Error(401, "invalid_client", 700024, "Client assertion is not within its valid time range.", clock);
        return assertion.HeaderText("x5t#S256") is { } thumbprint
            ? CertificateRefusal(request, assertion, thumbprint, identity.Entra, clock)
            : FederationRefusal(assertion, identity, clock);
    }

    private static SandboxAnswer? CertificateRefusal(SandboxRequest request, SignedToken assertion, string thumbprint, EntraState entra, SandboxClock clock)
    {
        foreach (var der in entra.Certificates)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(der));
            if (System.Buffers.Text.Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)) != thumbprint)
                continue;
            using var key = certificate.GetRSAPublicKey();
            return key is not null && assertion.IsSignedBy(key) && Same(assertion.Claim("iss"), entra.ClientId) && Same(assertion.Claim("sub"), entra.ClientId)
                && Same(assertion.Claim("aud"), TokenEndpoint(request, entra.Tenant))
                    ? null
                    : Error(401, "invalid_client", 700027, "Client assertion failed signature validation.", clock);
        }

        return Error(401, "invalid_client", 700027, "The certificate with that thumbprint is not registered for the application.", clock);
    }

    private static SandboxAnswer? FederationRefusal(SignedToken assertion, IdentityState identity, SandboxClock clock)
    {
        if (identity.Entra.FederatedIssuer is { } issuer && assertion.Claim("iss") != issuer)
            return Error(401, "invalid_client", 700211, "No matching federated identity record found for presented assertion issuer.", clock);
        if (assertion.Claim("aud") != ExchangeAudience)
            return Error(401, "invalid_client", 700212, "No matching federated identity record found for presented assertion audience.", clock);
        if (identity.Entra.FederatedSubject is { } subject && assertion.Claim("sub") != subject)
            return Error(401, "invalid_client", 700213, "No matching federated identity record found for presented assertion subject.", clock);
        using var key = IssuerKey(identity.SigningKey, assertion.HeaderText("alg"));
        return key is not null && assertion.IsSignedBy(key)
            ? null
            : Error(401, "invalid_client", 70021, "No matching federated identity record found for presented assertion.", clock);
    }

    private static AsymmetricAlgorithm? IssuerKey(string? pkcs8, string? algorithm)
    {
        if (pkcs8 is null)
            return null;
        AsymmetricAlgorithm key = algorithm == "ES256" ? ECDsa.Create() : RSA.Create();
        try
        {
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(pkcs8), out _);
            return key;
        }
        catch (CryptographicException)
        {
            // The issuer's key is of another kind than the token says.
            key.Dispose();
            return null;
        }
    }

    private static string TokenEndpoint(SandboxRequest request, string tenant) => new Uri(request.Host, $"{tenant}/oauth2/v2.0/token").AbsoluteUri;

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string[] Parts(SandboxRequest request) => request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Form(byte[] body) =>
        Encoding.UTF8.GetString(body).Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => WebUtility.UrlDecode(pair[0]), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => WebUtility.UrlDecode(group.Last() is [_, var value] ? value : ""), StringComparer.Ordinal);

    private static SandboxAnswer Error(int status, string error, int code, string message, SandboxClock clock) =>
        Write(status, json =>
        {
            json.WriteString("error", error);
            json.WriteString("error_description", string.Create(CultureInfo.InvariantCulture, $"AADSTS{code}: {message}"));
            json.WriteStartArray("error_codes");
            json.WriteNumberValue(code);
            json.WriteEndArray();
            json.WriteString("timestamp", clock.Real.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        });

    private static SandboxAnswer Write(int status, Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new SandboxAnswer(status, "application/json; charset=utf-8", stream.ToArray());
    }
}
