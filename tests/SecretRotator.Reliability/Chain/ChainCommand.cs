using System.CommandLine;
using SecretRotator.Evidence;
using SecretRotator.Reliability.World;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Chain;

/// <summary>
/// <c>chain</c>: how many calls of a rotation depend on one another, and for how many of them it takes one of the places
/// that <c>parallelism</c> allows. Every call takes one second of virtual time, so seconds are calls. The plan must announce exactly the
/// calls that are made.
/// </summary>
internal static class ChainCommand
{
    private static readonly ImmutableArray<(string Name, string Vault, bool Json)> Kinds =
    [
        .. VaultWorlds.All.SelectMany(
            _ => new[] { false, true }, (world, json) => ($"{world.Service}-{(json ? "json" : "plain")}", world.Name, json)),
    ];

    public static Command Make()
    {
        var worker = new Option<string?>("--worker") { Hidden = true };
        var command =
            new Command("chain", "Counts the calls of a rotation that depend on one another, for each kind of vault and value.") { worker };
        command.SetAction(
            async (parsed, _) => parsed.GetValue(worker) is null ? await TellAsync() : await OneThread.RunAsync(MeasureAllAsync));
        return command;
    }

    private static async Task<int> TellAsync()
    {
        var tally = await Tally.OfWorkersAsync(1, _ => ["chain", "--worker", "0/1"]);
        foreach (var (name, _, _) in Kinds)
            Console.WriteLine(
                $"{name}: a rotation is a chain of {tally["chain-" + name]} calls; {tally["place-" + name]} of them take a place; "
                    + $"planned {tally["planned-bitbucket-" + name]} Bitbucket and {tally["planned-vault-" + name]} vault calls, made "
                    + $"{tally["made-bitbucket-" + name]} and {tally["made-vault-" + name]}");
        Console.WriteLine($"chain: {Kinds.Length} kinds, {tally.Broken.Count} broken promises");
        return tally.Broken.Count == 0 ? 0 : 1;
    }

    private static async Task<int> MeasureAllAsync()
    {
        var tally = new Tally();
        foreach (var (name, vault, json) in Kinds)
        {
            tally.Add("chain-" + name, await LengthAsync(tally, vault, json, secrets: 1, name));

            // Where one rotation at a time is at work, each further secret adds the calls that take its place. Two fill each other's waits.
            tally.Add(
                "place-" + name, await LengthAsync(tally, vault, json, secrets: 3) - await LengthAsync(tally, vault, json, secrets: 2));
        }

        tally.Report(Console.Out);
        return 0;
    }

    /// <summary>How long a run takes from its plan to its end, in calls that were made one after the other.</summary>
    private static async Task<long> LengthAsync(Tally tally, string vault, bool json, int secrets, string? name = null)
    {
        var inventory = SimulatedInventory.Of(
            Enumerable.Range(0, secrets)
                .Select(number => SimulatedInventory.Secret($"db-{number}", vault, targets: 1, json: json, from: number)));
        var calls = new OneSecondACall();
        var cloud = new Cloud(seed: 1, inventory, calls);
        using var machine = new Machine(cloud, 1, inventory) { Parallelism = 1 };
        var ended = Instant.MinValue;
        machine.Start(async (job, stop) =>
        {
            var result = await job.RunAsync(inventory, PlanRequest.Everything, null, stop);
            ended = cloud.Time.Now;
            return result;
        });
        while (!machine.HasEnded && !cloud.Time.IsOver)
            await cloud.Time.StepAsync();
        foreach (var secret in inventory.Secrets)
            cloud.Promises.Whole(secret);
        if (name is not null)
        {
            var planned = machine.Result!.Plan.ObservationCost + machine.Result.Plan.ActionCost;
            tally.Add("planned-bitbucket-" + name, planned.Bitbucket);
            tally.Add("planned-vault-" + name, planned.Vault);
            tally.Add("made-bitbucket-" + name, calls.OfBitbucket);
            tally.Add("made-vault-" + name, calls.OfVaults);
            cloud.Promises.Must(
                (calls.OfBitbucket, calls.OfVaults) == (planned.Bitbucket, planned.Vault), "P7",
                $"{calls.OfBitbucket} and {calls.OfVaults} calls where the plan announced {planned.Bitbucket} and {planned.Vault}");
        }

        foreach (var broken in cloud.Promises.Broken)
            tally.Add(broken, $"in a run of {secrets} on {vault}");
        var length = ended - machine.Evidence.OfType<EvidenceRecord.Planned>().Single().At;
        return length == Duration.FromSeconds(Math.Round(length.TotalSeconds))
            ? (long)length.TotalSeconds
            : throw new InvalidOperationException($"Something but calls took time: {length}.");
    }

    private sealed class OneSecondACall : INature
    {
        private static readonly Duration Half = Duration.FromMilliseconds(500);

        public int OfBitbucket { get; private set; }

        public int OfVaults { get; private set; }

        public Treatment Treat(Request request)
        {
            if (request.Service == "bitbucket")
                OfBitbucket++;
            else
                OfVaults++;
            return new(Fate.Works, Half, Half);
        }
    }
}
