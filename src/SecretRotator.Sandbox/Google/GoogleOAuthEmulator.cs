using System.Security.Cryptography;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Google;

/// <summary>Google's OAuth token endpoint, for assertions that a service account's key signed, and for refresh tokens of gcloud.</summary>
internal sealed class GoogleOAuthEmulator : IEmulator
{
    public const string Name = "google-oauth";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["token"];

    /// <summary>The client that gcloud is.</summary>
    public const string ClientId = "sandbox-gcloud.apps.googleusercontent.com";

    /// <summary>Its secret.</summary>
    public const string ClientSecret = "sandbox-gcloud-client-secret";

    private const string Audience = "https://oauth2.googleapis.com/token";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const int Seconds = 3599;
    private const int LongestAssertion = 3600;
    private const int Grace = 300;

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        request is { Method: "POST", Path: "/token" } ? new("token", "") : new("unknown", request.Path);

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (Identify(request, state).Operation != "token")
            return GoogleAnswers.Trouble(404);
        var form = request.Form();
        try
        {
            var principal = form.GetValueOrDefault("grant_type") switch
            {
                "urn:ietf:params:oauth:grant-type:jwt-bearer" => Account(form.GetValueOrDefault("assertion", ""), state, clock.Real),
                "refresh_token" => Person(form, state),
                _ => throw new Refusal("unsupported_grant_type", "Invalid grant_type"),
            };
            var text = GoogleIdentityState.Give(
                state, new GoogleTokenState { Principal = principal, Ends = clock.Real.AddSeconds(Seconds) }, clock);
            return SandboxAnswer.Json(
                200, new JsonObject { ["access_token"] = text, ["expires_in"] = Seconds, ["token_type"] = "Bearer" }) with
            { Changed = true };
        }
        catch (Refusal refusal)
        {
            return GoogleAnswers.OAuth(refusal);
        }
    }

    public SandboxAnswer Trouble(int status) => GoogleAnswers.OAuth(
        status >= 500
            ? new Refusal("internal_failure", "Backend Error", status)
            : new Refusal("invalid_grant", "Bad Request", status));

    private static string Account(string assertion, SandboxState state, DateTimeOffset now)
    {
        if (SignedToken.Parse(assertion) is not { } token)
            throw new Refusal("invalid_grant", "Invalid JWT: Failed to parse.");
        var email = token.Claim("iss") ?? "";
        if (state.GoogleIdentity.Accounts.GetValueOrDefault(email) is not { } account)
            throw new Refusal("invalid_grant", "Invalid grant: account not found");
        if (account.Keys.GetValueOrDefault(token.HeaderText("kid") ?? "") is not { } known || !IsSigned(token, known))
            throw new Refusal("invalid_grant", "Invalid JWT Signature.");
        if (token.Claim("aud") != Audience)
            throw new Refusal("invalid_grant", "Invalid JWT: Wrong audience.");
        if (token.Claim("scope") != Scope)
            throw new Refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        var (from, to, at) = (token.Number("iat") ?? 0, token.Number("exp") ?? 0, now.ToUnixTimeSeconds());
        return from <= at + Grace && to > at - Grace && to > from && to - from <= LongestAssertion && from > at - LongestAssertion - Grace
            ? $"serviceAccount:{email}"
            : throw new Refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                + "timeframe. Check your iat and exp values in the JWT claim.");
    }

    private static string Person(Dictionary<string, string> form, SandboxState state)
    {
        if (form.GetValueOrDefault("client_id") != ClientId || form.GetValueOrDefault("client_secret") != ClientSecret)
            throw new Refusal("invalid_client", "The OAuth client was not found.", 401);
        return state.GoogleIdentity.RefreshTokens.GetValueOrDefault(form.GetValueOrDefault("refresh_token", "")) is { } person
            ? $"user:{person}"
            : throw new Refusal("invalid_grant", "Token has been expired or revoked.");
    }

    private static bool IsSigned(SignedToken token, string publicKey)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        return token.HeaderText("alg") == "RS256" && token.IsSignedBy(key);
    }
}
