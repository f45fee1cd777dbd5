using SecretRotator.Providers.Http;

namespace SecretRotator.Telemetry;

/// <summary>Sends an export, and tells where it isn't taken: the library itself tells no one. The library sends
/// synchronously wherever this program runs; <c>ExportTests</c> fail once it doesn't.</summary>
/// <param name="note">Told why an export failed, in words without address, header or body.</param>
/// <param name="inner">What sends it.</param>
internal sealed class NotingHandler(Action<string> note, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc />
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = base.Send(request, cancellationToken);
            if (!answer.IsSuccessStatusCode)
                note($"it answered with status {(int)answer.StatusCode}");
            return answer;
        }
        catch (Exception exception)
            when (exception is ProxyRefusedException or HttpRequestException or OperationCanceledException or IOException)
        {
            note(WhyOf(exception));
            throw;
        }
    }

    private static string WhyOf(Exception exception) => exception switch
    {
        ProxyRefusedException or ProxyUnreachableException => exception.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name can't be resolved",
        _ when TlsTrust.IsMissing(exception) => $"its certificate isn't trusted, or no TLS connection was established. {TlsTrust.Hint}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "it can't be reached",
        OperationCanceledException => "it didn't answer in time",
        _ => "the connection broke",
    };
}
