using System.Text.Json;
using System.Text.RegularExpressions;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>What a vault has against a login.</summary>
internal enum LoginFault
{
    /// <summary>It doesn't say, or something else.</summary>
    Other,

    /// <summary>The auth method isn't mounted there, or admits only other addresses.</summary>
    Mount,

    /// <summary>The auth method is mounted, and not configured.</summary>
    Configuration,

    /// <summary>The role doesn't exist.</summary>
    Role,

    /// <summary>The role admits no login with a token.</summary>
    RoleType,

    /// <summary>A claim that the role binds has another value, or is missing: <see cref="LoginRefusal.Claim"/>.</summary>
    Claim,

    /// <summary>The token is for another audience.</summary>
    Audience,

    /// <summary>The token is of another issuer.</summary>
    Issuer,

    /// <summary>The token has ended.</summary>
    Expired,

    /// <summary>The vault can't verify the signature: it has other keys, or can't reach the issuer.</summary>
    Signature,

    /// <summary>The role id or the secret id is wrong, used up or has ended.</summary>
    SecretId,

    /// <summary>The vault is sealed or isn't initialized.</summary>
    Sealed,
}

/// <summary>A login, a renewal or a revocation that a vault refused. What it said isn't kept: no one promises what is in it.</summary>
/// <remarks>
/// The texts are those of https://github.com/hashicorp/vault-plugin-auth-jwt (path_login.go, claims.go) and of the same files in
/// OpenBao.
/// </remarks>
internal sealed partial class LoginRefusal : Exception
{
    /// <summary>Reads a refusal.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The answer's body.</param>
    /// <param name="retryAfter">How long it asks to wait, or null.</param>
    public LoginRefusal(int status, byte[] body, TimeSpan? retryAfter = null)
        : base($"A vault answered {status}.")
    {
        (Status, RetryAfter) = (status, retryAfter);
        (Fault, Claim) = Judge(status, Said(body));
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>How long it asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Why.</summary>
    public LoginFault Fault { get; }

    /// <summary>The name of the claim that differs, where it is one of Bitbucket's; or null.</summary>
    public string? Claim { get; }

    private static (LoginFault Fault, string? Claim) Judge(int status, string said)
    {
        bool Says(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (BoundClaim().Match(said) is { Success: true } claim)
            return (LoginFault.Claim, claim.Groups[1].Value);
        return (status switch
        {
            400 when Says("validating claims") => LoginFault.Claim,
            501 => LoginFault.Sealed,
            503 when Says("sealed") => LoginFault.Sealed,
            400 or 403 or 404 or 500 when Says("could not be found") => LoginFault.Role,
            400 when Says("role_type is not allowed") => LoginFault.RoleType,
            400 when Says("could not load configuration") => LoginFault.Configuration,
            400 when Says("audience") || Says("aud claim") => LoginFault.Audience,
            400 when Says("issuer (iss)") || Says("invalid issuer") => LoginFault.Issuer,
            400 when Says("expired") || Says("(exp)") => LoginFault.Expired,
            400 or 500 when Says("signature") || Says("key successfully validated") || Says("discovery") || Says("jwks") =>
                LoginFault.Signature,
            400 or 403 when Says("secret ID") || Says("secret_id") => LoginFault.SecretId,
            404 => LoginFault.Mount,
            400 or 403 when Says("permission denied") || Says("missing client token") || Says("unsupported path") => LoginFault.Mount,
            _ => LoginFault.Other,
        }, null);
    }

    private static string Said(byte[] body)
    {
        try
        {
            return string.Join(' ', JsonSerializer.Deserialize(body, LoginJson.Default.ErrorAnswer)?.Errors ?? []);
        }
        catch (JsonException)
        {
            return "";
        }
    }

    // Only claims that Bitbucket has: whatever else is in its place may be a part of the token.
    [GeneratedRegex(
        "claim \"(repositoryUuid|deploymentEnvironmentUuid|workspaceUuid|pipelineUuid|stepUuid|branchName|sub|aud|iss)\" "
            + "(?:does not match|is missing|not found)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex BoundClaim();
}
