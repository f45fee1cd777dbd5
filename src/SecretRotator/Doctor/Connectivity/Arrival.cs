namespace SecretRotator.Doctor.Connectivity;

/// <summary>The way to a service, gone to its end.</summary>
/// <param name="Status">What the service answered to a call without a credential; any status will do.</param>
/// <param name="Took">How long all hops took together.</param>
/// <param name="Ahead">How far the service's clock is ahead of this machine's, to a second; null where it didn't say.</param>
/// <param name="Proxy">The proxy on the way, or null.</param>
/// <param name="Tls">What TLS came about, or null without it.</param>
internal sealed record Arrival(int Status, TimeSpan Took, TimeSpan? Ahead, string? Proxy, TlsSession? Tls);

/// <summary>A TLS session.</summary>
/// <param name="Version">Such as <c>TLS 1.3</c>.</param>
/// <param name="Issuer">Who issued the server's certificate.</param>
/// <param name="Ends">When that certificate ends.</param>
internal sealed record TlsSession(string Version, string Issuer, DateTimeOffset Ends);
