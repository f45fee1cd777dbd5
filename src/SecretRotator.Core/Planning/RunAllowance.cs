namespace SecretRotator.Planning;

/// <summary>Lays the limits of a run over what would be started: first come those that can wait least.</summary>
/// <remarks>
/// <para>Open rotations first, then what a person asked for, then what is torn, then adoptions, then what is due, the longest
/// overdue first; names decide what is left. Then old versions are retired. Open rotations don't count against the number of
/// rotations, since they were counted when they were begun; neither does retiring, which rotates nothing. Nothing starves: what waits is
/// longer overdue in the next run.</para>
/// <para>Of the calls an hour, those that undo are kept once: rotations that wait for the same verification need theirs at the same time,
/// and the largest such group decides. The others begin when calls to undo are free again, see <see cref="RotationJob"/>.</para>
/// </remarks>
/// <param name="inventory">The inventory.</param>
/// <param name="request">What the operator asks for.</param>
/// <param name="prices">What everything costs.</param>
/// <param name="observing">The Bitbucket calls of what is observed already.</param>
/// <param name="lists">Whether what is left out may still be listed, at its price; else it waits.</param>
internal sealed class RunAllowance(RotationInventory inventory, PlanRequest request, PlanCosts prices, int observing, bool lists = false)
{
    private readonly int _budget = CallsPerHour(inventory, request);
    private readonly HashSet<object> _observed = [];
    private readonly Dictionary<object, Group> _verified = [];
    private int _spent = observing;
    private int _kept = RunLimits.UndoReserve(CallsPerHour(inventory, request));
    private int _counted;

    // Rotations that wait for each other's verification, and the calls of undoing all of them.
    private sealed class Group
    {
        public List<object> Verifies { get; } = [];

        public int Undo { get; set; }
    }

    /// <summary>The Bitbucket calls that a run may make in any 60 minutes.</summary>
    public static int CallsPerHour(RotationInventory inventory, PlanRequest request) =>
        inventory.Limits.ForShardOf(request.Shard?.Count ?? 1).BitbucketCallsPerHour;

    /// <summary>The scopes whose listing was paid for.</summary>
    public IEnumerable<VariableScope> Scopes => _observed.OfType<VariableScope>();

    /// <summary>How a decision is ordered: the lowest rank first, then the longest overdue.</summary>
    public static (int Rank, Instant Since) Urgency(Decision decision) => decision switch
    {
        Decision.Unfinished => (0, Instant.MinValue),
        Decision.Forced => (1, Instant.MinValue),
        Decision.Redeliver => (2, Instant.MinValue),
        Decision.Adopt => (3, Instant.MinValue),
        Decision.Due due => (4, due.Since),
        _ => (5, Instant.MinValue),
    };

    /// <summary>The same secrets in the same order; what doesn't fit is waiting, or blocked where it could never fit.</summary>
    public ImmutableArray<(ManagedSecret Secret, Decision Decision)> Apply(ImmutableArray<(ManagedSecret Secret, Decision Decision)> wanted)
    {
        var allowed = wanted
            .Where(item => item.Decision.IsStarted)
            .OrderBy(item => Urgency(item.Decision))
            .ThenBy(item => item.Secret.Name, StringComparer.Ordinal)
            .Select(item => (item.Secret.Name, Decision: Allow(item.Secret, item.Decision)))
            .ToDictionary(item => item.Name, item => item.Decision, StringComparer.Ordinal);
        return
        [
            .. wanted.Select(item => (item.Secret, allowed.TryGetValue(item.Secret.Name, out var decision)
                ? decision
                : Unjudged(item.Secret, item.Decision) ?? item.Decision)),
        ];
    }

    /// <summary>Pays for listing what a secret is judged by, if that fits.</summary>
    public bool TryObserve(ManagedSecret secret, Decision decision)
    {
        var needed = prices.ToObserve(secret, decision).Where(each => !_observed.Contains(each.What)).ToList();
        if (_spent + needed.Sum(each => each.Calls) + _kept > _budget)
            return false;
        _spent += needed.Sum(each => each.Calls);
        _observed.UnionWith(needed.Select(each => each.What));
        return true;
    }

