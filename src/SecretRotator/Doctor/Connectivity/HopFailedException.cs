namespace SecretRotator.Doctor.Connectivity;

/// <summary>The way to a service ends at one hop.</summary>
/// <param name="hop">Which.</param>
/// <param name="what">What happened there, after the service's name: <c>the name can't be resolved</c>.</param>
/// <param name="fix">What to do about it.</param>
internal sealed class HopFailedException(Hop hop, string what, string fix) : Exception(what)
{
    /// <summary>Where the way ends.</summary>
    public Hop Hop => hop;

    /// <summary>What to do about it.</summary>
    public string Fix => fix;
}

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
