using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Vaults;

namespace SecretRotator.Verification;

/// <summary>How inventory, vault and Bitbucket differ for one secret or target.</summary>
public enum DriftKind
{
    /// <summary>A target doesn't exist.</summary>
    Missing,

    /// <summary>A target isn't secured, so everyone who may see the repository's settings can read it.</summary>
    Unsecured,

    /// <summary>Two variables of one scope have keys that differ in case alone.</summary>
    Ambiguous,

    /// <summary>A variable of a narrower scope hides a target.</summary>
    Shadowed,

    /// <summary>The vault's current version isn't the one that was delivered.</summary>
    VaultMoved,

    /// <summary>The tool has never delivered this secret, so nothing is known of its targets' content.</summary>
    NeverDelivered,

    /// <summary>The targets aren't the ones that were delivered to: added, removed, or deleted and made anew.</summary>
    TargetsChanged,

    /// <summary>A rotation stands open.</summary>
    Unfinished,

    /// <summary>It is older than its policy allows.</summary>
    Overdue,

    /// <summary>Somebody else has a hand in the secret.</summary>
    Foreign,

    /// <summary>It can't be told: something could not be observed.</summary>
    Unknown,
}

/// <summary>One difference.</summary>
/// <param name="Secret">The secret's name.</param>
/// <param name="Target">The target, where it is about one.</param>
/// <param name="Kind">What kind of difference.</param>
/// <param name="What">What was seen.</param>
/// <param name="Hint">What to do.</param>
public sealed record DriftFinding(string Secret, VariableTarget? Target, DriftKind Kind, string What, string Hint);

/// <summary>Compares the inventory with what was observed. Pure; what can't be known is called unknown, never fine.</summary>
public static class DriftCheck
{
    /// <summary>All differences, in the order of the inventory; empty where there are none.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="observation">What was observed; secrets that it doesn't cover are left out.</param>
    /// <param name="now">The time.</param>
    public static ImmutableArray<DriftFinding> Compare(RotationInventory inventory, Observation observation, Instant now)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(observation);
        return
        [
            .. inventory.Secrets.Where(s => observation.Secrets.ContainsKey(s.Name))
                .SelectMany(s => OfSecret(s, inventory, observation, now).Concat(s.Targets.SelectMany(t => OfTarget(s, t, observation)))),
        ];
    }

    private static IEnumerable<DriftFinding> OfSecret(ManagedSecret secret, RotationInventory inventory, Observation observation, Instant now)
    {
        DriftFinding Found(DriftKind kind, string what, string hint) => new(secret.Name, null, kind, what, hint);

        if (observation.Secrets[secret.Name] is not SecretObservation.Described { Description: var seen } described)
        {
            var failed = (SecretObservation.Undescribed)observation.Secrets[secret.Name];
            yield return Found(DriftKind.Unknown, failed.Why, failed.Hint ?? "Mend what it says, then verify again.");
            yield break;
        }

        if (seen.Foreign is ForeignRotation.ByService by)
            yield return Found(DriftKind.Foreign, $"{by.Service} owns and rotates it.", "Take it out of the inventory.");
        if (seen.Foreign is ForeignRotation.Pending pending)
            yield return Found(DriftKind.Foreign, $"Somebody else's rotation stands open (version {pending.Version}).", "Let it end, or clear its staging label by hand.");
        if (seen.Open is { } open)
        {
            var state = described.HolderState switch
            {
                HolderState.Running => "is running",
                HolderState.Ended => "has ended",
                _ => "can't be asked",
            };
            yield return Found(
                DriftKind.Unfinished, $"A rotation stands open since {MarkText.Format(open.StartedAt)}; its holder, {open.Holder}, {state}.",
                $"Once its holder has ended, resume it: secret-rotator rotate --only {secret.Name}");
        }

        if (seen.Delivered is not { } delivered)
        {
            yield return Found(
                DriftKind.NeverDelivered, "This tool never delivered it.", $"Deliver the vault's current value: secret-rotator rotate --only {secret.Name} --adopt");
            yield break;
        }

        var redeliver = $"Deliver the current value: secret-rotator rotate --only {secret.Name}";
        if (delivered.Version != seen.Current)
            yield return Found(DriftKind.VaultMoved, $"The vault's current version is {seen.Current}; the targets got {delivered.Version}.", redeliver);
        if (secret.Targets.All(t => observation.Scopes.GetValueOrDefault(t.Scope) is ScopeObservation.Listed)
            && TargetsDigest.Of(secret, observation.Scopes) != delivered.TargetsDigest)
            yield return Found(DriftKind.TargetsChanged, "Its targets aren't the variables that it was delivered to.", redeliver);
        var due = Freshness.DueAt(secret, delivered.ValueSince, inventory.Limits);
        if (due <= now)
            yield return Found(DriftKind.Overdue, $"It was due {MarkText.Format(due)}.", $"Rotate it: secret-rotator rotate --only {secret.Name}");
    }

    private static IEnumerable<DriftFinding> OfTarget(ManagedSecret secret, VariableTarget target, Observation observation)
    {
        DriftFinding Found(DriftKind kind, string what, string hint) => new(secret.Name, target, kind, what, hint);

        if (observation.Scopes.GetValueOrDefault(target.Scope) is not ScopeObservation.Listed listed)
        {
            var failed = observation.Scopes.GetValueOrDefault(target.Scope) as ScopeObservation.Unlisted;
            yield return Found(DriftKind.Unknown, failed?.Why ?? "It was not observed.", failed?.Hint ?? "Mend what it says, then verify again.");
            yield break;
        }

        var found = listed.Variables.Where(v => string.Equals(v.Key, target.Variable, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
        {
            yield return Found(DriftKind.Missing, "The variable doesn't exist.", target.MayCreate
                ? $"The next delivery creates it: secret-rotator rotate --only {secret.Name}"
                : "Create it by hand, secured, or allow the tool to: create: true.");
        }
        else if (found.Count > 1)
        {
            yield return Found(DriftKind.Ambiguous, $"{found.Count} variables have this key in different case.", "Delete all but one by hand.");
        }
        else if (!found[0].Secured)
        {
            yield return Found(DriftKind.Unsecured, "The variable isn't secured: its value can be read.", "Tick Secured by hand, then rotate: its value must be held to be known.");
        }

        foreach (var scope in Shadows(target, secret, observation))
            yield return Found(DriftKind.Shadowed, $"{scope} has a variable of this key, which hides the target there.", "Delete that variable, or add it to the secret's targets.");
    }

    private static IEnumerable<VariableScope> Shadows(VariableTarget target, ManagedSecret secret, Observation observation) =>
        observation.Scopes
            .Where(s => IsNarrower(s.Key, target.Scope)
                && s.Value is ScopeObservation.Listed listed && listed.Find(target.Variable) is not null
                && !secret.Targets.Any(t => t.Scope == s.Key && string.Equals(t.Variable, target.Variable, StringComparison.OrdinalIgnoreCase)))
            .Select(s => s.Key)
            .OrderBy(s => s.ToString(), StringComparer.Ordinal);

    private static bool IsNarrower(VariableScope scope, VariableScope than) => than switch
    {
        VariableScope.Workspace => scope is not VariableScope.Workspace,
        VariableScope.Repository r => scope is VariableScope.Environment e && e.Slug == r.Slug,
        _ => false,
    };
}
