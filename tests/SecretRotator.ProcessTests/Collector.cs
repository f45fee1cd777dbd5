using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SecretRotator.Tests.Processes;

/// <summary>A span as it was received.</summary>
internal sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string Name, ImmutableDictionary<string, string> Tags, int Status, string? StatusText);

/// <summary>A point of a metric as it was received.</summary>
internal sealed record ReceivedPoint(string Metric, string Unit, ImmutableDictionary<string, string> Tags, double Value);

/// <summary>An OTLP/HTTP receiver on loopback. It answers with one status, or, with status 0, never.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string Head, byte[] Body)> _requests = new();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly int _status;
    private readonly Task _accepting;
    private int _connections;

    public Collector(int status = 200)
    {
        _status = status;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Connections => Volatile.Read(ref _connections);

    public IEnumerable<string> Heads => _requests.Select(request => request.Head);

    public IEnumerable<string> Paths => Heads.Select(head => head.Split(' ')[1]);

    /// <summary>Everything that came, byte for byte as Latin-1.</summary>
    public string Everything => string.Concat(_requests.Select(request => request.Head + Encoding.Latin1.GetString(request.Body)));

    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from request in Of("/v1/traces")
           from resource in request.Messages(1)
           from scope in resource.Messages(2)
           from span in scope.Messages(2)
           let status = span.Messages(15).FirstOrDefault()
           select new ReceivedSpan(
               span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5)!, Tags(span, 9), (int)(status?.Number(3) ?? 0), status?.Text(2)),
    ];

    public IReadOnlyList<ReceivedPoint> Points =>
    [
        .. from request in Of("/v1/metrics")
           from resource in request.Messages(1)
           from scope in resource.Messages(2)
           from metric in scope.Messages(2)
           from kind in new[] { 5, 7, 9 }
           from data in metric.Messages(kind)
           from point in data.Messages(1)
           select new ReceivedPoint(metric.Text(1)!, metric.Text(3)!, Tags(point, kind == 9 ? 9 : 7), Value(point, kind)),
    ];

    public ImmutableDictionary<string, string> Resource => Tags(Of("/v1/traces").First().Messages(1).First().Messages(1).First(), 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations);
        _stop.Dispose();
    }

    private IEnumerable<ProtobufFields> Of(string path) =>
        _requests.Where(request => request.Head.Split(' ')[1] == path).Select(request => new ProtobufFields(request.Body));

    private static double Value(ProtobufFields point, int kind) => kind == 9
        ? BitConverter.UInt64BitsToDouble(point.Number(5))
        : point.Has(4) ? BitConverter.UInt64BitsToDouble(point.Number(4)) : (long)point.Number(6);

    private static ImmutableDictionary<string, string> Tags(
        ProtobufFields owner, int number) => owner.Messages(number).ToImmutableDictionary(
        tag => tag.Text(1)!,
        tag => tag.Messages(2).Single() is var value && value.Has(1)
            ? value.Text(1)!
            : value.Number(3).ToString(CultureInfo.InvariantCulture),
        StringComparer.Ordinal);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _conversations.Add(TalkAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            var stream = client.GetStream();
            while (await HeadAsync(stream) is { Length: > 0 } head)
            {
                var length = head.Split("\r\n")
                    .Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..];
                var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
                await stream.ReadExactlyAsync(body, _stop.Token);
                _requests.Enqueue((head, body));
                if (_status == 0)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {_status} X\r\nContent-Length: 0\r\n\r\n"), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went, or the collector was stopped.
        }
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) == 1)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
