using SecretRotator.Reliability.World;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Simulation;

/// <summary>Draws each request's fate from the seed, the machine and the request's number alone, so that leaving one thing out changes
/// nothing else.</summary>
internal sealed class WildNature(Scenario scenario) : INature
{
    private readonly List<(int Machine, int Number)> _struck = [];

    /// <summary>Once calm, everything works at once.</summary>
    public bool IsCalm { get; set; }

    /// <summary>The services that are in trouble, and how; also one operation of a service, such as <c>bitbucket.post</c>.</summary>
    public Dictionary<string, Fate> Troubles { get; } = new(StringComparer.Ordinal);

    /// <summary>The requests that met a fate of their own.</summary>
    public IReadOnlyList<(int Machine, int Number)> Struck => _struck;

    public Treatment Treat(Request request)
    {
        if (IsCalm)
            return new(Fate.Works, Duration.FromMilliseconds(5), Duration.FromMilliseconds(5));
        var random = new SeededRandom(SeededRandom.Mix(scenario.Seed, (ulong)request.From.Number, (ulong)request.Number));
        var (there, back) = (Delay(random), Delay(random));
        if (Troubles.TryGetValue(request.Service, out var trouble)
            || Troubles.TryGetValue($"{request.Service}.{request.Operation}", out trouble))
            return new(trouble, there, back);
        return new(FateOf(request, random), there, back) { Hold = Hold(random) };
    }

    private Fate FateOf(Request request, SeededRandom random)
    {
        foreach (var (fate, rate) in scenario.Weather.Rates)
        {
            if (!random.Happens(rate))
                continue;
            if (scenario.Spared.Contains((request.From.Number, request.Number)))
                return Fate.Works;
            _struck.Add((request.From.Number, request.Number));
            return fate;
        }

        return Fate.Works;
    }

    // From shorter than a try of the product to longer than all of them.
    private static Duration Hold(SeededRandom random) => random.Happens(500)
        ? Treatment.LongestDelay
        : Duration.FromMilliseconds(1000 + random.Below(59_000));

    private Duration Delay(SeededRandom random) => Duration.FromMilliseconds(1 + random.Below(scenario.Weather.Slowest));
}
