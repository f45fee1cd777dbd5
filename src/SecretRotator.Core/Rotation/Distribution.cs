using System.Collections.Concurrent;
using SecretRotator.Bitbucket;

namespace SecretRotator.Rotation;

/// <summary>
/// The targets of one rotation: what was sent to them, and how it is taken back. A target is registered before
/// anything is sent to it, for a PUT whose answer was lost may have landed.
/// </summary>
/// <param name="held">The claim under which it happens.</param>
/// <param name="store">Where the targets are.</param>
/// <param name="scopes">What was observed there.</param>
/// <param name="replaces">
/// Whether a request of an earlier delivery may still be under way. A variable that exists is deleted and created anew
/// then: what lands on the uuid that is gone changes nothing. A key pair has no uuid of its own, so nothing keeps a late request out.
/// </param>
internal sealed class Distribution(
    HeldClaim held,
    IVariableStore store,
    IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
    bool replaces)
{
    private readonly ManagedSecret _secret = held.Secret;
    private readonly IVariableStore _variables = store.Under(held.Claim.Lease);
    private readonly ConcurrentStack<Delivery> _touched = [];
    private bool _resumes;

    private enum State
    {
        Unknown,
        Applied,

        /// <summary>Applied, but the request may land once more.</summary>
        Unsettled,

        Rejected,
    }

    private sealed class Delivery(VariableTarget target, ObservedVariable? before)
    {
        public VariableTarget Target { get; } = target;

        public ObservedVariable? Before { get; } = before;

        public ObservedVariable? Now { get; set; } = before;

        public State State { get; set; } = State.Unknown;

        /// <summary>Whether its variable was deleted, or may have been, and isn't known to be there again.</summary>
        public bool MayBeGone { get; set; }

        public Undone Undone { get; set; } = Undone.NotTried;
    }

    private enum Undone
    {
        NotTried,
        Failed,
        Unproven,
        Done,
    }

    /// <summary>The claim under which it happens.</summary>
    public HeldClaim Held => held;

    /// <summary>Whether any target may have been changed.</summary>
    public bool HasTouched => _touched.Any(d => d.State != State.Rejected);

    /// <summary>The rotation that is resumed may have written to any target: all count as touched, whatever becomes of them now.</summary>
    public void CountAllAsTouched()
    {
        _resumes = true;
        foreach (var target in _secret.Targets)
            _touched.Push(new Delivery(target, Observed(target)));
    }

    /// <summary>The targets that aren't known to hold what was sent.</summary>
    public ImmutableArray<VariableTarget> NotDelivered
    {
        get
        {
            var delivered = _touched.Where(d => d.State is State.Applied or State.Unsettled).Select(d => d.Target).ToHashSet();
            return [.. _secret.Targets.Where(t => !delivered.Contains(t))];
        }
    }

    /// <summary>The targets whose variables are deleted to be created anew.</summary>
    public ImmutableArray<VariableTarget> Replaced =>
        replaces ? [.. _secret.Targets.Where(target => !IsKeyPair(target) && Observed(target) is not null)] : [];

    /// <summary>A key pair on which the request of an earlier delivery may still land; null where there is none.</summary>
    public VariableTarget? Exposed => replaces ? _secret.Targets.FirstOrDefault(IsKeyPair) : null;

    /// <summary>Whether something that was sent may take effect after its sender has given up.</summary>
    public bool MayStillLand => _touched.Any(d => d.State is State.Unknown or State.Unsettled);

    /// <summary>What each target holds now, as far as it is known, in the order of the inventory.</summary>
    /// <param name="onlyForward">Whether what was sent is the vault's current value, and what was there before is unknown.</param>
    public IEnumerable<string> Describe(bool onlyForward)
    {
        var (sent, before) = onlyForward ? ("the vault's current value", "what it held before") : ("the new value", "the old value");
        return _secret.Targets.Select(target => $"{target} " + (_touched.FirstOrDefault(d => d.Target == target) switch
        {
            null or { State: State.Rejected } => Observed(target) is null ? "isn't there, as before." : $"holds {before}.",
            { Undone: Undone.Done, Now: null } => "isn't there, as before.",
            { Undone: Undone.Done } => $"holds {before} again.",
            { Undone: Undone.Unproven } => $"was given {before} again, which isn't verified.",
            { Now: null, Before: not null } => "is MISSING: it was deleted, and could not be created again.",
            { Undone: Undone.NotTried, State: State.Applied or State.Unsettled } => $"holds {sent}.",
            { Now: null } => $"may hold {sent}, or not be there.",
            _ => $"may hold {sent} or {before}.",
        }));
    }

    /// <summary>Every target with its key as Bitbucket writes it.</summary>
    public IEnumerable<(VariableTarget Target, string Key)> Keys => _touched.Select(d => (d.Target, d.Now?.Key ?? d.Target.Variable));

    /// <summary>Sends the content to every target. All are tried, and all have ended, before a failure is thrown.</summary>
    public async Task DistributeAsync(SecretValue content, CancellationToken cancellation)
    {
        var sends = _secret.Targets.Select(target => SendAsync(target, content, cancellation)).ToList();
        await Task.WhenAll(sends).ConfigureAwait(false);
    }

    /// <summary>Holds listings made after the distribution against what must be there.</summary>
    /// <returns>The digest of the targets as they are now.</returns>
    /// <exception cref="VerificationFailedException">A target is missing, another one, renamed or not secured.</exception>
    public string Verify(IReadOnlyDictionary<VariableScope, ImmutableArray<ObservedVariable>> listings)
    {
        foreach (var delivery in _touched)
        {
            var found = listings[delivery.Target.Scope].FirstOrDefault(v => v.Uuid == delivery.Now?.Uuid);
            if (found is null)
                throw new VerificationFailedException($"{delivery.Target} isn't there any more: someone deleted or replaced it meanwhile.");
            if (!string.Equals(found.Key, delivery.Target.Variable, StringComparison.OrdinalIgnoreCase))
                throw new VerificationFailedException($"{delivery.Target} was renamed to {found.Key} meanwhile.");
            if (!found.Secured)
                throw new VerificationFailedException($"{delivery.Target} isn't secured: someone changed it meanwhile.");
        }

        return TargetsDigest.Of(_secret, listings.ToDictionary(p => p.Key, ScopeObservation (p) => new ScopeObservation.Listed(p.Value)));
    }

    /// <summary>Puts the old content back, newest first, trying every target, and looks whether it worked.</summary>
    /// <returns>What could not be put back, for people; empty where everything was.</returns>
    public async Task<ImmutableArray<string>> UndoAsync(SecretValue old, CancellationToken cancellation)
    {
        var stuck = new List<(VariableTarget Target, string Cause)>();
        var undone = new List<Delivery>();
        foreach (var delivery in _touched)
        {
            if (delivery.State == State.Rejected)
                continue;
            try
            {
                await held.Journal.DoAsync(
                    RotationStep.Restore, delivery.Target.ToString(), () => RestoreAsync(delivery, old, cancellation))
                        .ConfigureAwait(false);
                delivery.Undone = Undone.Done;
                undone.Add(delivery);
            }
            catch (Exception failure)
            {
                stuck.Add((delivery.Target, FailureMessages.Describe(failure)));
                delivery.Undone = Undone.Failed;
            }
        }

        var missing = await FindMissingAsync(cancellation).ConfigureAwait(false);
        var notUndone = ImmutableArray.CreateBuilder<string>();
        foreach (var (target, cause) in stuck)
        {
            notUndone.Add(missing.GetValueOrDefault(target, false) is true
                ? $"{target} is missing right now: {cause} The next run creates it."
                : $"{target} may hold the new value or none: {cause}");
        }

        foreach (var group in undone.GroupBy(d => d.Target.Scope))
            notUndone.AddRange(await FindNotRestoredAsync(group, cancellation).ConfigureAwait(false));
        return notUndone.ToImmutable();
    }

    /// <summary>
    /// The targets that this distribution deleted, or may have deleted, and that aren't known to be there again: missing right
    /// now, or null where that can't be seen.
    /// </summary>
    public async Task<ImmutableDictionary<VariableTarget, bool?>> FindMissingAsync(CancellationToken cancellation)
    {
        var found = ImmutableDictionary.CreateBuilder<VariableTarget, bool?>();
        foreach (var scope in _touched.Where(d => d.MayBeGone).GroupBy(d => d.Target.Scope))
        {
            ImmutableArray<ObservedVariable>? listing = null;
            try
            {
                listing = await _variables.ListAsync(scope.Key, cancellation).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // What can't be seen is reported as unknown.
            }

            foreach (var delivery in scope)
                found[delivery.Target] = listing is { } seen ? Find(seen, delivery.Target) is null : null;
        }

        return found.ToImmutable();
    }

    private ObservedVariable? Observed(VariableTarget target) => (scopes[target.Scope] as ScopeObservation.Listed)?.Find(target.Variable);

    private async Task SendAsync(VariableTarget target, SecretValue content, CancellationToken cancellation)
    {
        using var value = TargetValue.Of(target, content);
        var delivery = _touched.FirstOrDefault(d => d.Target == target) ?? new Delivery(target, Observed(target));
        await held.Journal.DoAsync(RotationStep.Distribute, target.ToString(), async () =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_resumes)
                _touched.Push(delivery);
            try
            {
                delivery.State = await PutAsync(delivery, value, cancellation).ConfigureAwait(false) == PutEnd.Settled
                    ? State.Applied
                    : State.Unsettled;
            }
            catch (RemoteFailureException failure) when (failure.Effect == Effect.Rejected && !_resumes && delivery.Now == delivery.Before)
            {
                delivery.State = State.Rejected;
                throw;
            }
        }).ConfigureAwait(false);
    }

    private async Task<PutEnd> PutAsync(Delivery delivery, SecretValue value, CancellationToken cancellation)
    {
        var target = delivery.Target;
        if (delivery.Before is { } before && !replaces)
        {
            var end = await _variables.PutAsync(target.Scope, before, value, cancellation).ConfigureAwait(false);
            delivery.Now = TargetValue.Holding(target, before, value);
            return end;
        }

        return await ReplaceAsync(delivery, value, cancellation).ConfigureAwait(false);
    }

    private async Task<PutEnd> ReplaceAsync(Delivery delivery, SecretValue value, CancellationToken cancellation)
    {
        var (scope, existing) = (delivery.Target.Scope, delivery.Now);
        if (existing is not null && !IsKeyPair(delivery.Target))
        {
            delivery.MayBeGone = true;
            await _variables.DeleteAsync(scope, existing.Uuid, cancellation).ConfigureAwait(false);
            delivery.Now = null;
        }

        var key = existing?.Key ?? delivery.Target.Variable;
        var created = await _variables.CreateAsync(scope, key, value, cancellation).ConfigureAwait(false);
        (delivery.Now, delivery.MayBeGone) = (created.Variable, false);
        return created.End;
    }

    private async Task RestoreAsync(Delivery delivery, SecretValue old, CancellationToken cancellation)
    {
        var target = delivery.Target;
        using var value = TargetValue.Of(target, old);
        var isExposed = IsKeyPair(target) && (replaces || delivery.State != State.Applied);
        if (delivery.Before is null && target.MayCreate && !isExposed)
        {
            await UncreateAsync(delivery, value, cancellation).ConfigureAwait(false);
            return;
        }

        // What may land again is a PUT, or a POST, which does nothing while the key is taken.
        var isSettled = delivery.State == State.Applied || (delivery.State == State.Unsettled && (replaces || delivery.Before is null));
        if (isSettled && !isExposed && delivery.Now is not null
            && await PutSettledAsync(delivery, value, cancellation).ConfigureAwait(false))
            return;

        // What an unanswered request left can't be read, and it may even land late, after the old value was put back.
        // A variable that is deleted and created again is proven by listing, and the old uuid takes no late PUT.
        delivery.Now ??= await FindAsync(target, cancellation).ConfigureAwait(false);
        await ReplaceAsync(delivery, value, cancellation).ConfigureAwait(false);
        if (isExposed)
        {
            throw new VerificationFailedException(
                "The old key pair was put back, but a request without an answer may still put the new one there.");
        }
    }

    // A creation without an answer may land yet. With the old value there, it finds the key taken.
    private async Task UncreateAsync(Delivery delivery, SecretValue old, CancellationToken cancellation)
    {
        var target = delivery.Target;
        if (delivery is { State: State.Applied, Now: { } own } && !replaces)
        {
            await _variables.DeleteAsync(target.Scope, own.Uuid, cancellation).ConfigureAwait(false);
            delivery.Now = null;
            return;
        }

        delivery.Now ??= await FindAsync(target, cancellation).ConfigureAwait(false);
        if (delivery.Now is null)
        {
            try
            {
                var created = await _variables.CreateAsync(target.Scope, target.Variable, old, cancellation).ConfigureAwait(false);
                delivery.Now = created.Variable;
                return;
            }
            catch (RemoteFailureException landed) when (landed.Kind == FailureKind.Conflict)
            {
                delivery.Now = await FindAsync(target, cancellation).ConfigureAwait(false);
                if (delivery.Now is null)
                    throw;
            }
        }

        if (!await PutSettledAsync(delivery, old, cancellation).ConfigureAwait(false))
            await ReplaceAsync(delivery, old, cancellation).ConfigureAwait(false);
    }

    // Where it isn't settled, because the PUT failed or may land once more, the variable can still be replaced.
    private async Task<bool> PutSettledAsync(Delivery delivery, SecretValue old, CancellationToken cancellation)
    {
        var (target, existing) = (delivery.Target, delivery.Now!);
        try
        {
            var end = await _variables.PutAsync(target.Scope, existing, old, cancellation).ConfigureAwait(false);
            delivery.Now = TargetValue.Holding(target, existing, old);
            return end == PutEnd.Settled;
        }
        catch (RemoteFailureException)
        {
            return false;
        }
    }

    private async Task<IEnumerable<string>> FindNotRestoredAsync(
        IGrouping<VariableScope, Delivery> deliveries, CancellationToken cancellation)
    {
        try
        {
            var listing = await _variables.ListAsync(deliveries.Key, cancellation).ConfigureAwait(false);
            var lost = deliveries.Where(d => !IsRestored(d, listing)).ToList();
            lost.ForEach(d => d.Undone = Undone.Failed);
            return lost.Select(d => $"{d.Target} isn't as it was, though putting it back succeeded.");
        }
        catch (Exception failure)
        {
            foreach (var delivery in deliveries)
                delivery.Undone = Undone.Unproven;
            return deliveries.Select(d => $"{d.Target} was put back, but that could not be verified: {FailureMessages.Describe(failure)}");
        }
    }

    private static bool IsRestored(Delivery delivery, ImmutableArray<ObservedVariable> listing) =>
        delivery.Now is null
            ? Find(listing, delivery.Target) is null
            : listing.Any(v => v.Uuid == delivery.Now.Uuid && v.Secured);

    private static bool IsKeyPair(VariableTarget target) => target.Scope is VariableScope.SshKeyPair;

    private async Task<ObservedVariable?> FindAsync(VariableTarget target, CancellationToken cancellation) =>
        Find(await _variables.ListAsync(target.Scope, cancellation).ConfigureAwait(false), target);

    private static ObservedVariable? Find(ImmutableArray<ObservedVariable> listing, VariableTarget target) =>
        listing.FirstOrDefault(v => string.Equals(v.Key, target.Variable, StringComparison.OrdinalIgnoreCase));
}
