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

    /// <summary>The role binds a claim to another value than the token has.</summary>
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
}

/// <summary>Tells by the text of a refusal why a login was refused. The text itself is never shown: no one promises what is in
/// it.</summary>
/// <remarks>
/// The texts are those of https://github.com/hashicorp/vault-plugin-auth-jwt (path_login.go, claims.go), of the same files in OpenBao, and
/// of the validator that both use (https://github.com/hashicorp/cap, jwt/jwt.go).
/// </remarks>
internal static partial class LoginFaults
{
    /// <summary>Why, and the claim that differs where it is one of Bitbucket's.</summary>
    /// <param name="status">The HTTP status of the refusal.</param>
    /// <param name="json">The body of the refusal.</param>
    public static (LoginFault Fault, string? Claim) Of(int status, ReadOnlySpan<byte> json)
    {
        var said = Encoding.UTF8.GetString(json).Replace("\\\"", "\"", StringComparison.Ordinal);
        bool Says(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            400 when BoundClaim().Match(said) is { Success: true } claim => (LoginFault.Claim, claim.Groups[1].Value),
            400 when Says("validating claims") => (LoginFault.Claim, null),
            400 when Says("could not be found") => (LoginFault.Role, null),
            400 when Says("role_type is not allowed") => (LoginFault.RoleType, null),
            400 when Says("could not load configuration") => (LoginFault.Configuration, null),
            400 when Says("(aud)") || Says("aud claim") || Says("audience claim") => (LoginFault.Audience, null),
            400 when Says("(iss)") => (LoginFault.Issuer, null),
            400 when Says("(exp)") || Says("expired") => (LoginFault.Expired, null),
            400 or 500 when Says("signature") || Says("token validator") || Says("discovery") => (LoginFault.Signature, null),
            400 when Says("secret ID") || Says("secret_id") => (LoginFault.SecretId, null),
            403 or 404 => (LoginFault.Mount, null),
            400 when Says("missing client token") => (LoginFault.Mount, null),
            _ => (LoginFault.Other, null),
        };
    }

    // Only claims that Bitbucket has: whatever else is in its place may be a part of the token.
    [GeneratedRegex(
        "claim \"(repositoryUuid|deploymentEnvironmentUuid|workspaceUuid|pipelineUuid|stepUuid|branchName|sub)\" "
            + "(?:does not match|is missing|not found)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex BoundClaim();
}
