using System.CommandLine;
using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability.Matrix;

/// <summary><c>matrix</c>: every fault at every request of every situation.</summary>
internal static class MatrixCommand
{
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.None)];

    public static Command Make()
    {
        var only =
            new Option<string>("--only") { Description = "Only situations whose name holds this text.", DefaultValueFactory = _ => "" };
        var pairs =
            new Option<bool>("--pairs") { Description = "Also two faults in one run: the second at every request that follows the first." };
        var fault = new Option<string[]>(
            "--fault")
        {
            Description = "Tell the history of one placement, such as 7:Lost, in the situation that --only names. May be given twice.",
        };
        var bug = new Option<string>(
            "--bug")
        {
            Description = "Plant this bug in the product: " + string.Join(", ", PlantedBugs.ByName.Keys) + ".",
            DefaultValueFactory = _ => "none",
        };
        var show = new Option<int>("--show") { Description = "How many broken promises to print at most.", DefaultValueFactory = _ => 20 };
        var worker = new Option<string?>("--worker") { Hidden = true };
        var workers = new Option<int>("--workers") { Description = "How many processes share the work.", DefaultValueFactory = _ => 2 };
        var command = new Command(
            "matrix", "Places every fault at every request of a rotation, and looks whether the promises hold.")
            { only, pairs, fault, bug, show, worker, workers };
        command.SetAction(async (parsed, _) =>
        {
            var (wanted, withPairs, planted) = (parsed.GetValue(only)!, parsed.GetValue(pairs), parsed.GetValue(bug)!);
            if (parsed.GetValue(worker) is { } share)
                return await OneThread.RunAsync(() => WorkAsync(wanted, withPairs, parsed.GetValue(fault) ?? [], planted, share));
            return parsed.GetValue(fault) is { Length: > 0 } placed
                ? await TellAsync(wanted, placed, planted)
                : await AllAsync(wanted, withPairs, planted, parsed.GetValue(workers), parsed.GetValue(show));
        });
        return command;
    }

    private static async Task<int> AllAsync(string only, bool pairs, string bug, int workers, int show)
    {
        var tally = await Tally.OfWorkersAsync(workers, number =>
            [
                "matrix",
                "--only",
                only,
                "--bug",
                bug,
                "--worker",
                $"{number}/{workers}",
                .. pairs ? new[] { "--pairs" } : [],
            ]);
        foreach (var broken in tally.Broken.Take(show))
            Console.WriteLine(broken);
        foreach (var (name, count) in tally.All.Where(c => c.Key.StartsWith("checks-", StringComparison.Ordinal)))
            Console.WriteLine($"{name["checks-".Length..]}: {count:N0} checks");
        Console.WriteLine(
            $"matrix: {tally["situations"]} situations, {tally["placements"]:N0} placements, {tally.Broken.Count} broken promises");
        return tally.Broken.Count == 0 ? 0 : 1;
    }

    // One placement, told from its beginning.
    private static async Task<int> TellAsync(string only, string[] placed, string bug)
    {
        var tally = await Tally.OfWorkersAsync(
            1, _ => ["matrix", "--only", only, "--bug", bug, "--worker", "0/1", .. placed.SelectMany(p => new[] { "--fault", p })]);
        foreach (var broken in tally.Broken)
            Console.WriteLine(broken);
        return tally.Broken.Count == 0 ? 0 : 1;
    }

    private static async Task<int> WorkAsync(string only, bool pairs, string[] placed, string bug, string share)
    {
        var (index, count) = (
            int.Parse(share.Split('/')[0], CultureInfo.InvariantCulture), int.Parse(share.Split('/')[1], CultureInfo.InvariantCulture));
        var tally = new Tally();
        var bugs = PlantedBugs.ByName[bug];
        var situations = Situation.All.Where(s => s.Name.Contains(only, StringComparison.Ordinal)).ToList();
        if (placed.Length > 0)
        {
            var told = await CrashMatrix.TryAsync(situations[0], [.. placed.Select(Parse)], bugs, keepsHistory: true);
            foreach (var line in told.History)
                Console.WriteLine(line);
            Note(tally, situations[0], "", told);
        }
        else
        {
            foreach (var situation in situations.Where((_, number) => number % count == index))
                await TryAllAsync(situation, pairs, bugs, tally);
        }

        tally.Report(Console.Out);
        return 0;
    }

    private static async Task TryAllAsync(Situation situation, bool pairs, PlantedBugs bugs, Tally tally)
    {
        tally.Add("situations", 1);
        var clean = await CrashMatrix.TryAsync(situation, [], bugs);
        Note(tally, situation, "no fault", clean);
        for (var number = 1; number <= clean.Requests; number++)
        {
            foreach (var kind in Kinds)
            {
                var first = new Fault(number, kind);
                var one = await CrashMatrix.TryAsync(situation, [first], bugs);
                Note(tally, situation, $"{first}", one);
                for (var next = number + 1; pairs && next <= one.Requests; next++)
                {
                    foreach (var second in Kinds)
                    {
                        var both = new[] { first, new Fault(next, second) };
                        Note(tally, situation, $"{both[0]} {both[1]}", await CrashMatrix.TryAsync(situation, both, bugs));
                    }
                }
            }
        }
    }

    private static void Note(Tally tally, Situation situation, string faults, Placed placed)
    {
        tally.Add("placements", 1);
        foreach (var (promise, checks) in placed.Checks)
            tally.Add("checks-" + promise, checks);
        foreach (var broken in placed.Broken)
            tally.Add(broken, $"in {situation.Name} with {faults}");
    }

    private static Fault Parse(string text) => text.Split(':') is [var number, var kind]
        ? new Fault(int.Parse(number, CultureInfo.InvariantCulture), Enum.Parse<FaultKind>(kind))
        : throw new FormatException($"A fault is a request's number and a kind, such as 7:Lost, not {text}.");
}
