using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends;

/// <summary>Where a server answers that speaks a protocol of its own.</summary>
/// <param name="Host">Its name in lower case, which its certificate must have; an IPv6 address without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record ServerAddress(string Host, int Port)
{
    /// <inheritdoc cref="HostAndPort.Parse" />
    public static ServerAddress? Parse(string text, int? usualPort) =>
        HostAndPort.Parse(text, usualPort) is var (host, port) ? new(host, port) : null;

    /// <inheritdoc cref="HostAndPort.Read" />
    public static ServerAddress? Read(PlacedText text, int usualPort, ProblemList problems) =>
        HostAndPort.Read(text, usualPort, problems) is var (host, port) ? new(host, port) : null;

    /// <summary>The address as a URI, such as <c>tcp://db.internal:5432</c>.</summary>
    public Uri AsUri() => new($"tcp://{this}");

    /// <inheritdoc />
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
