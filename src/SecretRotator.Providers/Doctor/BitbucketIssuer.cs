using System.Text.RegularExpressions;

namespace SecretRotator.Providers.Doctor;

/// <summary>
/// Bitbucket's OIDC issuer of a workspace, in the forms that trust policies need
/// (https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/).
/// </summary>
internal static partial class BitbucketIssuer
{
    /// <summary>Bitbucket's API, which is the start of every issuer's address.</summary>
    public static Uri Api { get; } = new("https://api.bitbucket.org/2.0");

    /// <summary>The claim <c>iss</c> of a workspace's tokens.</summary>
    public static string Of(string workspace) => $"https://{NameOf(workspace)}";

    /// <summary>The issuer without its scheme, as AWS names providers and condition keys.</summary>
    public static string NameOf(string workspace) => $"api.bitbucket.org{PathOf(workspace)}";

    /// <summary>The issuer's path below its host.</summary>
    public static string PathOf(string workspace) => $"/2.0/workspaces/{workspace}/pipelines-config/identity/oidc";

    /// <summary>The claim <c>aud</c> that tokens have unless the step asks for another.</summary>
    public static string AudienceOf(string workspaceUuid) => $"ari:cloud:bitbucket::workspace/{workspaceUuid}";

    /// <summary>The workspace's slug in a claim <c>iss</c>; null where it isn't one of Bitbucket's.</summary>
    public static string? WorkspaceOf(string issuer) =>
        Form().Match(issuer) is { Success: true } match ? match.Groups["workspace"].Value : null;

    [GeneratedRegex(
        @"^https://api\.bitbucket\.org/2\.0/workspaces/(?<workspace>[A-Za-z0-9_.-]{1,128})/pipelines-config/identity/oidc\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Form();
}
