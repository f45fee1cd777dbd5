using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Azure;

/// <summary>What a request to a Key Vault asks for.</summary>
/// <param name="Operation">In the words of faults and of the call log.</param>
/// <param name="Name">The secret's name, or empty.</param>
/// <param name="Version">The version's id, or empty for the newest.</param>
internal sealed partial record KeyVaultRoute(string Operation, string Name, string Version)
{
    /// <summary>Reads method and path. The real client writes <c>/secrets/NAME/</c> for the newest version.</summary>
    public static KeyVaultRoute Of(SandboxRequest request)
    {
        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
        var name = parts.Count > 1 ? parts[1] : "";
        var version = parts.Count > 2 ? parts[2] : "";
        return (request.Method, parts.FirstOrDefault(), parts.Count) switch
        {
            ("GET", "secrets", 1) => new("ListSecrets", "", ""),
            ("GET", "secrets", 3) when version == "versions" => new("ListVersions", name, ""),
            ("GET", "secrets", 2 or 3) => new("GetSecret", name, version),
            ("PUT", "secrets", 2) => new("PutSecret", name, ""),
            ("PATCH", "secrets", 2 or 3) => new("PatchSecret", name, version),
            ("DELETE", "secrets", 2) => new("DeleteSecret", name, ""),
            ("DELETE", "deletedsecrets", 2) => new("PurgeDeletedSecret", name, ""),
            ("POST", "deletedsecrets", 3) when version == "recover" => new("RecoverDeletedSecret", name, ""),
            _ => new("Unknown", name, ""),
        };
    }

    /// <summary>Whether it names a secret as Microsoft documents names, or none.</summary>
    public bool IsValid => Name.Length == 0 || ValidName().IsMatch(Name);

    /// <summary>Whether this is a version of the interface: 7.0 to 7.6, or a date since 2025.</summary>
    public static bool Knows(string apiVersion) => ApiVersion().IsMatch(apiVersion);

    [GeneratedRegex("^(7\\.[0-6]|20(2[5-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2})$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ApiVersion();

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidName();
}
