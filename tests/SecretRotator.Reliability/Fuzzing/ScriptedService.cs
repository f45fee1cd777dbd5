using System.Net;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>
/// A service that answers what an input says: answers one after the other, between them lines of <c>%%</c>, the last
/// one again and again. An answer is a status, headers and a body, as on the wire; <c>drop</c> in place of a status
/// breaks the connection before an answer, <c>cut</c> in its middle.
/// </summary>
internal sealed class ScriptedService : HttpMessageHandler
{
    private readonly ImmutableArray<(string Status, ImmutableArray<string> Headers, byte[] Body)> _answers;
    private readonly List<(string Request, int Status)> _exchanges = [];

    public ScriptedService(byte[] script) => _answers = [.. Split(script).Select(Answer)];

    /// <summary>Requests that change something, by method and path, with the status of each answer; 0 where there was none.</summary>
    public IReadOnlyList<(string Request, int Status)> Exchanges => _exchanges;

    /// <summary>Whether an answer leaves open what a request for a change has done.</summary>
    public static bool LeavesOpen(int status) => status is < 400 or 408 or (>= 500 and not 503);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (status, headers, body) = _answers[Math.Min(_exchanges.Count, _answers.Length - 1)];
        var number = int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said is >= 100 and <= 999
            ? said
            : 200;
        var isDropped = status == "drop";
        _exchanges.Add(($"{request.Method} {request.RequestUri!.AbsolutePath}", isDropped ? 0 : number));
        if (isDropped)
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was dropped.");
        var response = new HttpResponseMessage((HttpStatusCode)number)
        {
            RequestMessage = request,
            Content = status == "cut" ? new StreamContent(new CutStream(body)) : new ByteArrayContent(body),
        };
        foreach (var header in headers)
        {
            if (header.Split(':', 2) is not [var name, var value] || name.Length == 0)
                continue;
            if (!response.Headers.TryAddWithoutValidation(name, value.Trim()))
                response.Content.Headers.TryAddWithoutValidation(name, value.Trim());
        }

        return Task.FromResult(response);
    }

    private static IEnumerable<byte[]> Split(byte[] script)
    {
        var rest = script;
        for (int at; (at = rest.AsSpan().IndexOf("\n%%\n"u8)) >= 0; rest = rest[(at + 4)..])
            yield return rest[..at];
        yield return rest;
    }

    private static (string Status, ImmutableArray<string> Headers, byte[] Body) Answer(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\n\n"u8);
        var head = Encoding.Latin1.GetString(end < 0 ? answer : answer[..end]).Split('\n');
        return (head[0].Trim(), [.. head.Skip(1).Where(line => !line.Any(char.IsControl))], end < 0 ? [] : answer[(end + 2)..]);
    }

    private sealed class CutStream(byte[] body) : MemoryStream(body, writable: false)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, count) is var read and > 0 ? read : throw new IOException("The connection was cut.");
    }
}
