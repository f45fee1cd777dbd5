using System.CommandLine;
using SecretRotator.Evidence;
using SecretRotator.Reliability.World;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Rotation;

namespace SecretRotator.Reliability.Scale;

/// <summary>
/// <c>scale</c>: many secrets, all of them due, and few Bitbucket calls an hour. What the plan says of the last rotation and what happened,
/// side by side, in virtual time. Every call takes 150 ms.
/// </summary>
internal static class ScaleCommand
{
    private const int SecretsInARepository = 10;
    private static readonly Duration Hour = Duration.FromHours(1);

    public static Command Make()
    {
        var secrets = new Option<int>("--secrets") { DefaultValueFactory = _ => 300, Description = "How many, ten in each repository." };
        var calls = new Option<int>("--calls") { DefaultValueFactory = _ => 100, Description = "Bitbucket calls an hour." };
        var shards = new Option<int>("--shards") { DefaultValueFactory = _ => 1, Description = "How many processes share the calls." };
        var throttled = new Option<int>("--throttled")
        {
            DefaultValueFactory = _ => int.MaxValue,
            Description = "From which Bitbucket call on every answer is 429.",
        };
        var worker = new Option<bool>("--worker") { Hidden = true };
        var command = new Command("scale", "Rotates many secrets with few Bitbucket calls an hour.")
        {
            secrets, calls, shards, throttled, worker,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var arguments = new[] { secrets, calls, shards, throttled };
            if (parsed.GetValue(worker))
                return await OneThread.RunAsync(() => RunAsync(
                    parsed.GetValue(secrets), parsed.GetValue(calls), parsed.GetValue(shards), parsed.GetValue(throttled)));
            using var started = OneThread.Start(
            [
                "scale", "--worker",
                .. arguments.SelectMany(option => new[] { option.Name, parsed.GetValue(option).ToString(CultureInfo.InvariantCulture) }),
            ]);
            Console.Write(await started.StandardOutput.ReadToEndAsync(cancellation));
            await started.WaitForExitAsync(cancellation);
            return started.ExitCode;
        });
        return command;
    }

    private static async Task<int> RunAsync(int secrets, int calls, int shards, int throttled)
    {
        var inventory = Inventory(secrets, calls);
        var made = new Calls { Throttled = throttled };
        var cloud = new Cloud(seed: 1, inventory, made);
        made.Time = cloud.Time;
        var promised = Duration.Zero;
        var machines = Enumerable.Range(1, shards).Select(number => new Machine(cloud, number, inventory) { Parallelism = 8 }).ToList();
        foreach (var machine in machines)
        {
            var request = new PlanRequest
            {
                Shard = shards == 1 ? null : (machine.Number, shards),
                Until = VirtualTime.Start + Duration.FromDays(30),
            };
            machine.Start(
                (job, stop) => job.RunAsync(inventory, request, null, stop),
                plan => promised = Duration.Max(promised, plan.Backlog?.Lasts ?? Duration.Zero));
        }

        while (!machines.TrueForAll(machine => machine.HasEnded) && !cloud.Time.IsOver)
            await cloud.Time.StepAsync();
        var results = machines.SelectMany(machine => machine.Result?.Results ?? []).ToList();
        var rotated = machines.SelectMany(machine => machine.Evidence).OfType<EvidenceRecord.Ended>()
            .Where(each => each.Outcome is RotationOutcome.Rotated).Select(each => each.At - VirtualTime.Start).ToList();
        var last = rotated.DefaultIfEmpty().Max();
        Write(inventory, made, rotated);

        var took = cloud.Time.Now - VirtualTime.Start;
        var (undone, left) = (results.Count(each => each.Outcome is RotationOutcome.RolledBack),
            results.Count(each => each.Outcome is RotationOutcome.NeedsOperator));
        foreach (var each in results.Where(each => throttled == int.MaxValue || each.Outcome is not RotationOutcome.NeedsOperator))
            cloud.Promises.Whole(each.Item.Secret);
        var broken = cloud.Promises.Broken.Select(each => $"{each.Promise}: {each.What}").ToList();
        if (results.Count != secrets)
            broken.Add($"{secrets - results.Count} secrets without an outcome");
        if (made.MostInAnHour() is var most && most > calls)
            broken.Add($"{most} calls in an hour");
        if (throttled == int.MaxValue && rotated.Count != secrets)
            broken.Add($"{secrets - rotated.Count} secrets were not rotated");
        // A plan tells when the last run begins if one begins each hour. Here each begins an hour after the last call of the one before, and
        // takes some minutes.
        if (throttled == int.MaxValue && (last < promised || last > (promised * 1.05) + Duration.FromMinutes(10)))
            broken.Add("the last rotation wasn't when the plan said");
        if (throttled < int.MaxValue && took > Hour)
            broken.Add("a run that is throttled takes longer than an hour to end");
        broken.ForEach(Console.WriteLine);
        Console.WriteLine($"scale: {secrets:N0} secrets, {calls:N0} calls an hour{(shards == 1 ? "" : $", {shards} shards")}; " + (
            throttled == int.MaxValue
                ? $"planned: the last run after {promised.TotalHours:0} h; happened: {rotated.Count:N0} rotated, the last one after "
                    + $"{Clock(last)}"
                : $"429 from call {throttled} on: ended after {Clock(took)}, {rotated.Count} rotated, {undone} rolled back, "
                    + $"{left} left to the operator, {results.Count(each => each.Outcome is RotationOutcome.Untouched)} untouched")
            + $"; at most {most:N0} calls in an hour; {broken.Count} broken promises");
        return broken.Count == 0 ? 0 : 1;
    }

    private static void Write(RotationInventory inventory, Calls made, List<Duration> ended)
    {
        Console.WriteLine("| run | begins after | Bitbucket calls | of them to observe | rotated | rotated so far |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var (run, soFar) = (0, 0);
        foreach (var calls in made.Runs())
        {
            var rotated = ended.Count(at => at >= calls[0].At && at < calls[0].At + Hour);
            soFar += rotated;
            Console.WriteLine(
                $"| {++run} | {Clock(calls[0].At)} | {calls.Count} | {calls.Count(call => !call.Writes) - Verified(calls)} | {rotated} | "
                    + $"{soFar:N0} of {inventory.Secrets.Length:N0} |");
        }
    }

    // A scope that is listed twice in a run was verified the second time.
    private static int Verified(List<(Duration At, string Resource, bool Writes)> calls) =>
        calls.Where(call => !call.Writes).GroupBy(call => call.Resource, StringComparer.Ordinal).Sum(group => group.Count() - 1);

    private static RotationInventory Inventory(int secrets, int calls)
    {
        var all = SimulatedInventory.Of(Enumerable.Range(0, secrets).Select(Secret));
        return all with
        {
            Limits = all.Limits with { RotationsPerRun = 10_000, FailuresBeforeStop = 3, BitbucketCallsPerHour = calls },
        };
    }

    // Overdue by different times, so that those that wait longest are spread over the repositories.
    private static ManagedSecret Secret(int number)
    {
        var repository = $"service-{number / SecretsInARepository}";
        var secret = SimulatedInventory.Secret($"s{number:d5}", VaultWorlds.All[0].Name, targets: 1);
        VariableScope scope = number % 2 == 0
            ? new VariableScope.Repository("acme", repository)
            : new VariableScope.Environment("acme", repository, "production");
        return secret with
        {
            RotateEvery = Period.FromDays(5 + (number * 7919 % 31)),
            Targets = [secret.Targets[0] with { Scope = scope }],
        };
    }

    private static string Clock(Duration time) => $"{(int)time.TotalHours} h {time.Minutes} min";

    private sealed class Calls : INature
    {
        private static readonly Duration Half = Duration.FromMilliseconds(75);

        public VirtualTime? Time { get; set; }

        public required int Throttled { get; init; }

        public List<(Duration At, string Resource, bool Writes)> All { get; } = [];

        public Treatment Treat(Request request)
        {
            if (request.Service == "bitbucket")
                All.Add((Time!.Now - VirtualTime.Start, request.Operation + request.Resource, request.Writes));
            return new(request.Service == "bitbucket" && All.Count >= Throttled ? Fate.Busy : Fate.Works, Half, Half);
        }

        // Nothing is called for most of an hour between two.
        public IEnumerable<List<(Duration At, string Resource, bool Writes)>> Runs()
        {
            List<(Duration At, string Resource, bool Writes)> run = [];
            foreach (var call in All)
            {
                if (run.Count > 0 && call.At - run[^1].At > Hour / 2)
                {
                    yield return run;
                    run = [];
                }

                run.Add(call);
            }

            if (run.Count > 0)
                yield return run;
        }

        public int MostInAnHour()
        {
            var (most, first) = (0, 0);
            for (var call = 0; call < All.Count; call++)
            {
                while (All[call].At - All[first].At >= Hour)
                    first++;
                most = Math.Max(most, call - first + 1);
            }

            return most;
        }
    }
}
