using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Planning;

/// <summary>What was seen of the world, and what could not be seen. A plan rests on this and on the inventory alone.</summary>
/// <param name="At">When the observation began.</param>
/// <param name="Scopes">Every scope that the inventory's targets name.</param>
/// <param name="Secrets">Every secret of the inventory, by name.</param>
public sealed record Observation(
    Instant At,
    ImmutableDictionary<VariableScope, ScopeObservation> Scopes,
    ImmutableDictionary<string, SecretObservation> Secrets);

/// <summary>What was seen of one scope.</summary>
public abstract record ScopeObservation
{
    private ScopeObservation()
    {
    }

    /// <summary>The whole listing.</summary>
    /// <param name="Variables">Every variable of the scope.</param>
    public sealed record Listed(ImmutableArray<ObservedVariable> Variables) : ScopeObservation
    {
        /// <summary>The variable that Bitbucket means by that key, or null. Bitbucket ignores case.</summary>
        public ObservedVariable? Find(string key) =>
            Variables.FirstOrDefault(v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase));

        /// <summary>All variables that Bitbucket takes for that key: more than one where keys differ in case alone.</summary>
        public ImmutableArray<ObservedVariable> FindAll(string key) => [.. Variables.Where(v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>The listing failed, so nothing is known.</summary>
    /// <param name="Why">What happened.</param>
    /// <param name="Hint">What to do next, or null.</param>
    public sealed record Unlisted(string Why, string? Hint) : ScopeObservation;
}

/// <summary>What was seen of one secret.</summary>
public abstract record SecretObservation
{
    private SecretObservation()
    {
    }

    /// <summary>The vault described it.</summary>
    /// <param name="Description">What the vault said.</param>
    /// <param name="HolderState">Whether the holder of its open rotation is alive; unknown where none is open.</param>
    public sealed record Described(SecretDescription Description, HolderState HolderState) : SecretObservation;

    /// <summary>The vault didn't describe it, so nothing is known.</summary>
    /// <param name="Why">What happened.</param>
    /// <param name="Hint">What to do next, or null.</param>
    public sealed record Undescribed(string Why, string? Hint) : SecretObservation;
}
