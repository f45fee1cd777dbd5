using System.Globalization;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends;

/// <summary>Where a server answers that speaks a protocol of its own.</summary>
/// <param name="Host">Its name in lower case, which its certificate must have; an IPv6 address without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record ServerAddress(string Host, int Port)
{
    /// <summary>Reads <c>HOST</c> or <c>HOST:PORT</c>, with brackets around an IPv6 address that has a port; null where it is
    /// neither.</summary>
    /// <param name="text">The text.</param>
    /// <param name="usualPort">The port of an address without one; null where it needs one.</param>
    public static ServerAddress? Parse(string text, int? usualPort)
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
            ? new(host.ToLowerInvariant(), known)
            : null;
    }

    /// <summary>Reads the address that a backend names; null where it is none, which is reported.</summary>
    public static ServerAddress? Read(PlacedText text, int usualPort, ProblemList problems)
    {
        if (Parse(text.Value, usualPort) is { } address)
            return address;
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not the address of a server",
            $"Write the name that is in its certificate, and the port where that isn't {usualPort}, such as \"db.internal:{usualPort}\".");
        return null;
    }

    /// <summary>The address as a URI, such as <c>tcp://db.internal:5432</c>.</summary>
    public Uri AsUri() => new($"tcp://{this}");

    /// <inheritdoc />
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
