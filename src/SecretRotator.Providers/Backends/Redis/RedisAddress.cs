using System.Globalization;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>Where a server answers.</summary>
/// <param name="Host">Its name, which its certificate must have.</param>
/// <param name="Port">Its port.</param>
public sealed record RedisAddress(string Host, int Port)
{
    /// <summary>Reads <c>HOST</c> or <c>HOST:PORT</c>, with brackets around an IPv6 address; null where it is neither.</summary>
    public static RedisAddress? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const int UsualPort = 6379;
        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = UsualPort;
        if (hasPort && !(int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65_536))
            return null;
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new(host.ToLowerInvariant(), port);
    }

    /// <inheritdoc />
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
