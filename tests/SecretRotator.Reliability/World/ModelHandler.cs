using System.Net;
using SecretRotator.Sandbox;

namespace SecretRotator.Reliability.World;

/// <summary>Hands HTTP requests to the sandbox's emulators without a socket in between.</summary>
internal sealed class ModelHandler(Machine machine) : HttpMessageHandler
{
    /// <summary>How long a client waits that doesn't see to that itself.</summary>
    public NodaTime.Duration? Patience { get; init; }

    /// <summary>Whether a client first asks without a token, to be told whom to get one from. Some know from an earlier run, so that is no
    /// part of the history.</summary>
    public bool IsChallenged { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var cloud = machine.Cloud;
        var standIn = cloud.StandInAt(request.RequestUri!);
        var asked = await ReadAsync(request, cancellationToken);
        if (IsChallenged && !asked.Headers.ContainsKey("Authorization"))
            return Response(standIn.Answer(asked, cloud.State, cloud.Clock), request);

        var name = standIn.Identify(asked, cloud.State);
        var answer = await cloud.Wire.SendAsync(
            new Request(machine, standIn.Service, name.Operation, name.Resource),
            () => standIn.Answer(asked, cloud.State, cloud.Clock),
            fate => standIn.Trouble(fate switch { Fate.Busy => 429, Fate.Held => 504, _ => 403 }),
            () => new HttpRequestException(HttpRequestError.ResponseEnded, "The connection dropped."),
            Patience,
            cancellationToken);
        return Response(answer, request);
    }

    private static async Task<SandboxRequest> ReadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var address = request.RequestUri!;
        var query = address.Query.TrimStart('?');
        return new SandboxRequest(
            request.Method.Method,
            address.AbsolutePath,
            query,
            query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[^1])),
            request.Headers.NonValidated.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellation),
            new Uri(address.GetLeftPart(UriPartial.Authority)));
    }

    private static HttpResponseMessage Response(SandboxAnswer answer, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(
            (HttpStatusCode)answer.Status)
        { RequestMessage = request, Content = new ByteArrayContent(answer.Body) };
        if (answer.ContentType is { } type)
            response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (key, value) in answer.Headers)
            response.Headers.TryAddWithoutValidation(key, value);
        return response;
    }
}
