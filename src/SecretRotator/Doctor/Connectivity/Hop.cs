namespace SecretRotator.Doctor.Connectivity;

/// <summary>The stretches of the way to a service, in the order in which they are gone.</summary>
internal enum Hop
{
    /// <summary>From a name to addresses: the service's, or where there is one the proxy's.</summary>
    NameResolution,

    /// <summary>A TCP connection to one of them.</summary>
    Connection,

    /// <summary>The proxy lets the call through.</summary>
    Proxy,

    /// <summary>TLS with the service itself, whose certificate is trusted.</summary>
    Tls,

    /// <summary>The service answers.</summary>
    HttpAnswer,
}
