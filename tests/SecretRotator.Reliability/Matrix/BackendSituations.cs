using SecretRotator.Reliability.World;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Matrix;

/// <summary>What a run meets at a secret's backend: the section "At the backend" of <c>PROTOCOL.md</c>, for each family and each kind of
/// vault.</summary>
internal static class BackendSituations
{
    private static readonly PlanRequest Forcing = PlanRequest.Everything with
    {
        Only = ["db"],
        Force = ["db"],
        ForcedBy = "matrix",
        ForceReason = "a drill",
    };

    /// <summary>All of them.</summary>
    public static IEnumerable<Situation> All => VaultWorlds.All.SelectMany(world =>
        new (string Name, ModelBackendDefinition Backend)[]
        {
            ("set", ModelBackendDefinition.TwoUsers),
            ("none", ModelBackendDefinition.OneUser),
            ("keys", ModelBackendDefinition.TwoKeys),
            ("named", ModelBackendDefinition.NamedKeys),
        }.SelectMany(shape => Of($"{world.Name}-{shape.Name}", world, shape.Backend))).Where(IsOfItsOwn);

    // A mark of the rotation on a credential matters where one is looked for that no version names. Without an overlap, all kinds of
    // vaults do the same.
    private static bool IsOfItsOwn(Situation situation) =>
        (!situation.Name.Contains("-named-", StringComparison.Ordinal)
            || situation.Name.EndsWith("-unfinished-issue", StringComparison.Ordinal)
            || situation.Name.EndsWith("-named-due", StringComparison.Ordinal))
        && (!situation.Name.Contains("-none-", StringComparison.Ordinal) || situation.Secrets[0].Vault == VaultWorlds.All[0].Name);

    private static IEnumerable<Situation> Of(string name, IVaultWorld world, ModelBackendDefinition backend)
    {
        var vault = world.Name;
        var secret = SimulatedInventory.Accepted(SimulatedInventory.Secret("db", vault, 1, json: true), backend);
        var two = SimulatedInventory.Accepted(SimulatedInventory.Secret("db", vault, 2, json: true), backend);
        var issues = backend.Family == BackendFamily.Issue;
        yield return Begin("due", _ => Task.CompletedTask) with { Secrets = [two] };
        foreach (var after in new[] { "claim", issues ? "issue" : "set", "prove", "put", "promote" })
            yield return Begin($"unfinished-{after}", cloud => InterruptAsync(cloud, secret, after)) with
            {
                IsDecidedAnew = after is "claim" or "issue",
                NeedsOperator = after == "issue" && (!backend.NamesMaker || world.TakesOverInTwoCalls),
            };
        yield return Begin($"unfinished-{(issues ? "issue" : "set")}-late", StraggleAsync) with
        {
            IsDecidedAnew = issues,
            NeedsOperator = issues,
        };
        yield return Begin("moved-on", cloud => MoveOnAsync(cloud, secret)) with { NeedsOperator = issues };
        yield return Begin("moved-on-unfinished", async cloud =>
        {
            await InterruptAsync(cloud, secret, "prove");
            await MoveOnAsync(cloud, secret);
        }) with
        {
            NeedsOperator = issues,
        };
        yield return Begin("changed-by-hand", cloud =>
        {
            cloud.ChangeAtBackend(secret);
            return Task.CompletedTask;
        }) with
        { Fix = cloud => FixByHand(cloud, secret) };
        if (!backend.Traits.Overlaps)
            yield break;

        yield return Begin("due-in-grace", cloud => RotateAsync(cloud, Duration.FromDays(40)));
        yield return Begin("forced-in-grace", cloud => RotateAsync(cloud, Duration.FromMinutes(30))) with { Request = Forcing };
        yield return Begin("retire", cloud => RotateAsync(cloud, Duration.FromHours(2))) with { OnlyRetires = true };
        yield return Begin("rollback", _ => Task.CompletedTask) with { RollsBackAfter = Duration.FromMinutes(30) };
        yield return Begin("rollback-late", _ => Task.CompletedTask) with { RollsBackAfter = Duration.FromHours(2) };
        if (!issues)
            yield break;

        yield return Begin("delete", async cloud =>
        {
            await RotateAsync(cloud, Duration.FromHours(2));
            await RotateAsync(cloud, Duration.FromDays(8));
        }) with
        {
            OnlyRetires = true,
        };
        yield return Begin("rollback-disabled", _ => Task.CompletedTask) with
        {
            RollsBackAfter = Duration.FromHours(2),
            Between = cloud => RotateAsync(cloud, Duration.FromMinutes(30)),
        };

        Situation Begin(string situation, Func<Cloud, Task> prepare) =>
            new($"{name}-{situation}", [secret], prepare, PlanRequest.Everything);
    }

    // A run of an earlier machine, and then time.
    private static async Task RotateAsync(Cloud cloud, Duration pause)
    {
        var earlier = new Machine(cloud, 80 + cloud.Machines.Count, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, PlanRequest.Everything, null, stop));
        await SettleAsync(cloud);
        cloud.Time.Skip(pause);
    }

    // An earlier machine dies after the first request that gets so far.
    private static async Task InterruptAsync(Cloud cloud, ManagedSecret secret, string after)
    {
        var log = cloud.Credentials(secret)!.Log;
        var earlier = new Machine(cloud, 90, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, PlanRequest.Everything, null, stop));
        while (!earlier.IsDead)
        {
            await cloud.Time.StepAsync();
            if (IsReached())
                earlier.Die();
        }

        await SettleAsync(cloud);

        bool IsReached() => after switch
        {
            "claim" => cloud.Shelf(secret).Holder is not null,
            "issue" or "set" => log.Exists(call => call.StartsWith(after, StringComparison.Ordinal)),
            "prove" => log.Count(call => call.StartsWith(after, StringComparison.Ordinal)) > 1,
            "put" => secret.Targets.Any(t => cloud.Find(t)!.Value != Cloud.Part(t, cloud.Shelf(secret).CurrentContent)),
            _ => cloud.Promises.Promotions[secret.Name] > 0,
        };
    }

    // An earlier machine dies, and the next one takes over before what it sent to the backend takes effect.
    private static async Task StraggleAsync(Cloud cloud)
    {
        var earlier = new Machine(cloud, PlacedFaults.Straggler, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, PlanRequest.Everything, null, stop));
        while (!earlier.IsDead)
            await cloud.Time.StepAsync();
        var isKnown = false;
        cloud.Time.After(Duration.FromSeconds(25), () => isKnown = true);
        while (!isKnown)
            await cloud.Time.StepAsync();
    }

    private static async Task MoveOnAsync(Cloud cloud, ManagedSecret secret)
    {
        await SettleAsync(cloud);
        cloud.RotateElsewhere(secret);
        cloud.Promises.LookAgain(secret);
        cloud.Time.Skip(Duration.FromMinutes(1));
    }

    private static void FixByHand(Cloud cloud, ManagedSecret secret)
    {
        cloud.UndoByHand(secret);
        cloud.Promises.LookAgain(secret);
    }

    private static async Task SettleAsync(Cloud cloud)
    {
        while (!cloud.Time.IsOver)
            await cloud.Time.StepAsync();
    }
}
