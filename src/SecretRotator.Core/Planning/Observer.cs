using SecretRotator.Attestations;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>
/// Looks at the world before anything is decided: one description a secret, one listing a scope as far as the calls of an hour suffice, for
/// each open rotation the question whether its holder is alive, and, where a decision depends on it, what runs in a repository.
/// Holds nothing that could write.
/// </summary>
/// <param name="vaults">The vault of a name.</param>
/// <param name="variables">Lists variables.</param>
/// <param name="holders">Determines whether holders are alive.</param>
/// <param name="clock">The time.</param>
/// <param name="parallelism">How many questions may be open at once, at least 1.</param>
public sealed class Observer(Func<string, IVaultReader> vaults, IVariableReader variables, IHolders holders, IClock clock, int parallelism)
{
    /// <summary>Lists the pipelines that run; without it what runs is unknown, and everything that depends on it is blocked.</summary>
    public IPipelineReader? InFlight { get; init; }

    /// <summary>Who this run is: its own pipeline counts for none that runs, and its step's earlier runs have ended.</summary>
    public Holder? Self { get; init; }

    /// <summary>Looks at old credentials whose grace is over; without it a plan doesn't tell whether someone still uses them.</summary>
    public OldCredentialReader? OldCredentials { get; init; }

    /// <summary>
    /// Observes the secrets that the request covers, and the scopes of their targets that a run lists. A failure is part of the
    /// observation: it blocks what it concerns and nothing else.
    /// </summary>
    public Task<Observation> ObserveAsync(RotationInventory inventory, PlanRequest request, CancellationToken cancellation) =>
        ObserveAsync(inventory, request, besides: null, cancellation);

