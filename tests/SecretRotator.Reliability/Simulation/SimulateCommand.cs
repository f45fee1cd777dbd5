using System.CommandLine;
using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability.Simulation;

/// <summary><c>simulate</c>: many machines, one seed a history.</summary>
internal static class SimulateCommand
{
    private const int MostShortened = 3;

    public static Command Make()
    {
        var seeds = new Option<long>("--seeds") { Description = "How many seeds to play.", DefaultValueFactory = _ => 20_000 };
        var from = new Option<long>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
        var seed = new Option<long?>("--seed") { Description = "Play this seed alone, and tell its history." };
        var bug = new Option<string>(
            "--bug")
        {
            Description = "Plant this bug in the product: " + string.Join(", ", PlantedBugs.ByName.Keys) + ".",
            DefaultValueFactory = _ => "none",
        };
        var whole = new Option<bool>(
            "--whole")
        { Description = "With --seed: tell the whole history instead of the shortest that breaks the same promise." };
        var worker = new Option<string?>("--worker") { Hidden = true };
        var workers = new Option<int>("--workers") { Description = "How many processes share the work.", DefaultValueFactory = _ => 2 };
        var command = new Command(
            "simulate", "Plays many machines against each other in virtual time, and looks whether the promises hold.")
            { seeds, from, seed, bug, whole, worker, workers };
        command.SetAction(async (parsed, _) =>
        {
            var (first, count, planted) = (parsed.GetValue(from), parsed.GetValue(seeds), parsed.GetValue(bug)!);
            if (parsed.GetValue(seed) is { } one)
            {
                return parsed.GetValue(worker) is null
                    ? await RunOneAsync(one, planted, parsed.GetValue(whole))
                    : await OneThread.RunAsync(() => TellAsync((ulong)one, PlantedBugs.ByName[planted], parsed.GetValue(whole)));
            }

            return parsed.GetValue(worker) is { } share
                ? await OneThread.RunAsync(() => WorkAsync(first, count, planted, share))
                : await AllAsync(first, count, planted, parsed.GetValue(workers));
        });
        return command;
    }

    private static async Task<int> RunOneAsync(long seed, string bug, bool whole)
    {
        var tally = await Tally.OfWorkersAsync(
            1, _ => ["simulate", "--seed", Text(seed), "--bug", bug, "--worker", "0/1", .. whole ? new[] { "--whole" } : []]);
        foreach (var broken in tally.Broken)
            Console.WriteLine(broken);
        Console.WriteLine($"seed {seed}: {tally["events"]:N0} events, {tally.Broken.Count} broken promises");
        return tally.Broken.Count == 0 ? 0 : 1;
    }

    private static async Task<int> AllAsync(long first, long count, string bug, int workers)
    {
        var tally = await Tally.OfWorkersAsync(workers, number =>
            [
                "simulate",
                "--from",
                Text(first),
                "--seeds",
                Text(count),
                "--bug",
                bug,
                "--worker",
                $"{number}/{workers}",
            ]);
        foreach (var broken in tally.Broken)
            Console.WriteLine(broken);
        foreach (var (name, checks) in tally.All.Where(c => c.Key.StartsWith("checks-", StringComparison.Ordinal)))
            Console.WriteLine($"{name["checks-".Length..]}: {checks:N0} checks");
        Console.WriteLine($"simulation: {tally["seeds"]:N0} seeds, {tally["runs"]:N0} runs, {tally["requests-struck"]:N0} requests struck, "
            + $"{tally["events"]:N0} events, {tally["failing-seeds"]} failing seeds");
        return tally.Broken.Count == 0 ? 0 : 1;
    }

    private static async Task<int> WorkAsync(long first, long count, string bug, string share)
    {
        var (index, workers) = (
            int.Parse(share.Split('/')[0], CultureInfo.InvariantCulture), int.Parse(share.Split('/')[1], CultureInfo.InvariantCulture));
        var tally = new Tally();
        for (var seed = first + index; seed < first + count; seed += workers)
        {
            var scenario = Scenario.Of((ulong)seed);
            var outcome = await SimulatedDay.PlayAsync(scenario, PlantedBugs.ByName[bug]);
            tally.Add("seeds", 1);
            tally.Add("runs", scenario.Actors.Length);
            tally.Add("events", outcome.Events);
            tally.Add("requests-struck", outcome.Struck.Count);
            tally.Add("trace", (long)(outcome.Trace >> 24));
            foreach (var (promise, checks) in outcome.Checks)
                tally.Add("checks-" + promise, checks);
            if (outcome.Broken.Count == 0)
                continue;
            tally.Add("failing-seeds", 1);
            if (tally["failing-seeds"] <= MostShortened)
                tally.Add(
                    outcome.Broken[0],
                    $"with seed {seed} (replay: dotnet run --project tests/SecretRotator.Reliability -- simulate --seed "
                        + $"{seed}{(bug == "none" ? "" : $" --bug {bug}")})");
            else
                tally.Add(outcome.Broken[0], $"with seed {seed}");
        }

        tally.Report(Console.Out);
        return 0;
    }

    private static async Task<int> TellAsync(ulong seed, PlantedBugs bugs, bool whole)
    {
        var scenario = Scenario.Of(seed);
        var outcome = await SimulatedDay.PlayAsync(scenario, bugs);
        if (outcome.Broken.Count > 0 && !whole)
            scenario = await Shortest.FindAsync(scenario, outcome.Broken[0].Promise, bugs);
        outcome = await SimulatedDay.PlayAsync(scenario, bugs, keepsHistory: true);
        foreach (var line in outcome.History)
            Console.WriteLine(line);
        var tally = new Tally();
        tally.Add("events", outcome.Events);
        foreach (var broken in outcome.Broken)
            tally.Add(broken, $"with seed {seed}");
        tally.Report(Console.Out);
        return 0;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
