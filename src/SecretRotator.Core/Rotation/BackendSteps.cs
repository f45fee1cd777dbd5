using SecretRotator.Backends;

namespace SecretRotator.Rotation;

/// <summary>
/// What one rotation does at the system that accepts its value: ISSUE, SET and PROVE, their undo, and the end of old credentials. The
/// section "At the backend" of <c>PROTOCOL.md</c>.
/// </summary>
internal sealed class BackendSteps(RotationTools tools, HeldClaim held, BackendDefinition definition, ICredentialBackend backend)
{
    // Services tell whole seconds, cut off.
    private static readonly Duration MadeAtPrecision = Duration.FromSeconds(1);

    // Since when something that was sent, by this rotation or by the dead holder whose rotation it takes over, may still take effect;
    // null where nothing may.
    private Instant? _unsettledSince;

    // Until when a dead holder's promotion may still take effect.
    private Instant _promotableUntil = Instant.MinValue;
    private ImmutableHashSet<SlotId> _before = [];
    private VersionId _current = held.Claim.Base;

    private enum Reach
    {
        Nothing,

        /// <summary>A credential was asked for, and whether there is one isn't known.</summary>
        PerhapsIssued,

        /// <summary>The new credential may be accepted.</summary>
        Written,
    }

    private Reach _reach = Reach.Nothing;

    /// <summary>The steps at a secret's backend; null where it has none.</summary>
    public static BackendSteps? Of(RotationTools tools, HeldClaim held) => held.Secret.Backend is not { } definition
        ? null
        : new BackendSteps(
            tools,
            held,
            definition,
            tools.Backends(held.Secret)
                ?? throw new InvalidOperationException($"The backend of {held.Secret.Name} isn't open, and the inventory names one."));

    /// <summary>Whether the backend may accept something that no version names once the rotation is undone.</summary>
    public bool HasTouched => _reach != Reach.Nothing;

    /// <summary>Whether a login with what is delivered worked.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>What an interrupted rotation did here counts as done by this one, and may still take effect.</summary>
    public void TakeOver(Attempt attempt, RunLimits limits)
    {
        if (attempt is not (Attempt.Resumption or Attempt.ResumedDelivery))
            return;
        var now = tools.Clock.GetCurrentInstant();
        (_unsettledSince, _promotableUntil) = (now, now + limits.MinimumInterval);
        if (attempt is Attempt.Resumption)
            _reach = Reach.Written;
        else
            _current = attempt.Current;
    }

    /// <summary>The slot of a content; null where it names none.</summary>
    public SlotId? SlotOf(SecretValue content) => backend.TrySlotOf(content);

    /// <summary>CHECK: why nothing can be done here, or null. Changes nothing.</summary>
    public async Task<Decision.Blocked?> FindObjectionAsync(Attempt attempt, bool isForced, CancellationToken cancellation)
    {
        try
        {
            return attempt switch
            {
                Attempt.NewVersion or Attempt.Issuance => await FindObjectionToNewAsync(attempt, isForced, cancellation)
                    .ConfigureAwait(false),
                Attempt.Delivery or Attempt.ResumedDelivery =>
                    await FindObjectionToDeliveryAsync(attempt.Content, cancellation).ConfigureAwait(false),
                _ => null,
            };
        }
        catch (Exception failure) when (failure is RemoteFailureException or SecretContentException or UsageException)
        {
            return new Decision.Blocked(FailureMessages.Of(failure).OrHint("Fix what it says, then run again."));
        }
    }

