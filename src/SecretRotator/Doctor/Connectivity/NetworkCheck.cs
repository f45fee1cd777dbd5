using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Whether every service that a run calls can be reached, and whether this machine's clock agrees with theirs.</summary>
/// <param name="endpoints">The services.</param>
/// <param name="probe">Goes the way to one.</param>
/// <param name="parallelism">How many ways at once.</param>
/// <param name="time">Tells which certificates end soon.</param>
internal sealed class NetworkCheck(
    ImmutableArray<Endpoint> endpoints, Func<Uri, CancellationToken, Task<Arrival>> probe, int parallelism, TimeProvider time) : ICheck
{
    private static readonly TimeSpan SoonEnded = TimeSpan.FromDays(14);

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Network;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        var ways = await CheckRunner.EachAsync(endpoints, parallelism, GoAsync, cancellation);
        return
        [
            .. ways.SelectMany(Judge),
            ClockSkew.Judge(
                [.. ways.Where(way => way.Arrival?.Ahead is not null).Select(way => (way.Endpoint, way.Arrival!.Ahead!.Value))]),
        ];
    }

    private async Task<Way> GoAsync(Endpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            return new Way(endpoint, await probe(endpoint.Address, cancellation), null);
        }
        catch (HopFailedException failure)
        {
            return new Way(endpoint, null, failure);
        }
    }

    private IEnumerable<CheckResult> Judge(Way way)
    {
        if (way.Failure is { } failure)
        {
            yield return CheckResult.Fail(
                Area, WireNames.Of(failure.Hop), $"{way.Endpoint}: {failure.Message}.",
                "A run needs this service, and its calls go the same way.",
                failure.Fix);
            yield break;
        }

        var arrival = way.Arrival!;
        yield return CheckResult.Pass(Area, "endpoint", $"{way.Endpoint} answers: {Told(arrival)}.");
        if (arrival.Tls is { } tls && tls.Ends - time.GetUtcNow() < SoonEnded)
        {
            yield return CheckResult.Warn(
                Area, "certificate-ends", $"The certificate of {way.Endpoint} ends on {tls.Ends:yyyy-MM-dd}.",
                "From then on every call fails.",
                $"Vendors renew theirs in time. Where {tls.Issuer} is a proxy of yours, have it renewed.");
        }
    }

    private static string Told(Arrival arrival) => string.Join(
        ", ",
        new[]
        {
            arrival.Proxy is { } proxy ? $"through the proxy {proxy}" : "directly",
            arrival.Tls is { } tls
                ? $"{tls.Version}, certificate by {tls.Issuer} until {tls.Ends:yyyy-MM-dd}"
                : "without TLS",
            $"status {arrival.Status} in {arrival.Took.TotalMilliseconds:0} ms",
        });

    private sealed record Way(Endpoint Endpoint, Arrival? Arrival, HopFailedException? Failure);
}
