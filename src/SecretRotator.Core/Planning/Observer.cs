using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Planning;

/// <summary>
/// Looks at the world before anything is decided: one listing a scope, one description a secret, and for each open
/// rotation the question whether its holder is alive. Holds nothing that could write.
/// </summary>
/// <param name="vaults">The vault of a name.</param>
/// <param name="variables">Lists variables.</param>
/// <param name="holders">Tells whether holders are alive.</param>
/// <param name="clock">The time.</param>
/// <param name="parallelism">How many questions may be open at once, at least 1.</param>
public sealed class Observer(Func<string, IVaultReader> vaults, IVariableReader variables, IHolders holders, IClock clock, int parallelism)
{
    /// <summary>
    /// Observes the secrets that the request covers and the scopes of their targets. A failure is part of the
    /// observation: it blocks what it concerns and nothing else.
    /// </summary>
    public Task<Observation> ObserveAsync(RotationInventory inventory, PlanRequest request, CancellationToken cancellation) =>
        ObserveAsync(inventory, request, [], cancellation);

    /// <summary>Observes the same, and some scopes besides.</summary>
    public async Task<Observation> ObserveAsync(
        RotationInventory inventory, PlanRequest request, ImmutableArray<VariableScope> besides, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(request);
        var at = clock.GetCurrentInstant();
        var covered = Planner.Covered(inventory, request);
        var scopes = covered.SelectMany(s => s.Targets).Select(t => t.Scope).Concat(besides).Distinct().ToImmutableArray();

        using var slots = new SemaphoreSlim(parallelism);
        var listings = scopes.Select(scope => InSlotAsync(slots, () => ListAsync(scope, cancellation), cancellation)).ToList();
        var descriptions = covered.Select(secret => InSlotAsync(slots, () => DescribeAsync(secret, cancellation), cancellation)).ToList();
        await Task.WhenAll([.. listings, .. descriptions]).ConfigureAwait(false);

        return new Observation(
            at,
            scopes.Zip(listings).ToImmutableDictionary(pair => pair.First, pair => pair.Second.Result),
            covered.Zip(descriptions).ToImmutableDictionary(pair => pair.First.Name, pair => pair.Second.Result, StringComparer.Ordinal));
    }

    /// <summary>Lists the scopes of one secret again, under its claim.</summary>
    /// <exception cref="RemoteFailureException">A scope could not be listed.</exception>
    public async Task<ImmutableDictionary<VariableScope, ScopeObservation>> ListAgainAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var scopes = secret.Targets.Select(t => t.Scope).Distinct().ToImmutableArray();
        var listings = await Task.WhenAll(scopes.Select(scope => variables.ListAsync(scope, cancellation))).ConfigureAwait(false);
        return scopes.Zip(listings).ToImmutableDictionary(pair => pair.First, ScopeObservation (pair) => new ScopeObservation.Listed(pair.Second));
    }

    private static async Task<T> InSlotAsync<T>(SemaphoreSlim slots, Func<Task<T>> ask, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<ScopeObservation> ListAsync(VariableScope scope, CancellationToken cancellation)
    {
        try
        {
            return new ScopeObservation.Listed(await variables.ListAsync(scope, cancellation).ConfigureAwait(false));
        }
        catch (RemoteFailureException failure)
        {
            return new ScopeObservation.Unlisted(failure.Message, failure.Hint);
        }
    }

    private async Task<SecretObservation> DescribeAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        try
        {
            var description = await vaults(secret.Vault).DescribeAsync(secret.Path, cancellation).ConfigureAwait(false);
            var state = description.Open is { } open
                ? await holders.StateOfAsync(open.Holder, cancellation).ConfigureAwait(false)
                : HolderState.Unknown;
            return new SecretObservation.Described(description, state);
        }
        catch (RemoteFailureException failure)
        {
            return new SecretObservation.Undescribed(failure.Message, failure.Hint);
        }
    }
}
