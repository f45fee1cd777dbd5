using System.CommandLine;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Coverage-guided fuzzing of everything that reads what it didn't write.</summary>
internal static class FuzzExperiment
{
    public static Command Command
    {
        get
        {
            var seconds =
                new Option<int>("--seconds") { Description = "How long to fuzz, all targets together.", DefaultValueFactory = _ => 60 };
            var names = new Option<string[]>(
                "--target")
            {
                Description = "Only these targets: " + string.Join(", ", FuzzTargets.All.Select(target => target.Name)) + ".",
            };
            var corpus = new Option<string?>("--corpus") { Description = "A folder that inputs are read from and kept in." };
            var seed = new Option<int>("--seed") { Description = "Where chance begins.", DefaultValueFactory = _ => 1 };
            var counted =
                new Option<bool>("--counted") { Description = "Set in the copy of this program that counts branches.", Hidden = true };
            names.AcceptOnlyFromAmong([.. FuzzTargets.All.Select(target => target.Name)]);
            var command = new Command(
                "fuzz", "Feeds hostile input to every parser, guided by the branches that it takes.")
                {
                    seconds,
                    names,
                    corpus,
                    seed,
                    counted,
                };
            command.SetAction((parsed, cancellation) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var chosen = parsed.GetValue(names) is { Length: > 0 } some
                    ? FuzzTargets.All.Where(target => some.Contains(target.Name)).ToImmutableArray()
                    : FuzzTargets.All;
                return parsed.GetValue(counted)
                    ? Task.FromResult(
                        Run(chosen, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed), parsed.GetValue(corpus), output))
                    : InCopyAsync(parsed.Tokens.Select(token => token.Value), output, cancellation);
            });
            return command;
        }
    }

    private static async Task<int> InCopyAsync(IEnumerable<string> arguments, TextWriter output, CancellationToken cancellation)
    {
        using var copy = new Instrumentation();
        return await copy.RunAsync([.. arguments, "--counted"], output, cancellation);
    }

    private static int Run(ImmutableArray<FuzzTarget> targets, TimeSpan time, int seed, string? corpus, TextWriter output)
    {
        var (runs, findings, edges) = (0L, 0, 0);
        var coverage = new Coverage();
        foreach (var target in targets)
        {
            var run = new FuzzRun(target, coverage, new Chance((ulong)seed), corpus, output);
            run.For(time / targets.Length);
            output.WriteLine(
                $"{target.Name}: {run.Runs:N0} runs, {run.Taken:N0} taken, {coverage.Edges - edges:N0} more branches, "
                    + $"{run.Findings} findings");
            (runs, findings, edges) = (runs + run.Runs, findings + run.Findings, coverage.Edges);
        }

        output.WriteLine($"fuzz: {targets.Length} targets, {runs:N0} runs, {edges:N0} branches, {findings} findings");
        return findings == 0 ? 0 : 1;
    }
}
