using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Attestations;
using SecretRotator.Inventory;

namespace SecretRotator.Planning;

/// <summary>Lays the limits of a run over what would be started: first come those that can wait least.</summary>
/// <remarks>
/// Open rotations first, then what a person asked for, then what is torn, then adoptions, then what is due, the longest
/// overdue first; names decide what is left. Then old versions are retired. Open rotations don't count against the number of
/// rotations, since they were counted when they were begun; neither does retiring, which rotates nothing. Nothing starves: what waits is
/// longer overdue in the next run.
/// </remarks>
internal sealed class RunAllowance(RotationInventory inventory, PlanCosts prices, int observing)
{
    private readonly HashSet<VariableScope> _paid = [];
    private readonly HashSet<AttestationPlace> _attested = [];
    private int _started;
    private int _counted;

    /// <summary>The same secrets in the same order; what doesn't fit is waiting, or blocked where it could never fit.</summary>
    public ImmutableArray<(ManagedSecret Secret, Decision Decision)> Apply(ImmutableArray<(ManagedSecret Secret, Decision Decision)> wanted)
    {
        var allowed = wanted
            .Where(item => item.Decision.IsStarted)
            .OrderBy(item => Rank(item.Decision))
            .ThenBy(item => item.Decision is Decision.Due due ? due.Since : Instant.MinValue)
            .ThenBy(item => item.Secret.Name, StringComparer.Ordinal)
            .Select(item => (item.Secret.Name, Decision: Allow(item.Secret, item.Decision)))
            .ToDictionary(item => item.Name, item => item.Decision, StringComparer.Ordinal);
        return [.. wanted.Select(item => (item.Secret, allowed.GetValueOrDefault(item.Secret.Name, item.Decision)))];
    }

    private static int Rank(Decision decision) => decision switch
    {
        Decision.Unfinished => 0,
        Decision.Forced => 1,
        Decision.Redeliver => 2,
        Decision.Adopt => 3,
        Decision.Retire => 5,
        _ => 4,
    };

    private Decision Allow(ManagedSecret secret, Decision decision)
    {
        var budget = inventory.Limits.BitbucketCallsPerHour;
        var alone = prices.ToReserve(secret, decision, ImmutableHashSet<VariableScope>.Empty, ImmutableHashSet<AttestationPlace>.Empty);
        if (observing + alone > budget)
        {
            return new Decision.Blocked(
                FailureKind.RunLimit,
                $"It needs {alone} Bitbucket calls with its undo, after {observing} to observe; only {budget} an hour are allowed.",
                "Name it with --only or use --shard, so that less is observed, or raise limits.bitbucket-calls-per-hour if the "
                    + "credential allows more.");
        }

        var counts = decision is not (Decision.Unfinished or Decision.Retire);
        if (counts && _counted >= Allowed())
            return new Decision.Waiting(WhyTooMany(), Until: null);
        var needed = prices.ToReserve(secret, decision, _paid, _attested);
        var left = budget - observing - _started;
        if (needed > left)
        {
            return new Decision.Waiting(
                $"Over this run's share of the {budget} Bitbucket calls an hour (limits.bitbucket-calls-per-hour): {left} are "
                    + $"left, it needs {needed} with its undo.",
                Until: null);
        }

        _started += needed;
        if (decision is not Decision.Retire)
        {
            _paid.UnionWith(secret.Targets.Select(t => t.Scope));
            _attested.UnionWith(AttestationPlace.Of(secret, inventory.Attestation));
        }

        _counted += counts ? 1 : 0;
        return decision;
    }

    private int Allowed() => Math.Min(inventory.Limits.RotationsPerRun, ByShare());

    private int ByShare() => Math.Max(1, (int)Math.Floor(inventory.Limits.ShareOfInventory * inventory.Secrets.Length));

    private string WhyTooMany() => ByShare() < inventory.Limits.RotationsPerRun
        ? $"Over this run's limit of {ByShare()} of {inventory.Secrets.Length} secrets (limits.share-of-inventory)."
        : $"Over this run's limit of {inventory.Limits.RotationsPerRun} rotations (limits.rotations-per-run).";
}
