using System.Text.RegularExpressions;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Google;

/// <summary>
/// Google's Security Token Service: exchanges a step's token, which is checked as a provider of a workload identity pool checks it
/// (signature, issuer, audience, expiry, attribute condition).
/// </summary>
/// <param name="conditions">What is wrong with the trust.</param>
internal sealed partial class GoogleStsEmulator(ImmutableHashSet<Condition> conditions) : IEmulator
{
    public const string Name = "google-sts";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["token"];

    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";
    private const int LongestSeconds = 3600;

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        request is { Method: "POST", Path: "/v1/token" }
            ? new("token", request.Form().GetValueOrDefault("audience", ""))
            : new("unknown", request.Path);

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (Identify(request, state).Operation != "token")
            return GoogleAnswers.Refused(404, "NOT_FOUND", "Method not found.");
        try
        {
            return Exchange(request.Form(), state, clock);
        }
        catch (Refusal refusal)
        {
            return GoogleAnswers.OAuth(refusal);
        }
    }

    public SandboxAnswer Trouble(int status) => GoogleAnswers.OAuth(status switch
    {
        403 => new Refusal("unauthorized_client", "The given credential is rejected by the attribute condition.", 403),
        400 => new Refusal("invalid_grant", "Unable to parse the ID Token."),
        >= 500 => new Refusal("server_error", "Internal error encountered.", status),
        _ => new Refusal("invalid_request", "The request was refused.", status),
    });

    private SandboxAnswer Exchange(Dictionary<string, string> form, SandboxState state, SandboxClock clock)
    {
        Expect(form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        Expect(form, "requested_token_type", AccessToken);
        Expect(form, "scope", "https://www.googleapis.com/auth/cloud-platform");
        if (form.GetValueOrDefault("subject_token_type", "") is not ("urn:ietf:params:oauth:token-type:jwt"
            or "urn:ietf:params:oauth:token-type:id_token"))
            throw new Refusal("invalid_request", "Invalid value for \"subject_token_type\".");
        if (Audience().Match(form.GetValueOrDefault("audience", "")) is not { Success: true } match)
            throw new Refusal("invalid_request", "Invalid value for \"audience\". This value should be the full resource name of the "
                + "Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of possible "
                + "formats.");
        if (conditions.Contains(StsEmulator.UnregisteredProvider)
            || state.GoogleIdentity.Providers.GetValueOrDefault(match.Groups["provider"].Value) is not { Disabled: false } provider)
            throw new Refusal("invalid_target", "The target service indicated by the \"audience\" parameters is invalid. This might "
                + "either be because the pool or provider is disabled or deleted or because it doesn't exist.");
        var token = SignedToken.Parse(form.GetValueOrDefault("subject_token", ""))
            ?? throw new Refusal("invalid_grant", "Unable to parse the ID Token.");
        Admit(token, provider, state, clock.Real);

        // What is derived from a token ends with it.
        var seconds = Math.Min(LongestSeconds, (token.Number("exp") ?? 0) - clock.Real.ToUnixTimeSeconds());
        var pool = $"iam.googleapis.com/{match.Groups["pool"].Value}";
        var text = GoogleIdentityState.Give(
            state,
            new GoogleTokenState
            {
                Principal = $"principal://{pool}/subject/{token.Claim("sub")}",
                Sets =
                [
                    .. Set(pool, "repository", token.Claim("repositoryUuid")),
                    .. Set(pool, "environment", token.Claim("deploymentEnvironmentUuid")),
                ],
                Ends = clock.Real.AddSeconds(seconds),
            },
            clock);
        return SandboxAnswer.Json(200, new JsonObject
        {
            ["access_token"] = text,
            ["issued_token_type"] = AccessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = seconds,
        }) with
        { Changed = true };
    }

    private void Admit(SignedToken token, GooglePoolProviderState provider, SandboxState state, DateTimeOffset now)
    {
        if (token.Claim("iss") != provider.Issuer)
            throw new Refusal(
                "invalid_grant", $"The issuer in ID Token {token.Claim("iss")} does not match the expected ones: {provider.Issuer}");
        if (!provider.Audiences.Contains(token.Claim("aud") ?? "", StringComparer.Ordinal))
            throw new Refusal(
                "invalid_grant", $"The audience in ID Token [{token.Claim("aud")}] does not match the expected audience.");
        if (!TokenSigner.Signed(state, token))
            throw new Refusal("invalid_grant", "Invalid ID Token signature.");
        if ((token.Number("exp") ?? 0) <= now.ToUnixTimeSeconds())
            throw new Refusal("invalid_grant", $"ID Token issued at {token.Number("iat") ?? 0} is stale to sign-in.");
        if (conditions.Contains(StsEmulator.WrongSubject)
            || (provider.Repository is { } repository && token.Claim("repositoryUuid") != repository)
            || (provider.Environment is { } environment && token.Claim("deploymentEnvironmentUuid") != environment))
            throw new Refusal("unauthorized_client", "The given credential is rejected by the attribute condition.", 401);
    }

    private static IEnumerable<string> Set(string pool, string attribute, string? value) =>
        value is null ? [] : [$"principalSet://{pool}/attribute.{attribute}/{value}"];

    private static void Expect(Dictionary<string, string> form, string field, string value)
    {
        if (form.GetValueOrDefault(field) != value)
            throw new Refusal("invalid_request", $"Invalid value for \"{field}\".");
    }

    [GeneratedRegex(
        "^//iam\\.googleapis\\.com/(?<provider>(?<pool>projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]{4,32})"
            + "/providers/[a-z0-9-]{4,32})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Audience();
}
