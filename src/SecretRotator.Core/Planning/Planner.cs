using System.Buffers.Binary;
using System.Security.Cryptography;
using SecretRotator.Backends;

namespace SecretRotator.Planning;

/// <summary>Decides what a run does with each secret, and why. Pure: the same arguments give the same plan.</summary>
/// <remarks>
/// <para>A secret is judged alone first (<see cref="Decide"/>), in the order in which <see cref="DecisionRules"/> asks its
/// questions. Then the run's limits are laid over what is to be started, in a fair order (<see cref="RunAllowance"/>).</para>
/// <para><c>docs/planning.md</c> describes the same for users.</para>
/// </remarks>
public static class Planner
{
    private static readonly ImmutableDictionary<VariableScope.Repository,
        RunningObservation> NothingSeen = ImmutableDictionary<VariableScope.Repository, RunningObservation>.Empty;

    /// <summary>Plans a run.</summary>
    /// <param name="inventory">What should be.</param>
    /// <param name="observation">What is, for every secret that <see cref="Covered"/> names and every scope of their targets. What is
    /// missing in it counts as not seen, and blocks.</param>
    /// <param name="request">What the operator asks for. Names that the inventory doesn't have are ignored; the command line's reader
    /// refuses them.</param>
    /// <param name="now">The time to plan for.</param>
    /// <param name="costs">What a vault's steps cost, by the vault's name in the inventory.</param>
    public static RotationPlan Plan(
        RotationInventory inventory,
        Observation observation,
        PlanRequest request,
        Instant now,
        Func<string, VaultCosts> costs)
    {
        observation = observation.AsRunSees();
        var covered = Covered(inventory, request);
        var prices = new PlanCosts(inventory, observation, costs);
        var observing = prices.OfObserving(covered);
        var decisions = DecideEach(inventory, observation, request, now, covered);
        var allowed = new RunAllowance(inventory, request, prices, observing.Bitbucket).Apply(decisions);
        var hiding = new HidingVariables(observation);
        ImmutableArray<PlanItem> items =
        [
            .. allowed.Select(item => Item(item.Secret, item.Decision, InFlight(item.Secret, observation, inventory, now))),
        ];
        var digest = new PlanDigest(inventory, observation, hiding, request, items);
        return new RotationPlan(now, digest.Text(), items, observing)
        {
            ActionCost = prices.OfActing(items),
            CallsPerHour = RunAllowance.CallsPerHour(inventory, request),
            Backlog = Backlog.Of(inventory, request, prices, covered, [.. decisions.Where((_, number) =>
                allowed[number].Decision is Decision.Waiting { IsForNextRun: true })]),
            MakeParts = digest.Parts,
        };

        PlanItem Item(ManagedSecret secret, Decision decision, JobsInFlight? inFlight) => new(
            secret,
            decision,
            prices.OfActing(secret, decision),
            [
                .. PlanWarnings.Of(secret, hiding),
                .. PlanWarnings.Of(secret, decision, observation),
                .. PlanWarnings.Of(secret, decision, inFlight),
            ])
        {
            ValueSince = Freshness.KnownSince(observation.Secrets.GetValueOrDefault(secret.Name), now),
            InFlight = inFlight,
            Hold = Hold.Of(secret, observation.DescriptionOf(secret)?.Hold, now),
        };
    }

    /// <summary>The scopes that a run leaves out, to stay within its calls: it lists those of what it starts, then those of the
    /// rest.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="described">What the vaults said, before anything is listed.</param>
    /// <param name="request">What the operator asks for.</param>
    /// <param name="costs">What a vault's steps cost.</param>
    internal static ImmutableHashSet<VariableScope> LeaveOut(
        RotationInventory inventory, Observation described, PlanRequest request, Func<string, VaultCosts> costs)
    {
        var covered = Covered(inventory, request);
        var unlisted = described with { LeftOut = [.. covered.SelectMany(s => s.Targets).Select(t => t.Scope)] };
        var seen = unlisted.AsRunSees();
        var prices = new PlanCosts(inventory, seen, costs);
        var allowance = new RunAllowance(inventory, request, prices, prices.OfObserving(covered).Bitbucket, lists: true);
        foreach (var (secret, decision) in allowance.Apply(DecideEach(inventory, seen, request, described.At, covered)))
        {
            if (!decision.IsStarted)
                allowance.TryObserve(secret, decision);
        }

        return unlisted.LeftOut.Except(allowance.Scopes);
    }

