namespace SecretRotator.Providers.Http;

/// <summary>A proxy that the environment names.</summary>
/// <param name="Variable">The variable that names it, such as <c>HTTPS_PROXY</c>.</param>
/// <param name="Address">Where it answers: <c>http</c> or <c>https</c>, without user and password, so that it can be shown.</param>
/// <param name="User">The user that it wants to know, or null.</param>
/// <param name="Password">That user's password, or null.</param>
internal sealed record ProxyServer(string Variable, Uri Address, string? User, SecretValue? Password)
{
    /// <summary>Reads a proxy as people write it: <c>http://user:password@proxy.acme.example:3128</c>, with or without scheme. Null where
    /// it can't be read.</summary>
    /// <param name="variable">The variable that it is in.</param>
    /// <param name="text">What the variable says.</param>
    public static ProxyServer? Parse(string variable, string text)
    {
        var scheme = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://" : "http://";
        var rest = text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? text[scheme.Length..] : text;

        // A password may hold an @ that no one encoded; a host can't.
        var at = rest.LastIndexOf('@');
        var (user, password) = at < 0 ? (null, null) : Login(rest[..at]);
        return !rest.Contains("://", StringComparison.Ordinal)
            && Uri.TryCreate(scheme + rest[(at + 1)..], UriKind.Absolute, out var address)
            && address is { Host.Length: > 0, AbsolutePath: "/", Query.Length: 0, Fragment.Length: 0 }
                ? new ProxyServer(variable, address, user, password)
                : null;
    }

    /// <summary>The proxy for people, without its password.</summary>
    public override string ToString() => $"{Address.GetLeftPart(UriPartial.Authority)} ({Variable})";

    private static (string? User, SecretValue? Password) Login(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (Uri.UnescapeDataString(text), null)
            : (Uri.UnescapeDataString(text[..colon]), SecretValue.FromText(Uri.UnescapeDataString(text[(colon + 1)..])));
    }
}
