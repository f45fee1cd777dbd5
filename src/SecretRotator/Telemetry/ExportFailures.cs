using SecretRotator.Providers.Http;

namespace SecretRotator.Telemetry;

/// <summary>Remembers why an export failed: the library itself tells no one.</summary>
internal sealed class ExportFailures
{
    private string? _first;

    /// <summary>The first failure, in words without address, header or body, or null.</summary>
    public string? First => Volatile.Read(ref _first);

    /// <summary>Notes one.</summary>
    public void Note(string failure) => Interlocked.CompareExchange(ref _first, failure, null);
}

/// <summary>Sends an export, and notes where it isn't taken.</summary>
internal sealed class NotingHandler(ExportFailures failures, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc />
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Noted(base.Send(request, cancellationToken));
        }
        catch (Exception exception)
            when (exception is ProxyRefusedException or HttpRequestException or OperationCanceledException or IOException)
        {
            Note(exception);
            throw;
        }
    }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Noted(await base.SendAsync(request, cancellationToken));
        }
        catch (Exception exception)
            when (exception is ProxyRefusedException or HttpRequestException or OperationCanceledException or IOException)
        {
            Note(exception);
            throw;
        }
    }

    private HttpResponseMessage Noted(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            failures.Note($"it answered with status {(int)answer.StatusCode}");
        return answer;
    }

    private void Note(Exception exception) => failures.Note(exception switch
    {
        ProxyRefusedException or ProxyUnreachableException => exception.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name can't be resolved",
        _ when TlsTrust.IsMissing(exception) => $"its certificate isn't trusted, or no TLS connection was established. {TlsTrust.Hint}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "it can't be reached",
        OperationCanceledException => "it didn't answer in time",
        _ => "the connection broke",
    });
}
