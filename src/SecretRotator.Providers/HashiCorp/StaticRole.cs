using System.Text.RegularExpressions;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>
/// A static role of a database secrets engine: a user of a database whose password the vault itself sets
/// (https://developer.hashicorp.com/vault/api-docs/secret/databases). A secret's path names one as <c>database/static-creds/ROLE</c>,
/// which is where the vault gives its password; any other path is one of the KV store.
/// </summary>
/// <param name="Mount">Where the engine is mounted.</param>
/// <param name="Name">The role.</param>
internal sealed partial record StaticRole(string Mount, string Name)
{
    /// <summary>Where all of it but the password is read, without <c>/v1/</c>.</summary>
    public string Definition => $"{Mount}/static-roles/{Name}";

    /// <summary>Where its user and password are read, without <c>/v1/</c>.</summary>
    public string Credential => $"{Mount}/static-creds/{Name}";

    /// <summary>Where a new password is asked for, without <c>/v1/</c>.</summary>
    public string Rotation => $"{Mount}/rotate-role/{Name}";

    /// <summary>The role that a path names; null for a path of the KV store.</summary>
    public static StaticRole? In(string path) =>
        Form().Match(path) is { Success: true } match ? new StaticRole(match.Groups[1].Value, match.Groups[2].Value) : null;

    [GeneratedRegex("^(.+)/static-creds/([A-Za-z0-9_.-]+)\\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Form();
}