    private async Task<Decision.Blocked?> FindObjectionToNewAsync(Attempt attempt, bool isForced, CancellationToken cancellation)
    {
        var inUse = backend.SlotOf(attempt.InUse);
        var isNew = attempt is Attempt.Issuance ? (SlotId?)null : backend.SlotOf(attempt.Content);
        if (isNew == inUse && definition.Traits.Overlaps)
            return new Decision.Blocked(
                FailureKind.VersionUnusable,
                $"That version is a credential of {inUse}, which is in use: to set its value would lock out everyone who holds the current "
                    + "one.",
                "Roll back to a version of another slot, or rotate: rotate --force makes a new credential.");
        var seen = await backend.InspectAsync(attempt.InUse, cancellation).ConfigureAwait(false);
        _before = [.. seen.Slots.Select(slot => slot.Id)];
        if (attempt is Attempt.Issuance
            && await FindStrangerAsync(seen, inUse, attempt.RetiresFirst, cancellation).ConfigureAwait(false) is { } stranger)
            return stranger;
        var proof = await backend.ProveAsync(attempt.InUse, cancellation).ConfigureAwait(false);
        return proof.Acceptance switch
        {
            Acceptance.Accepted => null,
            Acceptance.Refused when isForced => null,
            Acceptance.Refused => new Decision.Blocked(Unproven(proof, $"{definition.Place} refuses the current credential, {inUse}.") with
            {
                Kind = FailureKind.CredentialRefused,
                Hint = "It is the wrong backend, or the credential was changed there by hand: correct the inventory, or write the value "
                    + "that works into the vault. To set a new one regardless: rotate --force with a reason.",
            }),
            _ => new Decision.Blocked(Unproven(proof, $"Whether {definition.Place} accepts the current credential, {inUse}, isn't known.")),
        };
    }

    // The version in grace is retired first, and with it its credential.
    private async Task<Decision.Blocked?> FindStrangerAsync(
        BackendState seen, SlotId inUse, GraceMark? grace, CancellationToken cancellation)
    {
        var named = await NamedAsync(inUse, grace, cancellation).ConfigureAwait(false);
        var strangers = seen.Slots.Where(slot => !named.Contains(slot.Id)).ToList();
        return strangers.Count == 0
            ? null
            : new Decision.Blocked(
                FailureKind.UnknownCredential,
                $"{definition.Place} has a credential that no version of the secret names: "
                    + $"{string.Join(", ", strangers.Select(Describe))}.",
                "Find out who uses it. Then delete it there, or write it into the vault as the current version.");
    }

    private Task<HashSet<SlotId>> NamedAsync(SlotId inUse, GraceMark? grace, CancellationToken cancellation) =>
        NamedSlots.ReadAsync(backend, held.Vault, held.Secret.Path, inUse, grace, cancellation);

    // What is current has to be delivered, whether its backend can be asked or not; only a credential that is refused is no help to
    // anyone.
    private async Task<Decision.Blocked?> FindObjectionToDeliveryAsync(SecretValue current, CancellationToken cancellation)
    {
        var proof = await backend.ProveAsync(current, cancellation).ConfigureAwait(false);
        IsAccepted = proof.Acceptance == Acceptance.Accepted;
        return proof.Acceptance != Acceptance.Refused
            ? null
            : new Decision.Blocked(
                Unproven(proof, $"{definition.Place} refuses the vault's current credential, {SlotOf(current)}.") with
                {
                    Kind = FailureKind.CredentialRefused,
                    Hint = "Write the value that works into the vault, or rotate --force with a reason to set a new one.",
                });
    }

    /// <summary>ISSUE: has the backend make the new content. Registered for undo before it is sent, and never repeated.</summary>
    public async Task IssueAsync(Attempt.Issuance attempt)
    {
        held.Claim.Lease.ThrowIfOver();
        _reach = Reach.PerhapsIssued;
        try
        {
            attempt.Receive(await held.Journal.DoAsync(
                RotationStep.Issue,
                null,
                () => backend.IssueAsync(held.Claim.Rotation, attempt.InUse, CancellationToken.None),
                made => $"{backend.SlotOf(made)} at {definition.Place}").ConfigureAwait(false));
        }
        catch (RemoteFailureException refused) when (refused.Effect == Effect.Rejected)
        {
            _reach = Reach.Nothing;
            throw;
        }

        _reach = Reach.Written;
        if (attempt.FindObjection() is { } unfit)
            throw new RemoteFailureException(unfit.Failure);
    }