    private Decision Allow(ManagedSecret secret, Decision decision)
    {
        var (observe, verify) = (prices.ToObserve(secret, decision).ToList(), prices.ToVerify(secret, decision).ToList());
        var (act, undo) = (prices.OfActing(secret, decision).Bitbucket, prices.OfUndoing(secret, decision));
        var observeAlone = prices.OfClaims([secret]) + observe.Sum(each => each.Calls);
        var alone = act + verify.Sum(each => each.Calls) + Math.Max(undo, RunLimits.UndoReserve(_budget));
        if (observeAlone + alone > _budget)
        {
            return new Decision.Blocked(
                FailureKind.RunLimit,
                $"It needs {alone} Bitbucket calls with its undo, after {observeAlone} to observe; only {_budget} an hour are allowed.",
                "Raise limits.bitbucket-calls-per-hour if the credential allows more, or use fewer shards, which share it.");
        }

        var counts = decision is not (Decision.Unfinished or Decision.Retire);
        if (counts && _counted >= Allowed())
            return new Decision.Waiting(WhyTooMany(), Until: null) { IsForNextRun = true };
        var groups = verify.Select(each => _verified.GetValueOrDefault(each.What)).OfType<Group>().Distinct().ToList();
        undo += groups.Sum(group => group.Undo);
        var isLeftOut = !lists && prices.IsLeftOut(secret);
        var spend = act
            + verify.Where(each => !_verified.ContainsKey(each.What)).Sum(each => each.Calls)
            + (lists || isLeftOut ? observe.Where(each => !_observed.Contains(each.What)).Sum(each => each.Calls) : 0);
        var (needed, left) = (spend + Math.Max(0, undo - _kept), _budget - _spent - _kept);
        if (isLeftOut || needed > left)
        {
            var rest = isLeftOut ? "its variables were not listed, " : $"{Math.Max(0, left)} are left, ";
            return new Decision.Waiting($"{OverBudget()}: {rest}it needs {needed} with its undo.", Until: null) { IsForNextRun = true };
        }

        _spent += spend;
        _kept = Math.Max(_kept, undo);
        _observed.UnionWith(observe.Select(each => each.What));
        Join(groups, [.. verify.Select(each => each.What)], undo);
        _counted += counts ? 1 : 0;
        return decision;
    }

    private void Join(List<Group> groups, List<object> verifies, int undo)
    {
        var joined = groups.FirstOrDefault() ?? new Group();
        joined.Undo = undo;
        var others = groups.Skip(1).SelectMany(group => group.Verifies);
        foreach (var what in others.Concat(verifies.Where(what => !_verified.ContainsKey(what))))
        {
            joined.Verifies.Add(what);
            _verified[what] = joined;
        }
    }

    // It would be told as not due, or as waiting for something else, though its targets may have changed.
    private Decision.Waiting? Unjudged(ManagedSecret secret, Decision decision) =>
        lists || decision is Decision.Blocked || !prices.IsLeftOut(secret)
            ? null
            : new($"{OverBudget()}: whether its targets changed was not looked at.", Until: null) { IsForNextRun = true };

    private string OverBudget() =>
        $"Over this run's share of the {inventory.Limits.BitbucketCallsPerHour} Bitbucket calls an hour (limits.bitbucket-calls-per-hour)";

    private int Allowed() => Math.Min(inventory.Limits.RotationsPerRun, ByShare());

    private int ByShare() => Math.Max(1, (int)Math.Floor(inventory.Limits.ShareOfInventory * inventory.Secrets.Length));

    private string WhyTooMany() => ByShare() < inventory.Limits.RotationsPerRun
        ? $"Over this run's limit of {ByShare()} of {inventory.Secrets.Length} secrets (limits.share-of-inventory)."
        : $"Over this run's limit of {inventory.Limits.RotationsPerRun} rotations (limits.rotations-per-run).";
}
