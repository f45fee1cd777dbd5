using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>A write by check-and-set was refused, since another version is current than it follows.</summary>
/// <param name="mayBeOwn">Whether an earlier try had no answer, so that the version may be this very write's.</param>
internal sealed class OtherVersionException(bool mayBeOwn) : Exception("Another version is current.")
{
    /// <summary>Whether the version may be this very write's.</summary>
    public bool MayBeOwn => mayBeOwn;
}

/// <summary>Makes calls to one server: repeated where that is safe, and failing in one way only.</summary>
/// <remarks>
/// A redirect is never followed: the token goes to the address of the inventory and nowhere else. A performance standby may know less
/// than a write has been answered with; the server's <c>X-Vault-Index</c>, sent with what follows, makes it answer 412 then.
/// </remarks>
/// <param name="client">Sends requests; its base address is the server's.</param>
/// <param name="token">The token that calls bear.</param>
/// <param name="namespace">The namespace, or null.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class HashiCorpCalls(HttpClient client, IHashiCorpToken token, string? @namespace, IRandomSource random, TimeProvider time)
{
    private const string IndexHeader = "X-Vault-Index";

    private static readonly RetryPatience Patience = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(500),
        FirstThrottledPause = TimeSpan.FromSeconds(1),
        LongestRetryAfter = TimeSpan.FromMinutes(1),
        Drawn = (0.75, 1.25),
    };

    private readonly Retry _retry = new(Patience, random, time);
    private volatile string? _index;

    /// <summary>Makes a call. The caller disposes what it gets.</summary>
    /// <exception cref="OtherVersionException">Check-and-set refused it; an earlier try may be what it met.</exception>
    /// <exception cref="RemoteFailureException">Refused, or without an answer, after all tries.</exception>
    public Task<HashiCorpAnswer> RunAsync(HashiCorpCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _retry.RunAsync(
            new RetriedCall(!call.Once, thrown => HashiCorpFailures.Judge(thrown, call)) { Lease = call.Lease },
            stop => SendAsync(call, stop),
            cancellation);
    }

    /// <summary>Makes a call and reads its answer.</summary>
    /// <exception cref="OtherVersionException">As above.</exception>
    /// <exception cref="RemoteFailureException">As above, or an answer that can't be understood.</exception>
    public async Task<T> RunAsync<T>(HashiCorpCall call, Func<HashiCorpAnswer, T> read, CancellationToken cancellation)
    {
        using var answer = await RunAsync(call, cancellation);
        try
        {
            return read(answer);
        }
        catch (JsonException)
        {
            throw HashiCorpFailures.Garbled(call);
        }
    }

    private async Task<HashiCorpAnswer> SendAsync(HashiCorpCall call, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(call.Method, "v1/" + call.Path) { Content = call.Body?.Invoke() };
        request.Headers.Add("X-Vault-Request", "true");
        if (@namespace is not null)
            request.Headers.Add("X-Vault-Namespace", @namespace);
        if (_index is { } index)
            request.Headers.TryAddWithoutValidation(IndexHeader, index);
        if (!call.IsLogin)
        {
#pragma warning disable RS0030 // The one place where the token enters a request.
            request.Headers.TryAddWithoutValidation("X-Vault-Token", (await token.GetAsync(cancellation)).RevealText());
#pragma warning restore RS0030
        }

        using var response = await client.SendAsync(request, cancellation);
        if (response.StatusCode is not (System.Net.HttpStatusCode.OK or System.Net.HttpStatusCode.NoContent))
            throw await HashiCorpRefusal.OfAsync(response, cancellation);
        if (call.Writes && response.Headers.TryGetValues(IndexHeader, out var told))
            _index = told.FirstOrDefault();
        return await HashiCorpAnswer.OfAsync(response, cancellation);
    }
}

/// <summary>The token that calls bear. It logs in when it is first asked.</summary>
internal interface IHashiCorpToken
{
    /// <summary>The token, asked for before every try of every call. The caller leaves it alone: whoever gives it wipes it.</summary>
    /// <exception cref="RemoteFailureException">There is none to be had.</exception>
    ValueTask<SecretValue> GetAsync(CancellationToken cancellation);
}
