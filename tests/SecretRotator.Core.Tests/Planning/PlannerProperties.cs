using CsCheck;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Planning;

public sealed class PlannerProperties
{
    [Fact]
    public void The_generated_worlds_reach_every_decision()
    {
        var reached = new System.Collections.Concurrent.ConcurrentDictionary<Type, bool>();
        AnyScenario.Any.Sample(scenario =>
        {
            foreach (var item in AnyScenario.Plan(scenario).Items)
                reached.TryAdd(item.Decision.GetType(), true);
        }, iter: 1000);

        reached.Keys.Should().BeEquivalentTo(typeof(Decision).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Decision))));
    }

    [Fact]
    public void The_same_world_gives_the_same_plan() =>
        AnyScenario.Any.Sample(scenario => Same(AnyScenario.Plan(scenario), AnyScenario.Plan(scenario)));

    [Fact]
    public void The_order_in_which_things_were_read_does_not_matter() => AnyScenario.Any.Sample(scenario =>
    {
        var (inventory, seen) = (scenario.Inventory, scenario.Observation);
        var turned = scenario with
        {
            Inventory = inventory with
            {
                Secrets = [.. inventory.Secrets.Reverse().Select(s => s with { Targets = [.. s.Targets.Reverse()] })],
                Freezes = [.. inventory.Freezes.Reverse()],
            },
            Observation = seen with
            {
                Scopes = seen.Scopes.Reverse()
                    .ToImmutableDictionary(
                        p => p.Key,
                        p => p.Value is ScopeObservation.Listed l ? l with { Variables = [.. l.Variables.Reverse()] } : p.Value),
                Secrets = seen.Secrets.Reverse().ToImmutableDictionary(),
            },
        };
        var (plan, again) = (AnyScenario.Plan(scenario), AnyScenario.Plan(turned));
        return plan.Digest == again.Digest
            && plan.Items.Select(i => (i.Secret.Name, i.Decision.GetType()))
                .SequenceEqual(again.Items.Reverse().Select(i => (i.Secret.Name, i.Decision.GetType())));
    });

    [Fact]
    public void Nothing_is_due_outside_its_window_or_in_a_freeze() => EachItem((scenario, item) =>
        item.Decision is not Decision.Due
        || ((item.Secret.Window is null || WindowCalendar.Contains(item.Secret.Window, scenario.Now))
            && FreezeCalendar.FreezeAt(scenario.Inventory.Freezes, scenario.Now) is null));

    [Fact]
    public void Whatever_waits_for_an_instant_is_free_at_that_instant_and_not_a_minute_sooner() => EachItem((scenario, item) =>
        item.Decision is not Decision.Waiting { Until: { } until } || scenario.Request.Force.Contains(item.Secret.Name)
            || item.InFlight?.Grace?.Until == until
        || (IsFree(scenario, item.Secret, until) && !Minutes(scenario.Now, until).Any(at => IsFree(scenario, item.Secret, at))));

    [Fact]
    public void Nothing_that_waits_is_due_while_pipelines_run_or_no_one_knows_unless_it_has_waited_its_time() => EachItem(
        (scenario, item) =>
            item.Decision is not Decision.Due due || item.Secret.Wait is not { } wait || item.InFlight?.Running is { IsEmpty: true }
                || scenario.Now >= due.Since + wait.Limit);

    [Fact]
    public void Nothing_is_due_or_retired_while_an_old_version_is_in_its_grace() => EachItem((_, item) =>
        item.Decision is not (Decision.Due or Decision.Retire) || item.InFlight?.Grace is not { OverBecause: null });

    [Fact]
    public void Nothing_is_retired_unless_all_targets_hold_the_current_version() => EachItem((scenario, item) =>
        item.Decision is not Decision.Retire
        || (scenario.Observation.Secrets[item.Secret.Name] is SecretObservation.Described
        {
            Description:
            {
                Open: null,
                Delivered: { } mark
            } seen
        }
            && mark.Version == seen.Current && mark.TargetsDigest == TargetsDigest.Of(item.Secret, scenario.Observation.Scopes)));

    [Fact]
    public void What_was_not_seen_wholly_is_blocked() => EachItem((scenario, item) =>
        item.Decision is Decision.Blocked
        || (scenario.Observation.Secrets[item.Secret.Name] is SecretObservation.Described
            && item.Secret.Targets.All(t => scenario.Observation.Scopes[t.Scope] is ScopeObservation.Listed)));

    [Fact]
    public void Nothing_is_started_while_another_hand_is_in_it() => EachItem((scenario, item) =>
        !item.Decision.IsStarted
        || (item.Decision is Decision.Unfinished && scenario.Request.TakeOver.Contains(item.Secret.Name))
        || scenario.Observation.Secrets[item.Secret.Name] is not (SecretObservation.Described { Description.Foreign: ForeignRotation.ByService or ForeignRotation.Pending }
            or SecretObservation.Described { Description.Open: not null, HolderState: HolderState.Running }));

    [Fact]
    public void No_new_value_is_made_for_a_secret_whose_targets_are_not_all_ready() => EachItem((scenario, item) =>
        item.Decision is not (Decision.Due or Decision.Forced or Decision.Redeliver or Decision.Adopt)
        || item.Secret.Targets.All(
            t => ((ScopeObservation.Listed)scenario.Observation.Scopes[t.Scope]).Find(t.Variable) is { Secured: true }
                || (t.MayCreate && ((ScopeObservation.Listed)scenario.Observation.Scopes[t.Scope]).Find(t.Variable) is null)));

    [Fact]
    public void The_limits_of_a_run_are_never_exceeded() => AnyScenario.Any.Sample(scenario =>
    {
        var (plan, limits) = (AnyScenario.Plan(scenario), scenario.Inventory.Limits);
        var counted = plan.Items.Count(i => i.Decision.IsStarted && i.Decision is not (Decision.Unfinished or Decision.Retire));
        var undo = RotationOrder.Of([.. plan.Items.Where(i => i.Decision is not Decision.Retire)], attestation: null)
            .Select(group => group.Sum(i => i.Secret.Targets.Length)).DefaultIfEmpty().Max();
        return counted <= limits.RotationsPerRun
            && counted <= Math.Max(1, (int)Math.Floor(limits.ShareOfInventory * scenario.Inventory.Secrets.Length))
            && (!plan.Items.Any(i => i.Decision.IsStarted)
                || plan.ObservationCost.Bitbucket + plan.ActionCost.Bitbucket + undo <= plan.CallsPerHour);
    });

    [Fact]
    public void A_limit_takes_away_starts_and_changes_nothing_else() => EachItem((scenario, item) =>
        Planner.Decide(
            item.Secret, scenario.Observation.Secrets[item.Secret.Name], scenario.Observation.Scopes, scenario.Request, scenario.Inventory,
            scenario.Now, scenario.Observation.Running) is var alone
        && (alone == item.Decision || (alone.IsStarted && item.Decision is Decision.Waiting { Until: null } or Decision.Blocked)));

    [Fact]
    public void What_is_not_started_costs_nothing() => EachItem((_, item) => item.Decision.IsStarted == (item.Cost != default(CallCost)));

    [Fact]
    public void The_plans_cost_is_that_of_its_items_and_of_one_listing_for_each_scope_they_touch() => AnyScenario.Any.Sample(scenario =>
    {
        var plan = AnyScenario.Plan(scenario);
        var scopes = plan.Items.Where(i => i.Decision is { IsStarted: true } and not Decision.Retire).SelectMany(i => i.Secret.Targets)
            .Select(t => t.Scope).Distinct().Count();
        return plan.ActionCost == new CallCost(plan.Items.Sum(i => i.Cost.Bitbucket) + scopes, plan.Items.Sum(i => i.Cost.Vault));
    });

    private static void EachItem(Func<PlanningScenario, PlanItem, bool> holds) =>
        AnyScenario.Any.Sample(scenario => AnyScenario.Plan(scenario).Items.All(item => holds(scenario, item)), iter: Effort.Of(1000));

    private static bool IsFree(PlanningScenario scenario, ManagedSecret secret, Instant at) =>
        (secret.Window is null || WindowCalendar.Contains(secret.Window, at))
            && FreezeCalendar.FreezeAt(scenario.Inventory.Freezes, at) is null;

    private static IEnumerable<Instant> Minutes(Instant from, Instant to)
    {
        for (var at = from; at < to; at += Duration.FromMinutes(37))
            yield return at;
        yield return to - Duration.FromMinutes(1);
    }

    private static bool Same(RotationPlan one, RotationPlan other) =>
        one.Digest == other.Digest && one.ActionCost == other.ActionCost && one.ObservationCost == other.ObservationCost
        && one.Items.Zip(other.Items)
            .All(p => p.First.Decision == p.Second.Decision && p.First.Cost == p.Second.Cost
                && p.First.Warnings.SequenceEqual(p.Second.Warnings));
}
