using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Http;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Azure;

/// <summary>A change failed in the end, but an earlier try of it may have taken effect.</summary>
internal sealed class UnclearOutcomeException(Exception last) : Exception("An earlier try may have taken effect.", last);

/// <summary>The service answered 429 until the end.</summary>
internal sealed class StillThrottledException(int tries, TimeSpan length, Exception last) : Exception("The service was busy until the end.", last)
{
    /// <summary>How often and for how long it was tried.</summary>
    public string Tried => TriedText.Of(tries, length);
}

/// <summary>
/// Repeats a call to Key Vault or Entra where that is safe, in place of the library's own retries: those would also
/// repeat a PUT whose answer was lost, and every PUT makes a new version.
/// </summary>
/// <remarks>
/// A PUT is repeated only after an answer that says that nothing was done: 429, and 409 while the name is being
/// deleted or recovered, which takes some seconds. Everything else sets a state or reads it, and may be repeated.
/// </remarks>
internal sealed class AzureRetry(TimeProvider time, IRandomSource random) : HttpPipelinePolicy
{
    private const int MaxRetries = 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    /// <summary>Until it is disposed, every call of this flow asks a lease before each of its tries.</summary>
    public static IDisposable Under(Lease lease) => HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(Lease)] = lease });

    /// <inheritdoc />
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var mayHaveHappened = false;
        var lease = message.TryGetProperty(nameof(Lease), out var held) ? (Lease?)held : null;
        var began = time.GetTimestamp();
        for (var retry = 0; ; retry++)
        {
            lease?.ThrowIfOver();
            try
            {
                await ProcessNextAsync(message, pipeline);
            }
            catch (Exception e) when (IsTransport(e, message.CancellationToken))
            {
                if (retry == MaxRetries || message.Request.Method == RequestMethod.Put)
                {
                    if (mayHaveHappened)
                        throw new UnclearOutcomeException(e);
                    throw;
                }

                // No answer to a call that may be repeated.
                mayHaveHappened |= IsChange(message);
                await Task.Delay(Backoff(retry), time, message.CancellationToken);
                continue;
            }

            if (retry == MaxRetries || !MayRepeat(message.Request.Method, message.Response))
            {
                // What a later try is told says nothing of an earlier one that wasn't answered.
                if (mayHaveHappened && message.Response.Status >= 400)
                    throw new UnclearOutcomeException(new RequestFailedException(message.Response));
                if (message.Response.Status == 429)
                    throw new StillThrottledException(retry + 1, time.GetElapsedTime(began), new RequestFailedException(message.Response));
                return;
            }

            mayHaveHappened |= IsChange(message) && message.Response.Status is 408 or >= 500;
            var delay = Asked(message.Response) ?? Backoff(retry);
            message.Response.Dispose();
            await Task.Delay(delay, time, message.CancellationToken);
        }
    }

    /// <inheritdoc />
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Azure is only called asynchronously.");

    private static bool IsChange(HttpMessage message) => message.Request.Method != RequestMethod.Get;

    private static bool MayRepeat(RequestMethod method, Response response) => response.Status switch
    {
        429 => true,
        409 => response.Content.ToString().Contains("ObjectIsBeing", StringComparison.Ordinal),
        408 or 500 or 502 or 503 or 504 => method != RequestMethod.Put,
        _ => false,
    };

    private static bool IsTransport(Exception exception, CancellationToken cancellation) => exception switch
    {
        RequestFailedException { Status: 0 } or IOException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    /// <summary>What the service asks for, as whole seconds; longer than <see cref="LongestDelay"/> is cut.</summary>
    private static TimeSpan? Asked(Response response) =>
        response.Headers.TryGetValue("Retry-After", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;

    // Jitter of a quarter, so that parallel rotations don't come back at once.
    private TimeSpan Backoff(int retry)
    {
        var longest = FirstDelay * Math.Pow(2, retry);
        return (longest * 0.75) + Jitter.Below(longest * 0.5, random);
    }
}
