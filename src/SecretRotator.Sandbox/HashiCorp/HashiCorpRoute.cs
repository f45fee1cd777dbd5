namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>What a request to a server of HashiCorp Vault asks for.</summary>
/// <param name="Operation">In the words of faults and of the call log.</param>
/// <param name="Mount">Where it goes, or empty.</param>
/// <param name="Path">The path in the mount.</param>
/// <param name="Full">The whole path behind <c>/v1/</c>, which policies name.</param>
internal sealed record HashiCorpRoute(string Operation, string Mount, string Path, string Full)
{
    private const string Prefix = "/v1/";
    private const string MountInfo = "sys/internal/ui/mounts/";

    /// <summary>Reads method and path.</summary>
    public static HashiCorpRoute Of(SandboxRequest request, HashiCorpState server)
    {
        if (!request.Path.StartsWith(Prefix, StringComparison.Ordinal))
            return new("Unknown", "", "", "");
        var full = Uri.UnescapeDataString(request.Path[Prefix.Length..]);
        if (full.StartsWith(MountInfo, StringComparison.Ordinal) && request.Method == "GET")
            return new("MountInfo", full[MountInfo.Length..].Split('/')[0], "", full);
        var mount = server.Mounts.Keys.Where(each => full.StartsWith(each + "/", StringComparison.Ordinal)).MaxBy(each => each.Length);
        if (mount is null)
            return new("Unknown", "", "", full);
        var inside = full[(mount.Length + 1)..];
        var slash = inside.IndexOf('/', StringComparison.Ordinal);
        var (kind, path) = slash < 0 ? (inside, "") : (inside[..slash], inside[(slash + 1)..]);
        var operation = (request.Method, kind) switch
        {
            ("GET", "data") => "ReadSecret",
            ("POST" or "PUT", "data") => "WriteSecret",
            ("GET", "metadata") when request.Query.GetValueOrDefault("list") != "true" => "ReadMetadata",
            ("POST" or "PUT", "delete") => "DeleteVersions",
            ("POST" or "PUT", "undelete") => "UndeleteVersions",
            ("POST" or "PUT", "destroy") => "DestroyVersions",
            ("GET", "config") => "ReadConfig",
            _ => "Unknown",
        };
        return new(operation, mount, path, full);
    }

    /// <summary>The version that a query asks for; null for the newest. What is no number is taken for 0, as the server does.</summary>
    public static long? VersionIn(SandboxRequest request) =>
        request.Query.TryGetValue("version", out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
