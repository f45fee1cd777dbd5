namespace SecretRotator.Configuration;

/// <summary>Reads where a server answers that speaks a protocol of its own.</summary>
internal static class HostAndPort
{
    /// <summary>Reads <c>HOST</c> or <c>HOST:PORT</c>, with brackets around an IPv6 address that has a port; null where it is
    /// neither.</summary>
    /// <param name="text">The text.</param>
    /// <param name="usualPort">The port of an address without one; null where it needs one.</param>
    public static (string Host, int Port)? Parse(string text, int? usualPort)
    {
        var (host, port) = (text, usualPort);
        var end = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        if (colon > end && (end > 0 || text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var written)
                || written is < 1 or > 65_535)
                return null;
            port = written;
        }

        if (host is ['[', .. var address, ']'] && Uri.CheckHostName(address) == UriHostNameType.IPv6)
            host = address;
        return port is { } known && Uri.CheckHostName(host) is (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)
            ? (host.ToLowerInvariant(), known)
            : null;
    }

    /// <summary>Reads the address that the inventory names; null where it is none, which is reported.</summary>
    public static (string Host, int Port)? Read(PlacedText text, int usualPort, ProblemList problems)
    {
        if (Parse(text.Value, usualPort) is { } address)
            return address;
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not the address of a server",
            $"Write the name that is in its certificate, and the port where that isn't {usualPort}, such as \"db.internal:{usualPort}\".");
        return null;
    }
}
