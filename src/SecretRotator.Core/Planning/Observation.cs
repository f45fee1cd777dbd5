using SecretRotator.Backends;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>What was seen of the world, and what could not be seen. A plan rests on this and on the inventory alone.</summary>
/// <param name="At">When the observation began.</param>
/// <param name="Scopes">Every scope that the inventory's targets name.</param>
/// <param name="Secrets">Every secret of the inventory, by name.</param>
public sealed record Observation(
    Instant At,
    ImmutableDictionary<VariableScope, ScopeObservation> Scopes,
    ImmutableDictionary<string, SecretObservation> Secrets)
{
    /// <summary>What runs in the repositories where that matters to a secret.</summary>
    public ImmutableDictionary<VariableScope.Repository, RunningObservation> Running { get; init; } =
        ImmutableDictionary<VariableScope.Repository, RunningObservation>.Empty;

    /// <summary>The scopes that a run doesn't list, to stay within its calls. They may have been listed for something else.</summary>
    public ImmutableHashSet<VariableScope> LeftOut { get; init; } = [];

    /// <summary>What the vault said of a secret; null where it wasn't observed, or not described.</summary>
    internal SecretDescription? DescriptionOf(ManagedSecret secret) =>
        (Secrets.GetValueOrDefault(secret.Name) as SecretObservation.Described)?.Description;

    /// <summary>What a plan rests on: nothing of the scopes that a run doesn't list.</summary>
    internal Observation AsRunSees() => LeftOut.IsEmpty
        ? this
        : this with
        {
            Scopes = Scopes.SetItems(LeftOut.Select(scope => KeyValuePair.Create<VariableScope, ScopeObservation>(
            scope, new ScopeObservation.LeftOut())))
        };

    /// <summary>The old credentials whose grace is over, by secret, where their backend tells the last use; null where it wasn't
    /// seen.</summary>
    public ImmutableDictionary<string, Slot?> OldCredentials { get; init; } = ImmutableDictionary<string, Slot?>.Empty;
}

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
        // Every target asks its scope, so a scope with many targets can't be searched for each. Made when first asked.
        private ILookup<string, ObservedVariable>? _byKey;

        private ILookup<string, ObservedVariable> ByKey => _byKey ??= Variables.ToLookup(v => v.Key, StringComparer.OrdinalIgnoreCase);

        /// <summary>The variable that Bitbucket means by that key, or null. Bitbucket ignores case.</summary>
        public ObservedVariable? Find(string key) => ByKey[key].FirstOrDefault();

        /// <summary>All variables that Bitbucket takes for that key: more than one where keys differ in case alone.</summary>
        public ImmutableArray<ObservedVariable> FindAll(string key) => [.. ByKey[key]];

        /// <summary>Whether both hold the same listing, whatever was asked of them.</summary>
        public bool Equals(Listed? other) => other is not null && Variables.Equals(other.Variables);

        /// <inheritdoc />
        public override int GetHashCode() => Variables.GetHashCode();
    }

    /// <summary>The run doesn't list it, to stay within its calls, so nothing is known.</summary>
    public sealed record LeftOut : ScopeObservation;

    /// <summary>The listing failed, so nothing is known.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Unlisted(Failure Failure) : ScopeObservation;
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
    /// <param name="Failure">What happened.</param>
    public sealed record Undescribed(Failure Failure) : SecretObservation;
}

/// <summary>What was seen of the pipelines of one repository.</summary>
public abstract record RunningObservation
{
    private RunningObservation()
    {
    }

    /// <summary>The whole list.</summary>
    /// <param name="Pipelines">Those that run or wait for a runner, without the one that this run is a step of.</param>
    public sealed record Listed(ImmutableArray<RunningPipeline> Pipelines) : RunningObservation;

    /// <summary>The list failed, so nothing is known. That never means idle.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Unlisted(Failure Failure) : RunningObservation;
}
