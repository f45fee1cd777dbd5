using System.CommandLine;
using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability;

/// <summary>
/// The subcommand <c>selftest</c>: proof that the experiments can fail. Every planted bug has to be found by the experiment
/// named for it, and the same seeds have to tell the same histories.
/// </summary>
internal static class SelfTest
{
    private static readonly string[] Seeds = ["simulate", "--seeds", "60"];

    // Which experiment finds which bug: the smallest that does.
    private static readonly SortedDictionary<string, string[]> Finders = new(StringComparer.Ordinal)
    {
        ["claim-without-looking-again"] = ["simulate", "--seeds", "300"],
        ["disabled-before-delivery"] = ["matrix", "--only", "grid-set-unfinished-claim"],
        ["issue-repeated"] = ["matrix", "--only", "prod-named-due"],
        ["orphan-not-looked-for"] = ["matrix", "--only", "prod-named-due"],
        ["proven-from-memory"] = ["matrix", "--only", "grid-set-unfinished-claim"],
        ["revoked-while-targets-are-in-doubt"] = ["matrix", "--only", "prod-set-due"],
        ["set-before-stage"] = ["matrix", "--only", "grid-set-unfinished-claim"],
        ["settles-ignored"] = ["matrix", "--only", "prod-keys-due"],
        ["deleted-without-a-mark"] = ["matrix", "--only", "grid-1-moved-on-at-once"],
        ["hold-forgotten"] = ["matrix", "--only", "prod-1-rollback"],
        ["late-requests-forgotten"] = ["matrix", "--only", "prod-1-json", "--pairs"],
        ["lease-asked-once"] = ["matrix", "--only", "prod-1-json"],
        ["post-retried-blindly"] = ["matrix", "--only", "prod-1-created"],
        ["promote-without-compare-and-set"] = ["simulate", "--seeds", "1000"],
        ["undo-registered-after-the-act"] = ["matrix", "--only", "prod-2"],
    };

    /// <summary>The subcommand.</summary>
    public static Command Make()
    {
        var command = new Command("selftest", "Checks that the experiments find every planted bug, and that a seed has one history.");
        command.SetAction((parsed, _) => RunAsync(parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task<int> RunAsync(TextWriter output)
    {
        var bugs = PlantedBugs.ByName.Keys.Where(name => name != "none").ToList();
        var found = await Task.WhenAll(bugs.Select(async bug =>
            Finders.TryGetValue(bug, out var experiment) && (await RunAsync([.. experiment, "--bug", bug])).Broken.Count > 0));
        foreach (var (bug, isFound) in bugs.Zip(found))
            output.WriteLine($"{bug}: {(isFound ? "found" : "NOT FOUND")}");
        var traces = (await Task.WhenAll(RunAsync(Seeds), RunAsync(Seeds))).Select(tally => tally["trace"]).ToList();
        var same = traces[0] == traces[1] && traces[0] != 0;
        output.WriteLine(
            $"selftest: {found.Count(isFound => isFound)} of {bugs.Count} planted bugs found, the same seeds told "
                + $"{(same ? "the same histories" : "DIFFERENT HISTORIES")}");
        return found.All(isFound => isFound) && same ? 0 : 1;
    }

    private static Task<Tally> RunAsync(string[] experiment) => Tally.OfWorkersAsync(1, _ => [.. experiment, "--worker", "0/1"]);
}