    /// <summary>
    /// SET: makes the backend accept the staged content in the idle slot. Registered for undo before it is sent. What an interrupted
    /// rotation or an older version holds may be accepted already.
    /// </summary>
    public async Task SetAsync(Attempt attempt, CancellationToken cancellation)
    {
        var slot = backend.SlotOf(attempt.Content);
        var (resumes, restores) = (attempt is Attempt.Resumption, attempt is Attempt.NewVersion { Restores: true });
        // What a dead holder undid may take effect after a login.
        if (resumes)
            await SettleAsync().ConfigureAwait(false);
        if ((resumes || restores)
            && (await backend.ProveAsync(attempt.Content, cancellation).ConfigureAwait(false)).Acceptance == Acceptance.Accepted)
            return;
        if (definition.Traits.Family == BackendFamily.Issue && !restores)
            return;
        _reach = Reach.Written;
        try
        {
            await SetOnceAsync(attempt, slot, restores).ConfigureAwait(false);
        }
        catch (RemoteFailureException unanswered) when (unanswered.Effect == Effect.Unknown)
        {
            await SettleAsync().ConfigureAwait(false);
            var proof = await backend.ProveAsync(attempt.Content, cancellation).ConfigureAwait(false);
            if (proof.Acceptance == Acceptance.Unknown)
                throw;
            if (proof.Acceptance == Acceptance.Refused)
                await SetOnceAsync(attempt, slot, restores).ConfigureAwait(false);
        }
    }

