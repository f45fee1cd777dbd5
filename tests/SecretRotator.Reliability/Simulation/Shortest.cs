using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability.Simulation;

/// <summary>Takes out of a scenario whatever it can do without, and still break the same promise.</summary>
internal static class Shortest
{
    private const int MostTries = 400;

    /// <summary>The smallest scenario found.</summary>
    public static async Task<Scenario> FindAsync(Scenario scenario, string promise, PlantedBugs? bugs)
    {
        var tries = 0;
        for (var shorter = true; shorter && tries < MostTries;)
        {
            shorter = false;
            foreach (var candidate in await WithoutOneThingAsync(scenario, bugs))
            {
                if (++tries > MostTries)
                    break;
                if (!(await SimulatedDay.PlayAsync(candidate, bugs)).Broken.Any(b => b.Promise == promise))
                    continue;
                (scenario, shorter) = (candidate, true);
                break;
            }
        }

        return scenario;
    }

    private static async Task<IReadOnlyList<Scenario>> WithoutOneThingAsync(Scenario scenario, PlantedBugs? bugs)
    {
        var struck = (await SimulatedDay.PlayAsync(scenario, bugs)).Struck;
        return
        [
            .. scenario.Actors.Length > 1 ? scenario.Actors.Select(a => scenario with { Actors = scenario.Actors.Remove(a) }) : [],
            .. scenario.Incidents.Select(i => scenario with { Incidents = scenario.Incidents.Remove(i) }),
            .. struck.Select(s => scenario with { Spared = scenario.Spared.Add(s) }),
            .. scenario.Actors.Where(a => a.Skew != default)
                .Select(a => scenario with { Actors = scenario.Actors.Replace(a, a with { Skew = default }) }),
        ];
    }
}
