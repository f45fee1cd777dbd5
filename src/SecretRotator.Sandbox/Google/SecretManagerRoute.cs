using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Google;

/// <summary>What a request to Secret Manager asks for.</summary>
/// <param name="Operation">In the words of faults and of the call log.</param>
/// <param name="Parent">The project, or the location in it.</param>
/// <param name="Name">The secret's name, or empty.</param>
/// <param name="Version">The version's number or <c>latest</c>, or empty.</param>
internal sealed partial record SecretManagerRoute(string Operation, string Parent, string Name, string Version)
{
    /// <summary>The secret's whole name.</summary>
    public string Secret => $"{Parent}/secrets/{Name}";

    /// <summary>The permission that the call needs; null where it needs none.</summary>
    public string? Permission => Operation switch
    {
        "GetSecret" => "secretmanager.secrets.get",
        "PatchSecret" => "secretmanager.secrets.update",
        "CreateSecret" => "secretmanager.secrets.create",
        "ListVersions" => "secretmanager.versions.list",
        "AddVersion" => "secretmanager.versions.add",
        "AccessVersion" => "secretmanager.versions.access",
        "DisableVersion" => "secretmanager.versions.disable",
        _ => null,
    };

    /// <summary>Reads method and path.</summary>
    public static SecretManagerRoute Of(SandboxRequest request)
    {
        if (Address().Match(request.Path) is not { Success: true } match)
            return new("Unknown", "", "", "");
        var (parent, name, version) = (match.Groups["parent"].Value, match.Groups["name"].Value, match.Groups["version"].Value);
        var operation = (request.Method, match.Groups["versions"].Success, version.Length > 0, match.Groups["verb"].Value) switch
        {
            ("POST", false, false, "") when name.Length == 0 => "CreateSecret",
            _ when name.Length == 0 => "Unknown",
            ("GET", false, false, "") => "GetSecret",
            ("PATCH", false, false, "") => "PatchSecret",
            ("POST", false, false, "addVersion") => "AddVersion",
            ("POST", false, false, "testIamPermissions") => "TestIamPermissions",
            ("GET", true, false, "") => "ListVersions",
            ("GET", true, true, "access") => "AccessVersion",
            ("POST", true, true, "disable") => "DisableVersion",
            _ => "Unknown",
        };
        return new(operation, parent, operation == "CreateSecret" ? request.Query.GetValueOrDefault("secretId", "") : name, version);
    }

    [GeneratedRegex(
        "^/v1/(?<parent>projects/[^/:]+(/locations/[^/:]+)?)/secrets(/(?<name>[^/:]+)(?<versions>/versions(/(?<version>[^/:]+))?)?)?"
            + @"(:(?<verb>[a-zA-Z]+))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