    private async Task SetOnceAsync(Attempt attempt, SlotId slot, bool restores)
    {
        await CheckAsync().ConfigureAwait(false);
        var sentAt = tools.Clock.GetCurrentInstant();
        try
        {
            await held.Journal.DoAsync(
                restores ? RotationStep.Enable : RotationStep.Set,
                slot.Value,
                () => restores
                    ? backend.EnableAsync(slot, attempt.Content, CancellationToken.None)
                    : backend.SetAsync(held.Claim.Rotation, attempt.Content, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not RemoteFailureException { Effect: Effect.Rejected })
        {
            _unsettledSince = sentAt;
            throw;
        }
    }

    /// <summary>PROVE: a login with the staged version, as it is read back from the vault.</summary>
    /// <exception cref="VerificationFailedException">It isn't accepted, or that isn't known.</exception>
    public Task ProveStagedAsync(Attempt attempt, CancellationToken cancellation)
    {
        var slot = backend.SlotOf(attempt.Content);
        return held.Journal.DoAsync(
            RotationStep.Prove,
            slot.Value,
            async () =>
            {
                using var staged = await held.Vault.ReadStagedAsync(held.Claim, cancellation).ConfigureAwait(false);
                if (staged is null || !staged.Value.FixedTimeEquals(attempt.Content))
                    throw new VerificationFailedException(
                        "The staged version in the vault isn't the one that was made: someone changed it meanwhile.");
                var proof = await ProveUntilAsync(Acceptance.Accepted, staged.Value, cancellation).ConfigureAwait(false);
                if (proof.Acceptance != Acceptance.Accepted)
                    throw new VerificationFailedException(Unproven(
                        proof,
                        proof.Acceptance == Acceptance.Refused
                            ? $"{definition.Place} refuses the new credential, {slot}."
                            : $"Whether {definition.Place} accepts the new credential, {slot}, isn't known."));
                return IsAccepted = true;
            },
            _ => $"accepted by {definition.Place}");
    }

    /// <summary>Whether a current version that was made before is accepted. Nothing depends on it.</summary>
    public async Task ProveCurrentAsync(SecretValue current, CancellationToken cancellation)
    {
        try
        {
            IsAccepted = (await backend.ProveAsync(current, cancellation).ConfigureAwait(false)).Acceptance == Acceptance.Accepted;
        }
        catch (SecretContentException)
        {
            IsAccepted = false;
        }
    }

    /// <summary>Before targets get the old value again: without an overlap the slot in use must accept it first.</summary>
    /// <returns>What is left, for people; or null.</returns>
    public Task<string?> RestoreInUseAsync(Attempt attempt) => !HasTouched || definition.Traits.Overlaps
        ? Task.FromResult<string?>(null)
        : TryAsync($"{definition.Place} may refuse the old value", async () =>
        {
            await SettleAsync().ConfigureAwait(false);
            await CheckAsync().ConfigureAwait(false);
            var slot = backend.SlotOf(attempt.InUse);
            await held.Journal.DoAsync(
                RotationStep.Restore,
                slot.Value,
                () => backend.SetAsync(held.Claim.Rotation, attempt.InUse, CancellationToken.None)).ConfigureAwait(false);
            var proof = await ProveUntilAsync(Acceptance.Accepted, attempt.InUse, CancellationToken.None).ConfigureAwait(false);
            if (proof.Acceptance != Acceptance.Accepted)
                throw new VerificationFailedException(Unproven(proof, "The old value was set again, and isn't accepted."));
        });

    /// <summary>Once every target is known to hold the old value: takes away what the rotation made the backend accept.</summary>
    /// <returns>What is left, for people; or null.</returns>
    public async Task<string?> UndoAsync(Attempt attempt)
    {
        if (_reach == Reach.Nothing || !definition.Traits.Overlaps)
            return null;
        if (_reach == Reach.PerhapsIssued)
            return await TryAsync(
                $"{definition.Place} may have made a credential that no version names",
                () => RemoveOrphanAsync(attempt.InUse, slot => !_before.Contains(slot.Id))).ConfigureAwait(false);
        var slot = backend.SlotOf(attempt.Content);
        return await TryAsync($"{definition.Place} accepts the new credential, {slot}, still", async () =>
        {
            // Jobs that began before the last rotation may hold what an old version names that is in grace still.
            if (attempt is { RetiresFirst: null, Grace: { DisabledAt: null } grace }
                && (await NamedAsync(default, grace, CancellationToken.None).ConfigureAwait(false)).Contains(slot))
                return;
            await SettleAsync().ConfigureAwait(false);
            await RemoveAsync(slot, backend.SlotOf(attempt.InUse), isKept: attempt is Attempt.NewVersion { Restores: true })
                .ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Takes away the credential of an interrupted rotation that will never be in use, once no target holds it.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer; or there are several that it could be.</exception>
    public async Task AbandonAsync(Attempt.ResumedDelivery attempt)
    {
        if (attempt.Dropped is { } dropped)
            await RemoveOrphanOfAsync(dropped, attempt.Current, attempt.Grace, attempt.Content).ConfigureAwait(false);
        if (attempt.Abandoned is not { } abandoned || SlotOf(attempt.Content) is not { } inUse || inUse == abandoned)
            return;
        await SettleAsync().ConfigureAwait(false);
        await RemoveAsync(abandoned, inUse, isKept: false).ConfigureAwait(false);
    }

    /// <summary>
    /// What a run left that died after it had asked for a credential: one that was made since its claim, and that nothing names, is
    /// deleted.
    /// </summary>
    /// <exception cref="RemoteFailureException">There are several, or they can't be looked for or deleted. The claim must stay.</exception>
    public async Task RemoveOrphanOfAsync(OpenRotation open, VersionId version, GraceMark? grace, SecretValue current)
    {
        if (definition.Traits.Family != BackendFamily.Issue)
            return;
        _current = version;
        var named = await NamedAsync(backend.SlotOf(current), grace, CancellationToken.None).ConfigureAwait(false);
        await RemoveOrphanAsync(
            current,
            slot => !named.Contains(slot.Id)
                && (slot.MadeBy is { } by ? by == open.Id : slot.MadeAt is not { } made || made > open.StartedAt - MadeAtPrecision))
            .ConfigureAwait(false);
    }

    private async Task RemoveOrphanAsync(SecretValue current, Func<Slot, bool> isOrphan)
    {
        // What an unanswered request made may show late.
        var (pause, waited) = (Duration.FromSeconds(1), Duration.Zero);
        while (true)
        {
            var state = await backend.InspectAsync(current, CancellationToken.None).ConfigureAwait(false);
            switch (state.Slots.Where(isOrphan).ToList())
            {
                case [] when waited >= definition.Traits.Settles:
                    return;
                case []:
                    break;
                case [var one]:
                    await RemoveAsync(one.Id, backend.SlotOf(current), isKept: false).ConfigureAwait(false);
                    return;
                case var several:
                    throw new RemoteFailureException(
                        FailureKind.UnknownCredential, Effect.Rejected,
                        $"{definition.Place} has {several.Count} credentials that no version names, and which of them the rotation caused "
                            + $"isn't known: {string.Join(", ", several.Select(Describe))}.",
                        "Delete those that aren't used, then run again.");
            }

            await DelayAsync(pause).ConfigureAwait(false);
            (waited, pause) = (waited + pause, Duration.Min(pause * 2, Duration.FromSeconds(15)));
        }
    }

    /// <summary>RETIRE: ends an old credential before its version is retired. The section "Jobs in flight" of <c>PROTOCOL.md</c>.</summary>
    /// <param name="mark">The old version.</param>
    /// <param name="current">The current content.</param>
    /// <param name="isNeeded">Whether its slot is needed now: then it isn't kept for a rollback.</param>
    /// <param name="isForced">Whether it ends even if someone uses it.</param>
    /// <returns>Whether it waits, because someone uses it; or from when on it is deleted; or neither, where its version may be
    /// retired.</returns>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. The mark stays, so the next run does it again.</exception>
    public async Task<(Decision.Waiting? Waits, Instant? DeletedFrom)> RetireAsync(
        GraceMark mark, SecretValue current, bool isNeeded, bool isForced)
    {
        using var old = await held.Vault.ReadAsync(held.Secret.Path, mark.Version, CancellationToken.None).ConfigureAwait(false);
        if (SlotOf(old.Value) is not { } slot || backend.SlotOf(current) is var inUse && slot == inUse)
            return default;
        var issued = definition.Traits.Family == BackendFamily.Issue;
        if (mark.DisabledAt is null)
        {
            if (!isForced && definition.Traits.TellsLastUse
                && await FindUseAsync(mark, slot, current).ConfigureAwait(false) is { } used)
                return (used, null);
            await CheckAsync().ConfigureAwait(false);
            await held.Journal.DoAsync(
                RotationStep.Disable, slot.Value, () => backend.DisableAsync(slot, inUse, CancellationToken.None)).ConfigureAwait(false);
            await ProveRefusedAsync(slot, old.Value).ConfigureAwait(false);
            if (issued && !isNeeded && definition.DeleteAfter > Duration.Zero)
            {
                var disabled = mark with { DisabledAt = tools.Clock.GetCurrentInstant() };
                await held.Vault.MarkDisabledAsync(held.Claim, disabled, CancellationToken.None).ConfigureAwait(false);
                return (null, disabled.DisabledAt + definition.DeleteAfter);
            }
        }

        if (issued)
            await RemoveAsync(slot, inUse, isKept: false).ConfigureAwait(false);
        return default;
    }

    private async Task<Decision.Waiting?> FindUseAsync(GraceMark mark, SlotId slot, SecretValue current) =>
        (await backend.InspectAsync(current, CancellationToken.None).ConfigureAwait(false)).Find(slot) is { } old
            ? VersionInGrace.FindUse(held.Secret.Grace, mark, old, tools.Clock.GetCurrentInstant())
            : null;

    private Task ProveRefusedAsync(SlotId slot, SecretValue old) => held.Journal.DoAsync(
        RotationStep.Prove,
        slot.Value,
        async () =>
        {
            var proof = await ProveUntilAsync(Acceptance.Refused, old, CancellationToken.None).ConfigureAwait(false);
            if (proof.Acceptance != Acceptance.Refused)
                throw new RemoteFailureException(Unproven(
                    proof,
                    proof.Acceptance == Acceptance.Accepted
                        ? $"{definition.Place} accepts the old credential, {slot}, although it was disabled."
                        : $"Whether {definition.Place} refuses the old credential, {slot}, isn't known.") with
                {
                    Effect = Effect.Unknown,
                });
        },
        $"refused by {definition.Place}");

    // A credential that was there before is only disabled; one that the rotation made is deleted where it was issued.
    private async Task RemoveAsync(SlotId slot, SlotId inUse, bool isKept)
    {
        await WaitUntilAsync(_promotableUntil).ConfigureAwait(false);
        await CheckAsync().ConfigureAwait(false);
        await (definition.Traits.Family == BackendFamily.Issue && !isKept
            ? held.Journal.DoAsync(RotationStep.Delete, slot.Value, () => backend.DeleteAsync(slot, inUse, CancellationToken.None))
            : held.Journal.DoAsync(RotationStep.Disable, slot.Value, () => backend.DisableAsync(slot, inUse, CancellationToken.None)))
            .ConfigureAwait(false);
    }

    // Vault and backend have no compare-and-set in common. A version that someone else made current since the claim may name the slot: a
    // look just before the write is the nearest there is.
    private async Task CheckAsync()
    {
        var seen = (await held.Vault.DescribeAsync(held.Secret.Path, CancellationToken.None).ConfigureAwait(false)).Current;
        if (seen != _current)
            throw new RemoteFailureException(
                FailureKind.Superseded, Effect.Rejected,
                $"The current version of {held.Secret.Path} changed while it was being rotated: it is {seen} now, not {_current}. "
                    + $"It may name the slot that was to be written to, so nothing was written to {definition.Place}.",
                "Someone else changed the secret. The next run sees their version and delivers it.");
        held.Claim.Lease.ThrowIfOver();
    }

    // One login where answers don't lag: more of them could lock the account.
    private async Task<Proof> ProveUntilAsync(Acceptance wanted, SecretValue credential, CancellationToken cancellation)
    {
        var (pause, waited) = (Duration.FromSeconds(1), Duration.Zero);
        while (true)
        {
            var proof = await backend.ProveAsync(credential, cancellation).ConfigureAwait(false);
            if (proof.Acceptance == wanted || waited >= definition.Traits.Lag)
                return proof;
            var next = Duration.Min(pause, definition.Traits.Lag - waited);
            await Task.Delay(next.ToTimeSpan(), tools.Time, cancellation).ConfigureAwait(false);
            (waited, pause) = (waited + next, Duration.Min(pause * 2, Duration.FromSeconds(15)));
        }
    }

    // A slot is written to with another value, and a claim released, only once nothing that was sent may still land.
    private async Task SettleAsync()
    {
        if (_unsettledSince is { } since)
            await WaitUntilAsync(since + definition.Traits.Settles).ConfigureAwait(false);
        _unsettledSince = null;
    }

    private async Task WaitUntilAsync(Instant time)
    {
        if (time - tools.Clock.GetCurrentInstant() is var left && left > Duration.Zero)
            await DelayAsync(left).ConfigureAwait(false);
    }

    private Task DelayAsync(Duration time) => Task.Delay(time.ToTimeSpan(), tools.Time, CancellationToken.None);

    private static async Task<string?> TryAsync(string otherwise, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return $"{otherwise}: {FailureMessages.Describe(failure)} The next run tries again.";
        }
    }

    private static Failure Unproven(Proof proof, string sentence) =>
        (proof.Why ?? new Failure(FailureKind.VerificationFailed, "It was not expected.")).After(sentence);

    private static string Describe(Slot slot) =>
        slot.MadeAt is { } made
            ? $"{slot.Id} (made {made}{(slot.MadeBy is { } by ? $" by rotation {by}" : "")}{(slot.Enabled ? "" : ", disabled")})"
            : slot.Id.Value;
}
