using SecretRotator.Reliability.World;
using SecretRotator.Rotation;

namespace SecretRotator.Reliability.Matrix;

/// <summary>How one placement went.</summary>
/// <param name="Requests">How many requests the faulty run made.</param>
/// <param name="Checks">How many checks were made of each promise.</param>
/// <param name="Broken">The promises that didn't hold.</param>
/// <param name="History">What happened, where it was asked for.</param>
internal sealed record Placed(
    int Requests, IReadOnlyDictionary<string, long> Checks, IReadOnlyList<Broken> Broken, IReadOnlyList<string> History);

/// <summary>Runs a rotation with a fault at a chosen request, then a clean one on a fresh machine, and holds everything against the
/// promises.</summary>
internal static class CrashMatrix
{
    private const ulong Seed = 1;

    /// <summary>Tries one placement.</summary>
    public static async Task<Placed> TryAsync(
        Situation situation, IReadOnlyList<Fault> faults, PlantedBugs? bugs = null, bool keepsHistory = false)
    {
        Cloud? built = null;
        var nature = new PlacedFaults(faults, () => built!.Time.Now);
        var cloud = built = new Cloud(Seed, SimulatedInventory.Of(situation.Secrets), nature, bugs, situation.HasForeignIds ? 1000 : 0);
        cloud.DescriptionLag = situation.DescriptionLag;
        cloud.Promises.KeepsHistory = keepsHistory;
        await situation.Prepare(cloud);
        VersionId? back = situation.RollsBackAfter is { } pause ? await DeliverAsync(cloud, pause) : null;
        await situation.Between(cloud);
        foreach (var forced in situation.Request.Force)
            cloud.Promises.Forced(forced);

        // A pipeline doesn't sleep.
        var sleeps = faults.Any(f => f.Kind == FaultKind.Sleeps);
        var first = new Machine(
            cloud, 1, cloud.Inventory, isPipeline: !sleeps, rerunOf: situation.IsRerun && !sleeps ? cloud.Machines[^1] : null);
        first.Start((job, stop) => back is { } version
            ? job.RollbackAsync(
                cloud.Inventory, new Planning.RollbackRequest(situation.Secrets[0].Name, version.Value, "matrix", "a drill"), stop)
            : job.RunAsync(cloud.Inventory, situation.Request, null, stop));
        await UntilAsync(cloud, () => first.HasEnded || first.IsDead || first.AsleepUntil > cloud.Time.Now);
        if (first.AsleepUntil > cloud.Time.Now)
        {
            // Someone else finishes what the sleeper began, before it wakes up.
            await PassAsync(cloud, PlacedFaults.Sleep - Duration.FromHours(2));
            situation.Fix?.Invoke(cloud);
            await CleanRunAsync(cloud, situation, 6, faults);
            await UntilAsync(cloud, () => first.HasEnded);
        }

        cloud.Promises.Ended(first);
        if (situation.Fix is { } fix)
        {
            cloud.Promises.Must(
                faults.Count > 0 || first.Result!.Results.All(result => result.Outcome is Rotation.RotationOutcome.Untouched),
                "P9", "the run that had to be refused wasn't");
            fix(cloud);
        }
        else if (faults.Count == 0 && situation.DescriptionLag == Duration.Zero)
        {
            if (!situation.IsDecidedAnew)
                NoNeedlessCalls(cloud, situation, nature, first);
            cloud.Promises.Must(
                ExitCodes.Of(first.Result!) == ExitCode.Done, "P4", $"the run without a fault ended with {ExitCodes.Of(first.Result!)}");
        }

        // Whatever the first run left behind, a request that lands late included: a clean run of a fresh machine fixes it.
        await PassAsync(cloud, Duration.FromMinutes(1));
        await CleanRunAsync(cloud, situation, 2, faults);
        if (faults.Any(f => f.Kind is FaultKind.Late or FaultKind.Held))
        {
            await UntilAsync(cloud, () => false);
            await CleanRunAsync(cloud, situation, 3, faults);
        }

        if (situation.RollsBackAfter is not null)
            await ScheduledRunAsync(cloud, situation, faults);

        // What losers and the dead left lying about holds nothing; the next rotation tidies it up.
        if (situation.Secrets.Any(secret => !cloud.Shelf(secret).Traces.IsEmpty))
        {
            await UntilAsync(cloud, () => false);
            cloud.Time.Skip(Duration.FromDays(31));
            await CleanRunAsync(cloud, situation, 4, faults);
            var used = situation.Secrets.Where(secret => IsStillUsed(secret, cloud.Machines[^1])).Select(secret => secret.Name).ToList();
            if (used.Count > 0)
            {
                await UntilAsync(cloud, () => false);
                await CleanRunAsync(cloud, situation with { Request = Forcing(used) }, 4, faults);
            }

            situation.Secrets.ToList().ForEach(cloud.Promises.Tidy);
        }

        if (situation.Secrets.Any(secret => secret.Backend is not null))
            await EndGracesAsync(cloud, situation, faults);

        foreach (var machine in cloud.Machines)
            machine.Dispose();
        return new Placed(nature.Requests.Count, cloud.Promises.Checks, cloud.Promises.Broken, cloud.Promises.History);
    }

