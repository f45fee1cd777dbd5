using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Azure;

/// <summary>A change failed in the end, but an earlier try of it may have taken effect.</summary>
internal sealed class UnclearOutcomeException(Exception last) : Exception("An earlier try may have taken effect.", last);

/// <summary>The service answered 429 until the end.</summary>
internal sealed class StillThrottledException(int tries, TimeSpan length, Exception last)
    : Exception("The service was busy until the end.", last)
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
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);

    // Jitter of a quarter, so that parallel rotations don't come back at once.
    private static readonly RetryPatience Patience = new() { FirstPause = TimeSpan.FromMilliseconds(800), Drawn = (0.75, 1.25) };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>Until it is disposed, every call of this flow asks a lease before each of its tries.</summary>
    public static IDisposable Under(Lease lease) =>
        HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(Lease)] = lease });

    /// <inheritdoc />
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var method = message.Request.Method;
        var call = new RetriedCall(
            IsIdempotent: method != RequestMethod.Put, thrown => Judged(thrown, changes: method != RequestMethod.Get))
        {
            Lease = message.TryGetProperty(nameof(Lease), out var held) ? (Lease?)held : null,
        };
        Response? before = null;
        try
        {
            await _retry.RunAsync(
                call,
                async _ =>
                {
                    before?.Dispose();
                    await ProcessNextAsync(message, pipeline);
                    before = message.Response;
                    return before.Status < 400 ? before : throw new Refusal(before);
                },
                message.CancellationToken);
        }
        catch (Refusal)
        {
            // What the library is told in the answer, it reads itself.
        }
    }

    /// <inheritdoc />
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Azure is only called asynchronously.");

    private static JudgedTry? Judged(Exception thrown, bool changes) => thrown switch
    {
        Refusal { Answer: var answer } => new(
            changes && answer.Status is 408 or >= 500 ? Effect.Unknown : Effect.Rejected,
            Next(answer),
            RetryAfter(answer),
            tries => tries.MayHaveHappened ? new UnclearOutcomeException(new RequestFailedException(answer))
                : answer.Status == 429 ? new StillThrottledException(tries.Count, tries.Length, new RequestFailedException(answer))
                : thrown),

        // No answer.
        RequestFailedException { Status: 0 } or IOException or OperationCanceledException => new(
            changes ? Effect.Unknown : Effect.Rejected,
            NextTry.AfterPause,
            RetryAfter: null,
            // What a later try is told says nothing of an earlier one that wasn't answered.
            tries => tries.MayHaveHappened ? new UnclearOutcomeException(thrown) : thrown),
        _ => null,
    };

    private static NextTry Next(Response answer) => answer.Status switch
    {
        429 => NextTry.Throttled,
        409 when answer.Content.ToString().Contains("ObjectIsBeing", StringComparison.Ordinal) => NextTry.AfterPause,
        408 or 500 or 502 or 503 or 504 => NextTry.AfterPause,
        _ => NextTry.Never,
    };

    /// <summary>What the service asks for, as whole seconds; longer than <see cref="LongestRetryAfter"/> is cut.</summary>
    private static TimeSpan? RetryAfter(Response answer) =>
        answer.Headers.TryGetValue("Retry-After", out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestRetryAfter.TotalSeconds))
            : null;

    private sealed class Refusal(Response answer) : Exception
    {
        public Response Answer => answer;
    }
}
