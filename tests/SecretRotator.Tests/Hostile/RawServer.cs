using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Tests.Hostile;

/// <summary>One request as it came over the wire.</summary>
internal sealed record RawRequest(string Head, string Body)
{
    public string Path => Head.Split(' ')[1];

    public bool Shows(string header) => Head.Contains("\n" + header + ":", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A server on loopback that writes whatever bytes a test likes, and closes whenever it likes.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly X509Certificate2? _certificate;
    private readonly Func<RawRequest, Stream, CancellationToken, Task> _answer;
    private readonly Task _accepting;
    private int _connections;

    /// <param name="answer">Writes an answer; the connection is closed when it returns.</param>
    /// <param name="certificate">Shown to clients where the server speaks TLS.</param>
    public RawServer(Func<RawRequest, Stream, CancellationToken, Task> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Answers the same to everything.</summary>
    public static RawServer Always(string answer, X509Certificate2? certificate = null) =>
        new((_, stream, stop) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stop).AsTask(), certificate);

    public Uri Address => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Connections => _connections;

    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    /// <summary>An answer on the wire, which says that the connection is closed after it: a client that tried to reuse it would sometimes
    /// count that as a try.</summary>
    public static string Http(string status, string body, params string[] headers) =>
        $"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: "
            + $"{Encoding.UTF8.GetByteCount(body)}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_conversations);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _conversations.Add(ConverseAsync(client));
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    stream = tls;
                }

                if (await ReadAsync(stream) is not { } request)
                    return;
                _requests.Enqueue(request);
                await _answer(request, stream, _stop.Token);
                await stream.FlushAsync(_stop.Token);
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException or AuthenticationException)
            {
                // The client went away, or never trusted this server.
            }
        }
    }

    private async Task<RawRequest?> ReadAsync(Stream stream)
    {
        var received = new StringBuilder();
        var chunk = new byte[8192];
        while (true)
        {
            var text = received.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var head = text[..end];
                var length = head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    .Select(line => int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
                if (text.Length >= end + 4 + length)
                    return new RawRequest(head, text.Substring(end + 4, length));
            }

            var count = await stream.ReadAsync(chunk, _stop.Token);
            if (count == 0)
                return null;
            received.Append(Encoding.Latin1.GetString(chunk, 0, count));
        }
    }
}