    private static Planning.PlanRequest Forcing(IReadOnlyList<string> secrets) => Planning.PlanRequest.Everything with
    {
        Only = [.. secrets],
        Force = [.. secrets],
        ForcedBy = "matrix",
        ForceReason = "who uses the old credential is found",
    };

    // The plan saw a use of the old credential, and leaves the secret alone until a person has found out who that is.
    private static bool IsStillUsed(ManagedSecret secret, Machine last) => secret.Backend?.Traits.TellsLastUse == true
        && last.Result!.Results.Any(each => each.Item.Secret == secret
            && each.Outcome is RotationOutcome.Untouched { Decision: Planning.Decision.Waiting });

    // Once what was disabled has been deleted as well, each backend keeps what the vault names and nothing else.
    private static async Task EndGracesAsync(Cloud cloud, Situation situation, IReadOnlyList<Fault> faults)
    {
        var scheduled = situation with { Request = Planning.PlanRequest.Everything };
        // The first round retires what a run that was late has replaced, where there is such a one; the second what that left.
        for (var round = 0; round < 2; round++)
        {
            foreach (var pause in new[] { Duration.FromHours(2), Duration.FromDays(8) })
            {
                if (round > 0 && situation.Secrets.All(secret => cloud.Promises.Leftovers(secret).Count == 0))
                    break;
                await UntilAsync(cloud, () => false);
                cloud.Time.Skip(pause);
                await CleanRunAsync(cloud, scheduled, 7, faults);
            }
        }

        situation.Secrets.ToList().ForEach(secret => cloud.Promises.NoOrphan(secret, cloud.Machines[^1]));
    }

    private static async Task CleanRunAsync(Cloud cloud, Situation situation, int number, IReadOnlyList<Fault> faults)
    {
        var (clean, code) = await RunCleanAsync(cloud, situation, number);
        // The credential of a staged version may be gone: then its rotation is undone, and the next run makes another. What can't be told
        // from a stranger's is named, and its operator deletes it.
        if (code != ExitCode.Done && situation.Secrets.Any(secret => cloud.Credentials(secret) is { Issues: true })
            && (code == ExitCode.RolledBack
                || (situation.NeedsOperator
                    && situation.Secrets.Aggregate(false, (deleted, secret) => cloud.DeleteNamed(secret, clean) | deleted))))
            (clean, code) = await RunCleanAsync(cloud, situation, number);
        cloud.Promises.Must(code == ExitCode.Done, "P4", $"the clean run {clean} after [{string.Join(' ', faults)}] ended with {code}");
        foreach (var secret in situation.Secrets)
            cloud.Promises.Whole(secret);
    }

    private static async Task<(Machine Run, ExitCode Code)> RunCleanAsync(Cloud cloud, Situation situation, int number)
    {
        cloud.Promises.Tell($"a clean run begins on a fresh machine, m{number}");
        var clean = new Machine(
            cloud, cloud.Machines.Exists(m => m.Number == number) ? 100 + cloud.Machines.Count : number, cloud.Inventory);
        clean.Start((job, stop) => job.RunAsync(cloud.Inventory, situation.Request, null, stop));
        await UntilAsync(cloud, () => clean.HasEnded);
        cloud.Promises.Ended(clean);
        return (clean, clean.Result is null ? ExitCode.Unexpected : ExitCodes.Of(clean.Result));
    }

