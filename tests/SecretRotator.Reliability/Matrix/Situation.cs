using SecretRotator.Reliability.World;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Matrix;

/// <summary>What a run of the matrix meets: an inventory, and what happened to it before.</summary>
/// <param name="Name">For people and for <c>--only</c>.</param>
/// <param name="Secrets">The inventory.</param>
/// <param name="Prepare">What happened before.</param>
/// <param name="Request">What the run is asked.</param>
internal sealed record Situation(string Name, ImmutableArray<ManagedSecret> Secrets, Func<Cloud, Task> Prepare, PlanRequest Request)
{
    private static readonly PlanRequest Adopting = new() { Adopt = true };

    /// <summary>All of them: each kind of vault with each shape of inventory, and each way to begin.</summary>
    public static ImmutableArray<Situation> All { get; } =
    [
        .. VaultWorlds.All.SelectMany(world => Of(world.Name).Concat(world.Situations)),
        Due("all-vaults-shared-scopes", [.. VaultWorlds.All.Select(world => SimulatedInventory.Secret($"in-{world.Name}", world.Name, 2))]),
        Due("three-secrets",
            SimulatedInventory.Secret("one", VaultWorlds.All[0].Name, 1),
            SimulatedInventory.Secret("two", VaultWorlds.All[0].Name, 2, from: 1),
            SimulatedInventory.Secret("three", VaultWorlds.All[1].Name, 1, from: 2)),
        .. BackendSituations.All,
    ];

    private static IEnumerable<Situation> Of(string vault)
    {
        foreach (var targets in new[] { 1, 2, 5 })
        {
            yield return Due($"{vault}-{targets}", SimulatedInventory.Secret("db", vault, targets));
            yield return Due($"{vault}-{targets}-created", SimulatedInventory.Secret("db", vault, targets, created: 1));
            yield return Due($"{vault}-{targets}-json", SimulatedInventory.Secret("db", vault, targets, json: true));
        }

        foreach (var targets in new[] { 1, 2 })
        {
            var secret = SimulatedInventory.Secret("db", vault, targets);
            yield return new($"{vault}-{targets}-adopt", [secret], Later(cloud => cloud.Disown(secret)), Adopting);
            yield return new(
                $"{vault}-{targets}-moved-on", [secret], Later(cloud => cloud.RotateElsewhere(secret)), PlanRequest.Everything);
            yield return new(
                $"{vault}-{targets}-moved-on-at-once", [secret], cloud => MoveOnAtOnceAsync(cloud, secret), PlanRequest.Everything)
            { Replaces = true };
            yield return new($"{vault}-{targets}-rollback", [secret], _ => Task.CompletedTask, PlanRequest.Everything)
            {
                RollsBackAfter =
                Duration.FromHours(1)
            };
            yield return new($"{vault}-{targets}-rollback-at-once", [secret], _ => Task.CompletedTask, PlanRequest.Everything)
            {
                RollsBackAfter = Duration.FromMinutes(1),
                Replaces = true,
            };
        }

        var two = SimulatedInventory.Secret("db", vault, 2);
        foreach (var after in new[] { "stage", "put", "promote" })
            yield return Unfinished($"{vault}-2-unfinished-{after}", two, after);
        yield return Unfinished($"{vault}-2-rerun", two, "put") with { IsRerun = true };
    }

    /// <summary>Whether the run is the rerun of the step that an earlier machine died in: the same pipeline, which runs again.</summary>
    public bool IsRerun { get; init; }

    /// <summary>Whether the versions that others made have ids of another form, where they may.</summary>
    public bool HasForeignIds { get; init; }

    /// <summary>How far descriptions lag behind what was written, of vaults that lag.</summary>
    public Duration DescriptionLag { get; init; }

    /// <summary>How long after an earlier run has rotated the run is a <c>rollback</c> to the version before; null where it is
    /// none.</summary>
    public Duration? RollsBackAfter { get; init; }

    /// <summary>What happens between the rotation before a <c>rollback</c> and that, once its time has passed.</summary>
    public Func<Cloud, Task> Between { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Whether the run retires an old version and touches no target.</summary>
    public bool OnlyRetires { get; init; }

    /// <summary>Whether the plan can't know what is done: what was interrupted leaves nothing to resume, and is decided anew.</summary>
    public bool IsDecidedAnew { get; init; }

    /// <summary>Whether a credential may be left that only a person can judge.</summary>
    public bool NeedsOperator { get; init; }

    /// <summary>What a person does once the run has refused to begin, so that the next one can; null where it may begin.</summary>
    public Action<Cloud>? Fix { get; init; }

    /// <summary>Whether the run follows another delivery within <c>limits.minimum-interval</c>, so that it deletes variables and creates
    /// them anew.</summary>
    public bool Replaces { get; init; }

    /// <summary>Secrets that are due.</summary>
    public static Situation Due(string name, params ImmutableArray<ManagedSecret> secrets) =>
        new(name, secrets, _ => Task.CompletedTask, PlanRequest.Everything);

    /// <summary>A secret whose rotation another machine has begun.</summary>
    /// <param name="name">For people.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="after">What that machine died after: <c>stage</c>, <c>put</c> or <c>promote</c>.</param>
    public static Situation Unfinished(string name, ManagedSecret secret, string after) =>
        new(name, [secret], cloud => InterruptAsync(cloud, after), PlanRequest.Everything);

    /// <summary>What a person does to the cloud, long before the run.</summary>
    public static Func<Cloud, Task> Later(Action<Cloud> act) => cloud =>
    {
        act(cloud);
        foreach (var secret in cloud.Inventory.Secrets)
            cloud.Promises.LookAgain(secret);
        return Task.CompletedTask;
    };

    // An earlier run has rotated, and a moment later someone makes another version.
    private static async Task MoveOnAtOnceAsync(Cloud cloud, ManagedSecret secret)
    {
        var earlier = new Machine(cloud, 91, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, PlanRequest.Everything, null, stop));
        while (!cloud.Time.IsOver)
            await cloud.Time.StepAsync();
        cloud.RotateElsewhere(secret);
        cloud.Promises.LookAgain(secret);
    }

    // An earlier machine dies after the first request that gets so far.
    private static async Task InterruptAsync(Cloud cloud, string after)
    {
        var earlier = new Machine(cloud, 90, cloud.Inventory);
        earlier.Start((job, stop) => job.RunAsync(cloud.Inventory, PlanRequest.Everything, null, stop));
        while (!earlier.IsDead)
        {
            await cloud.Time.StepAsync();
            if (IsReached(cloud, after))
                earlier.Die();
        }

        while (!cloud.Time.IsOver)
            await cloud.Time.StepAsync();
    }

    private static bool IsReached(Cloud cloud, string after)
    {
        var secret = cloud.Inventory.Secrets[0];
        var shelf = cloud.Shelf(secret);
        return after switch
        {
            "stage" => shelf.Holder is not null && shelf.Readable.Length > 1,
            "put" => secret.Targets.Any(t => cloud.Find(t)!.Value != shelf.CurrentContent),
            _ => cloud.Promises.Promotions[secret.Name] > 0,
        };
    }
}
