namespace SecretRotator.Providers.Http;

/// <summary>Which proxies the environment asks for: <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c>, <c>NO_PROXY</c>, in upper or
/// lower case.</summary>
/// <param name="Http">The proxy for addresses with <c>http</c>, or null.</param>
/// <param name="Https">The proxy for addresses with <c>https</c>, or null.</param>
/// <param name="Except">Who is reached without a proxy.</param>
internal sealed record ProxySettings(ProxyServer? Http, ProxyServer? Https, NoProxyList Except)
{
    /// <summary>Whether this machine is reached through the proxy as well. Only a run in the sandbox sets it: no setting does.</summary>
    public bool AlsoForLoopback { get; init; }

    /// <summary>Reads them; null where no proxy is named.</summary>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="problems">Gets what is wrong, without any value: a proxy that is passed over in silence would mean that calls go
    /// another way than they should.</param>
    public static ProxySettings? Read(IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        var all = Find(environment, "ALL_PROXY", problems);
        var http = Find(environment, "HTTP_PROXY", problems) ?? all;
        var https = Find(environment, "HTTPS_PROXY", problems) ?? all;
        return (http ?? https) is null ? null : new ProxySettings(http, https, ReadExcept(environment, problems));
    }

    private static NoProxyList ReadExcept(IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        var (variable, text) = Said(environment, "NO_PROXY");
        var list = NoProxyList.Parse(text ?? "");
        foreach (var place in list.Unreadable)
            problems.Add(new Problem(
                $"Entry {place.ToString(CultureInfo.InvariantCulture)} of {variable} can't be read, so the hosts that it means would be "
                    + "reached through the proxy.",
                "Write a name, which holds for all below it (acme.example), an address, a network (10.0.0.0/8, not 10.*), each with "
                    + ":PORT if you want, or * for every host.",
                "the environment"));
        return list;
    }

    /// <summary>The proxy that an address is reached through, or null for none.</summary>
    public ProxyServer? For(Uri address) =>
        (address.IsLoopback && !AlsoForLoopback) || Except.Covers(address) ? null
        : address.Scheme == Uri.UriSchemeHttp ? Http
        : Https;

    private static ProxyServer? Find(IReadOnlyDictionary<string, string> environment, string name, ImmutableArray<Problem>.Builder problems)
    {
        if (Said(environment, name) is not (var variable, { } text))
            return null;
        if (ProxyServer.Parse(variable, text) is { } proxy)
            return proxy;
        problems.Add(new Problem(
            $"The proxy in {variable} can't be read.",
            "Write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with every @ : / # ? % of user and password percent-encoded. "
                + "SOCKS is not supported.",
            "the environment"));
        return null;
    }

    // As curl does it: the lower case goes first.
    private static (string Variable, string? Text) Said(IReadOnlyDictionary<string, string> environment, string name) =>
        new[] { name.ToLowerInvariant(), name }
            .Select(variable => (variable, text: environment.GetValueOrDefault(variable)?.Trim()))
            .FirstOrDefault(each => each.text is { Length: > 0 });
}
