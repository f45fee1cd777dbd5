using System.Net;
using System.Net.Sockets;
using SecretRotator.Providers.Http;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>
/// Goes the way to a service hop by hop, on sockets of its own: an HTTP client would only say that something on the
/// way failed. It shows no credential to the service, and to a proxy the one that the environment gives.
/// </summary>
/// <param name="network">Which proxy is used, and who is trusted.</param>
/// <param name="limit">How long one hop may take.</param>
/// <param name="time">Measures.</param>
internal sealed class EndpointProbe(Network network, TimeSpan limit, TimeProvider time)
{
    /// <summary>Goes the whole way once.</summary>
    /// <exception cref="HopFailedException">It ends on the way.</exception>
    public async Task<Arrival> GoAsync(Uri address, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var proxy = network.ProxyFor(address);
        var door = proxy?.Address ?? address;
        var addresses = await WithinAsync(Hop.NameResolution, token => ResolveAsync(door, proxy, token), cancellation);
        using var socket = await WithinAsync(Hop.Connection, token => ConnectAsync(addresses, door, proxy, token), cancellation);
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            var tls = new TlsHop(network, time);
            if (proxy is { Address.Scheme: "https" })
                (stream, _) = await WithinAsync(Hop.Tls, token => tls.EnterAsync(stream, proxy.Address, token), cancellation);
            if (proxy is not null && address.Scheme == Uri.UriSchemeHttps)
                await WithinAsync(Hop.Proxy, token => ProxyHop.OpenTunnelAsync(stream, address, proxy, token), cancellation);
            TlsSession? session = null;
            if (address.Scheme == Uri.UriSchemeHttps)
                (stream, session) = await WithinAsync(Hop.Tls, token => tls.EnterAsync(stream, address, token), cancellation);
            var asked = time.GetUtcNow();
            var answer = await WithinAsync(Hop.HttpAnswer, token => AskAsync(stream, address, proxy, token), cancellation);
            var answered = time.GetUtcNow();

            // A date has whole seconds: on average it is half a second behind.
            var ahead = answer.Date is { } date ? date.AddSeconds(0.5) - (asked + ((answered - asked) / 2)) : (TimeSpan?)null;
            return new Arrival(answer.Status, time.GetElapsedTime(started), ahead, proxy?.ToString(), session);
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(Uri door, ProxyServer? proxy, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(door.IdnHost, out var literal))
            return [literal];
        try
        {
            var found = await Dns.GetHostAddressesAsync(door.IdnHost, cancellation);
            return found.Length > 0 ? found : throw Unresolved(door, proxy);
        }
        catch (SocketException)
        {
            throw Unresolved(door, proxy);
        }
    }

    private static HopFailedException Unresolved(Uri door, ProxyServer? proxy) => proxy is null
        ? new(Hop.NameResolution,
            $"the name {door.IdnHost} can't be resolved",
            "Check the address, and that this machine's DNS server knows it. Where only a proxy does, set HTTPS_PROXY.")
        : new(Hop.NameResolution, $"the name of the proxy {proxy} can't be resolved", $"Correct {proxy.Variable}, or this machine's DNS.");

    private static async Task<Socket> ConnectAsync(IPAddress[] addresses, Uri door, ProxyServer? proxy, CancellationToken cancellation)
    {
        SocketError? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, door.Port, cancellation);
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception.SocketErrorCode;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        var where = $"{addresses[0]} port {door.Port}";
        var why = last == SocketError.ConnectionRefused ? $"{where} refuses connections" : $"{where} can't be reached ({last})";
        throw proxy is null
            ? new HopFailedException(
                Hop.Connection, why,
                $"Let this machine out to port {door.Port} of {door.IdnHost}; where it gets out by a proxy only, set HTTPS_PROXY.")
            : new HopFailedException(
                Hop.Connection, $"the proxy {proxy} can't be reached: {why}", $"Correct {proxy.Variable}, or have the proxy started.");
    }

    private static async Task<HttpHead> AskAsync(Stream stream, Uri address, ProxyServer? proxy, CancellationToken cancellation)
    {
        var byProxy = proxy is not null && address.Scheme == Uri.UriSchemeHttp;
        var target = byProxy ? new Uri(address, "/").AbsoluteUri : "/";
        var login = byProxy ? ProxyHop.Login(proxy!) : "";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nUser-Agent: SecretRotator\r\nAccept: */*\r\n{login}Connection: "
                    + "close\r\n\r\n"), cancellation);
        var head = await HttpHead.ReadAsync(stream, cancellation)
            ?? throw new HopFailedException(
                Hop.HttpAnswer, "what answered there doesn't speak HTTP",
                "See what is on the way: a firewall or a proxy may have cut the call off.");
        return byProxy && head.Status == (int)HttpStatusCode.ProxyAuthenticationRequired ? throw ProxyHop.Refused(proxy!, head) : head;
    }

    private async Task<T> WithinAsync<T>(Hop hop, Func<CancellationToken, Task<T>> go, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await go(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HopFailedException(
                hop,
                $"{Doing(hop)} took longer than {limit.TotalSeconds:0} seconds",
                "A firewall that drops packets looks so: let this machine out to that address, or set HTTPS_PROXY where it gets out by a "
                    + "proxy only.");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new HopFailedException(
                hop, $"the connection broke during {Doing(hop)}",
                "Run again. Where it stays so, a firewall on the way cuts it off: look into its log.");
        }
    }

    private static string Doing(Hop hop) => hop switch
    {
        Hop.NameResolution => "resolving the name",
        Hop.Connection => "making a connection",
        Hop.Proxy => "the proxy's answer",
        Hop.Tls => "the TLS handshake",
        _ => "the answer",
    };
}

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
