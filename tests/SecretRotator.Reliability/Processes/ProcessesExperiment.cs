using System.CommandLine;
using System.Diagnostics;

namespace SecretRotator.Reliability.Processes;

/// <summary>The subcommand <c>processes</c>: the real program against the sandbox program, with real signals, restarts and full
/// disks.</summary>
internal static class ProcessesExperiment
{
    /// <summary>Every series, in the order in which they run.</summary>
    public static IReadOnlyList<ISeries> AllSeries { get; } =
    [
        new KillSeries(),
        new TerminationSeries(),
        new ContenderSeries(),
        new RestartSeries(),
        new EvidenceSeries(),
        new MemorySeries(),
    ];

    /// <summary>The subcommand.</summary>
    public static Command Command()
    {
        Option<string?> binary =
            new("--binary") { Description = "The published program. Without it, what was built runs through dotnet.", HelpName = "FILE" };
        Option<int> every = new("--every") { Description = "Only each N-th placement.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string[]> only = new(
            "--only")
        {
            Description = $"Only these: {string.Join(", ", AllSeries.Select(series => series.Name))}.",
            HelpName = "WORDS",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> parallel =
            new("--parallel") { Description = "How many placements at once.", HelpName = "N", DefaultValueFactory = _ => 2 };
        Option<string?> placement =
            new("--placement") { Description = "Only this one, by the name that a broken promise was printed with.", HelpName = "NAME" };
        only.Validators.Add(result =>
        {
            foreach (var word in result.Tokens.Select(token => token.Value).Where(word => !AllSeries.Any(series => series.Name == word)))
                result.AddError($"--only {word}: there is no such series.");
        });
        placement.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && (Placement.Parse(token.Value) is not { } parsed || !AllSeries.Any(series => series.Name == parsed.Series)))
                result.AddError($"--placement {token.Value}: write SERIES:SHAPE:VARIANT:NUMBER.");
        });
        foreach (var number in new[] { every, parallel })
        {
            number.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{number.Name}: a number from 1 is meant.");
            });
        }

        var command = new Command(
            "processes", "The real program against the sandbox program: killed, stopped, many at once, sandbox restarted, disk full.")
            { binary, every, only, parallel, placement };
        command.SetAction((parsed, _) =>
        {
            var file = parsed.GetValue(binary);
            var words = parsed.GetValue(only) is { Length: > 0 } some ? some : [.. AllSeries.Select(series => series.Name)];
            var one = parsed.GetValue(placement) is { } name ? Placement.Parse(name) : null;
            var again = $"dotnet run --project tests/SecretRotator.Reliability -- processes{(file is null ? "" : $" --binary {file}")}";
            var error = parsed.InvocationConfiguration.Error;
            var bench = new Bench(
                RotatorProgram.Of(file), parsed.GetValue(parallel), parsed.GetValue(every), TextWriter.Synchronized(error), again);
            return RunAsync(
                bench, [.. AllSeries.Where(series => one is null ? words.Contains(series.Name) : series.Name == one.Series)], one,
                parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    private static async Task<int> RunAsync(Bench bench, IReadOnlyList<ISeries> chosen, Placement? one, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var tallies = new List<SeriesTally>();
        foreach (var series in chosen)
        {
            var begun = watch.Elapsed;
            var tally = await bench.RunAsync(series, one);
            tallies.Add(tally);
            output.WriteLine(
                $"{series.Name}: {tally}, {tally.Placements} placements, {tally.Broken} broken, "
                    + $"{(watch.Elapsed - begun).TotalSeconds:0} s");
        }

        var broken = tallies.Sum(tally => tally.Broken);
        output.WriteLine($"processes: {string.Join(", ", tallies)}; {broken} broken {(broken == 1 ? "promise" : "promises")}");
        return broken == 0 && tallies.TrueForAll(tally => tally.Placements > 0) ? 0 : 1;
    }
}