    /// <summary>Observes all scopes of those secrets, however many calls that takes, and some besides; where that is null, the scopes that
    /// a run lists.</summary>
    public async Task<Observation> ObserveAsync(
        RotationInventory inventory, PlanRequest request, ImmutableArray<VariableScope>? besides, CancellationToken cancellation)
    {
        var at = clock.GetCurrentInstant();
        var covered = Planner.Covered(inventory, request);
        using var slots = new SemaphoreSlim(parallelism);
        var descriptions = await Task.WhenAll(
            covered.Select(secret => InSlotAsync(slots, () => DescribeAsync(secret, cancellation), cancellation))).ConfigureAwait(false);
        var described = covered.Zip(descriptions)
            .ToImmutableDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        var leftOut = Planner.LeaveOut(
            inventory, new Observation(at, ImmutableDictionary<VariableScope, ScopeObservation>.Empty, described), request,
            vault => vaults(vault).Costs);

        var scopes = covered.SelectMany(s => s.Targets).Select(t => t.Scope).Concat(besides ?? []).Distinct()
            .Where(scope => besides is not null || !leftOut.Contains(scope)).ToImmutableArray();
        var listings = await Task.WhenAll(
            scopes.Select(scope => InSlotAsync(slots, () => ListAsync(scope, cancellation), cancellation))).ConfigureAwait(false);
        var repositories = covered
            .Where(secret => !secret.Targets.Any(target => leftOut.Contains(target.Scope)))
            .Where(secret => PipelineRepositories.Matter(secret, described[secret.Name], request, inventory.Limits, at))
            .SelectMany(secret => PipelineRepositories.Of(secret, inventory))
            .Distinct()
            .ToImmutableArray();
        var running = await ListRunningAsync(repositories, inventory.Attestation, slots, cancellation).ConfigureAwait(false);
        var ending = covered.Where(secret => MayEnd(secret, described[secret.Name], request, inventory, running, at)).ToList();
        var old = await Task.WhenAll(
            ending.Select(secret => InSlotAsync(
                slots,
                () => OldCredentials!.FindAsync(
                    secret, ((SecretObservation.Described)described[secret.Name]).Description, cancellation),
                cancellation))).ConfigureAwait(false);
        return new Observation(at, scopes.Zip(listings).ToImmutableDictionary(pair => pair.First, pair => pair.Second), described)
        {
            LeftOut = leftOut,
            Running = running,
            OldCredentials = ending.Zip(old).ToImmutableDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal),
        };
    }

    // Whoever forces a rotation ends the old credential, used or not.
    private bool MayEnd(
        ManagedSecret secret, SecretObservation observed, PlanRequest request, RotationInventory inventory,
        ImmutableDictionary<VariableScope.Repository, RunningObservation> running, Instant at) =>
        OldCredentials is not null
        && secret.Backend?.Traits.TellsLastUse == true
        && !request.Force.Contains(secret.Name)
        && observed is SecretObservation.Described { Description: { Open: null } description }
        && JobsInFlight.Of(secret, description.Grace, running, inventory, at).Grace is { OverBecause: not null, IsDisabled: false };

    /// <summary>Asks again what runs where pipelines may use a secret. A list that failed is part of the answer.</summary>
    public async Task<ImmutableDictionary<VariableScope.Repository, RunningObservation>> ListRunningAgainAsync(
        ManagedSecret secret, RotationInventory inventory, CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(parallelism);
        return await ListRunningAsync(PipelineRepositories.Of(secret, inventory), inventory.Attestation, slots, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Lists the scopes of one secret again, under its claim.</summary>
    /// <exception cref="RemoteFailureException">A scope could not be listed.</exception>
    public async Task<ImmutableDictionary<VariableScope, ScopeObservation>> ListAgainAsync(
        ManagedSecret secret, CancellationToken cancellation)
    {
        var scopes = secret.Targets.Select(t => t.Scope).Distinct().ToImmutableArray();
        var listings = await Task.WhenAll(scopes.Select(scope => variables.ListAsync(scope, cancellation))).ConfigureAwait(false);
        return scopes.Zip(listings)
            .ToImmutableDictionary(pair => pair.First, ScopeObservation (pair) => new ScopeObservation.Listed(pair.Second));
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
            return new ScopeObservation.Unlisted(failure.Failure);
        }
    }

    private async Task<ImmutableDictionary<VariableScope.Repository, RunningObservation>> ListRunningAsync(
        ImmutableArray<VariableScope.Repository> repositories, AttestationPolicy? attestation, SemaphoreSlim slots,
        CancellationToken cancellation)
    {
        var lists = await Task.WhenAll(
            repositories.Select(
                repository => InSlotAsync(slots, () => ListRunningAsync(repository, attestation, cancellation), cancellation)))
                    .ConfigureAwait(false);
        return repositories.Zip(lists).ToImmutableDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task<RunningObservation> ListRunningAsync(
        VariableScope.Repository repository, AttestationPolicy? attestation, CancellationToken cancellation)
    {
        if (InFlight is null)
            return new RunningObservation.Unlisted(new Failure(FailureKind.NotObserved, "No one asked."));
        try
        {
            var running = await InFlight.ListRunningAsync(repository, cancellation).ConfigureAwait(false);
            var own = (Self as Holder.Pipeline)?.Uuid;
            return new RunningObservation.Listed(
                [.. running.Where(pipeline => pipeline.Uuid != own && !AttestationStep.IsAttestation(attestation, pipeline))]);
        }
        catch (RemoteFailureException failure)
        {
            return new RunningObservation.Unlisted(failure.Failure);
        }
    }

    private async Task<SecretObservation> DescribeAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        try
        {
            var description = await vaults(secret.Vault).DescribeAsync(secret.Path, cancellation).ConfigureAwait(false);
            var state = description.Open is { } open
                ? Self?.StateOf(open.Holder) ?? await holders.StateOfAsync(open.Holder, cancellation).ConfigureAwait(false)
                : HolderState.Unknown;
            return new SecretObservation.Described(description, state);
        }
        catch (RemoteFailureException failure)
        {
            return new SecretObservation.Undescribed(failure.Failure);
        }
    }
}