    /// <summary>A plan for one secret whose older version is to become current again, in place of what it was planned for.</summary>
    /// <param name="plan">The plan, for that secret alone.</param>
    /// <param name="decision">Whether it may.</param>
    /// <param name="inventory">The inventory.</param>
    /// <param name="observation">What the plan rests on.</param>
    /// <param name="costs">What a vault's steps cost.</param>
    internal static RotationPlan Restoring(
        RotationPlan plan, Decision decision, RotationInventory inventory, Observation observation, Func<string, VaultCosts> costs)
    {
        var prices = new PlanCosts(inventory, observation, costs);
        var item = plan.Items[0] with { Decision = decision, Cost = prices.OfRestoring(plan.Items[0].Secret, decision) };
        return plan with { Items = [item], ActionCost = prices.OfActing([item]) };
    }

    /// <summary>Judges one secret without the limits of a run.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="observed">What was seen of it. The holder of its claim leaves its own open rotation out.</param>
    /// <param name="scopes">What was seen of its targets' scopes; a scope that is missing counts as not seen.</param>
    /// <param name="request">What the operator asks for.</param>
    /// <param name="inventory">The inventory, for its freezes and limits.</param>
    /// <param name="now">The time to judge for.</param>
    /// <param name="running">What was seen of the pipelines of repositories; null and a repository that is missing count as not
    /// seen.</param>
    /// <param name="old">The credential of the version in grace, where its backend was asked; or null.</param>
    public static Decision Decide(
        ManagedSecret secret,
        SecretObservation observed,
        IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
        PlanRequest request,
        RotationInventory inventory,
        Instant now,
        IReadOnlyDictionary<VariableScope.Repository, RunningObservation>? running = null,
        Slot? old = null) => new DecisionRules(secret, scopes, request, inventory, now, running ?? NothingSeen, old).Of(observed);

    /// <summary>
    /// The secrets that a request is about, in the order of the inventory: those it names under <see cref="PlanRequest.Only"/>
    /// or <see cref="PlanRequest.Force"/>, or all where <see cref="PlanRequest.Only"/> is empty; of these the ones in its shard.
    /// </summary>
    public static ImmutableArray<ManagedSecret> Covered(RotationInventory inventory, PlanRequest request) =>
        [.. inventory.Secrets.Where(s => IsAskedFor(s.Name, request)).Where(InShard(request.Shard))];

    private static bool IsAskedFor(string name, PlanRequest request) =>
        request.Only.IsEmpty || request.Only.Contains(name) || request.Force.Contains(name);

    // What shares a repository shares its listings, so it shares a shard.
    private static Func<ManagedSecret, bool> InShard((int Index, int Count)? shard)
    {
        if (shard is not var (index, count))
            return static _ => true;
        var shards = new Dictionary<string, int>(StringComparer.Ordinal);
        return secret =>
        {
            var place = PlaceOf(secret);
            if (!shards.TryGetValue(place, out var own))
                shards[place] = own = Enumerable.Range(1, count).MaxBy(number => Weight(place, number));
            return own == index;
        };
    }

    // The first by name: the order of targets in the inventory means nothing. A workspace's variables have no repository.
    private static string PlaceOf(ManagedSecret secret) =>
        secret.Targets.Select(target => target.Scope.InRepository()?.Slug).OfType<string>().Min(StringComparer.Ordinal) ?? "";

    // Rendezvous hashing: the place goes to the shard that it has the greatest weight with. One shard more takes its part of each other
    // one, and nothing else moves.
    private static ulong Weight(string place, int shard) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{shard}/{place}")));

    private static ImmutableArray<(ManagedSecret Secret, Decision Decision)> DecideEach(
        RotationInventory inventory, Observation observation, PlanRequest request, Instant now, ImmutableArray<ManagedSecret> covered) =>
    [
        .. covered.Select(secret => (secret, Decide(
            secret, SeenOf(secret, observation), observation.Scopes, request, inventory, now, observation.Running,
            observation.OldCredentials.GetValueOrDefault(secret.Name)))),
    ];

    private static JobsInFlight? InFlight(ManagedSecret secret, Observation observation, RotationInventory inventory, Instant now)
    {
        if (secret is { Wait: null, Grace: null })
            return null;
        return JobsInFlight.Of(
            secret, observation.DescriptionOf(secret)?.Grace, observation.Running, inventory, now,
            observation.OldCredentials.GetValueOrDefault(secret.Name));
    }

    private static SecretObservation SeenOf(ManagedSecret secret, Observation observation) =>
        observation.Secrets.GetValueOrDefault(secret.Name)
        ?? new SecretObservation.Undescribed(new Failure(
            FailureKind.NotObserved, "It was not observed.", "Plan again; if this stays, report it as a fault of the tool."));
}