    // Where the rollback came to be, at once or by whoever finished it, the next scheduled run must not undo it.
    private static async Task ScheduledRunAsync(Cloud cloud, Situation situation, IReadOnlyList<Fault> faults)
    {
        var secret = situation.Secrets[0];
        var kept = cloud.Shelf(secret).CurrentContent;
        await PassAsync(cloud, Duration.FromHours(1));
        await CleanRunAsync(cloud, situation, 5, faults);
        cloud.Promises.Must(
            cloud.Shelf(secret).CurrentContent == kept, "hold",
            $"the next scheduled run gave {secret.Name} another value after a rollback with [{string.Join(' ', faults)}]");
    }

    private static async Task<VersionId> DeliverAsync(Cloud cloud, Duration pause)
    {
        var before = cloud.Shelf(cloud.Inventory.Secrets[0]).Current;
        var earlier = new Machine(cloud, 91, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, Planning.PlanRequest.Everything, null, stop));
        await UntilAsync(cloud, () => earlier.HasEnded);
        await PassAsync(cloud, pause);
        return new VersionId(before);
    }

    private static void NoNeedlessCalls(Cloud cloud, Situation situation, PlacedFaults nature, Machine machine)
    {
        var plan = machine.Result!.Plan;
        var announced = plan.ObservationCost + plan.ActionCost;
        var bitbucket = nature.Requests.Count(r => r.Service == "bitbucket");
        var resumes = plan.Items.Any(item => item.Decision is Planning.Decision.Unfinished);
        cloud.Promises.Must(
            bitbucket == announced.Bitbucket || (resumes && bitbucket < announced.Bitbucket), "P7",
            $"{bitbucket} calls of Bitbucket where the plan announced {announced.Bitbucket}");
        var backend = nature.Requests.Count(r => r.Service == "backend");
        // A backend that lags is asked again and again.
        cloud.Promises.Must(
            backend <= announced.Backend || machine.Inventory.Secrets.Any(secret => secret.Backend?.Traits.Lag > Duration.Zero), "P7",
            $"{backend} calls of backends where the plan announced {announced.Backend}");
        var vault = nature.Requests.Count - bitbucket - backend;
        cloud.Promises.Must(vault <= announced.Vault, "P7", $"{vault} calls of vaults where the plan announced {announced.Vault}");
        if (situation.OnlyRetires)
            return;
        foreach (var target in machine.Inventory.Secrets.SelectMany(s => s.Targets))
        {
            var writes = nature.Requests.Count(r => r.Writes && r.Resource.Equals(target.ToString(), StringComparison.OrdinalIgnoreCase));
            cloud.Promises.Must(writes == (situation.Replaces ? 2 : 1) || (resumes && writes == 2), "P7", $"{writes} writes to {target}");
        }

        foreach (var scope in machine.Inventory.Secrets.SelectMany(s => s.Targets).Select(t => t.Scope).Distinct())
        {
            var lists = nature.Requests.Count(
                r => r.Operation == "list" && r.Resource.Equals(scope.ToString(), StringComparison.OrdinalIgnoreCase));
            var again = plan.Items.Any(
                i => i.Decision is Planning.Decision.Unfinished or Planning.Decision.Redeliver or Planning.Decision.Adopt
                    && i.Secret.Targets.Any(t => t.Scope == scope));
            cloud.Promises.Must(lists == (again ? 3 : 2), "P7", $"{lists} listings of {scope}");
        }
    }

    private static async Task UntilAsync(Cloud cloud, Func<bool> isReached)
    {
        while (!isReached() && !cloud.Time.IsOver)
            await cloud.Time.StepAsync();
    }

    private static async Task PassAsync(Cloud cloud, Duration pause)
    {
        var until = cloud.Time.Now + pause;
        var isOver = false;
        cloud.Time.After(pause, () => isOver = true);
        await UntilAsync(cloud, () => isOver || cloud.Time.Now > until);
    }
}
