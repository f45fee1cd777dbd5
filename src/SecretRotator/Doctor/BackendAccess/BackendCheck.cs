using SecretRotator.Backends;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.BackendAccess;

/// <summary>
/// Whether the systems that accept values can be reached and changed, and what they answer to the current ones: what a rotation's CHECK
/// asks. It changes nothing.
/// </summary>
/// <param name="secrets">The secrets that have a backend, at least one.</param>
/// <param name="vault">The vault of a name.</param>
/// <param name="open">Opens the backend of a secret.</param>
/// <param name="reads">Whether values may be read. Without them, nothing can be asked.</param>
/// <param name="parallelism">How many secrets at once.</param>
internal sealed class BackendCheck(
    ImmutableArray<ManagedSecret> secrets, Func<string, ISecretVault> vault, Func<ManagedSecret, ICredentialBackendReader?> open,
    bool reads,
    int parallelism) : ICheck
{
    /// <inheritdoc />
    public CheckArea Area => CheckArea.Backends;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        if (!reads)
            return
            [
                CheckResult.Unknown(
                    Area, "backend-reached", "No value was read, as --no-values asks, so no backend was asked.",
                    "Whether they accept the current values is seen by a rotation only."),
            ];
        var answers = await CheckRunner.EachAsync(secrets, parallelism, AskAsync, cancellation);
        return [.. answers.SelectMany(each => each)];
    }

    private async Task<IEnumerable<CheckResult>> AskAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        try
        {
            var kept = vault(secret.Vault);
            var seen = await kept.DescribeAsync(secret.Path, cancellation);
            using var current = await kept.ReadAsync(secret.Path, seen.Current, cancellation);
            return await AskAsync(secret, seen, current.Value, kept, cancellation);
        }
        catch (RemoteFailureException unread)
        {
            return
            [
                CheckResult.Unknown(
                    Area, "backend-reached", $"{secret.Name}: its value can't be read from the vault.",
                    "Nothing could be asked of its backend.") with
                { Secret = secret, Failure = unread.Failure },
            ];
        }
    }

    private async Task<IEnumerable<CheckResult>> AskAsync(
        ManagedSecret secret, SecretDescription seen, SecretValue current, ISecretVault kept, CancellationToken cancellation)
    {
        var place = secret.Backend!.Place;
        try
        {
            var backend = open(secret) ?? throw new InvalidOperationException($"The backend of {secret.Name} isn't open.");
            var state = await backend.InspectAsync(current, cancellation);
            var inUse = backend.SlotOf(current);
            var proof = await backend.ProveAsync(current, cancellation);
            var named = await NamedSlots.ReadAsync(backend, kept, secret.Path, inUse, seen.Grace, cancellation);
            return
            [
                CheckResult.Pass(
                    Area, "backend-reached",
                    $"{secret.Name}: {place} answers as {state.Server}, and can be changed. It has "
                        + $"{string.Join(", ", state.Slots.Select(slot => $"{slot.Id} ({Word(slot, inUse, named)})"))}."),
                Accepted(secret, inUse, proof),
                .. state.Slots.Where(slot => !named.Contains(slot.Id)).Select(slot => Stranger(secret, slot, seen)).OfType<CheckResult>(),
                .. OtherWay(secret),
            ];
        }
        catch (Exception failure) when (failure is RemoteFailureException or SecretContentException or UsageException)
        {
            return [Refused(secret, FailureMessages.Of(failure))];
        }
    }

    private CheckResult Refused(ManagedSecret secret, Failure failure) => CheckResult.Fail(
        Area, "backend-reached", $"{secret.Name}: {failure.Message}", "It can't be rotated so.",
        failure.Hint ?? "Fix what it says, and run doctor again.") with
    { Secret = secret, Failure = failure };

    private CheckResult Accepted(ManagedSecret secret, SlotId inUse, Proof proof) => proof.Acceptance switch
    {
        Acceptance.Accepted => CheckResult.Pass(
            Area, "credential-accepted", $"{secret.Name}: {secret.Backend!.Place} accepts the current value, {inUse}."),
        Acceptance.Refused => CheckResult.Fail(
            Area, "credential-accepted", $"{secret.Name}: {secret.Backend!.Place} refuses the current value, {inUse}.",
            "Whoever uses it is locked out, or it is the wrong backend. A rotation is blocked unless it is forced.",
            $"Write the value that works into the vault, or: secret-rotator rotate --force {secret.Name} --reason TEXT") with
        { Secret = secret, Failure = proof.Why },
        _ => CheckResult.Unknown(
            Area, "credential-accepted",
            $"{secret.Name}: whether {secret.Backend!.Place} accepts the current value, {inUse}, isn't known: {proof.Why?.Message}",
            "A rotation stops before it changes anything while that isn't known.") with
        { Fix = proof.Why?.Hint, Secret = secret, Failure = proof.Why },
    };

    private static string Word(Slot slot, SlotId inUse, HashSet<SlotId> named) =>
        slot.Id == inUse ? "in use" : !slot.Enabled ? "disabled" : named.Contains(slot.Id) ? "in grace" : "named by no version";

    private CheckResult? Stranger(ManagedSecret secret, Slot slot, SecretDescription seen)
    {
        var issued = secret.Backend!.Traits.Family == BackendFamily.Issue;
        // A user that is idle is there before it has a value, and an open rotation may be setting one.
        if (!issued && (!slot.Enabled || seen.Open is not null))
            return null;
        var observed = $"{secret.Name}: {secret.Backend.Place} has a credential that no version of the secret names: {slot.Id}"
            + (slot.MadeBy is { } by ? $", made by rotation {by}" : "")
            + (slot.UsedAt is { } used ? $", last used {HumanText.Time(used)}." : ".");
        var result = issued
            ? CheckResult.Fail(
                Area, "unknown-credential", observed,
                "Its value is kept somewhere else, and no rotation ends it. The next rotation is blocked.",
                "Find out who uses it; then delete it there, or write it into the vault as the current version.")
            : CheckResult.Warn(
                Area, "unknown-credential", observed,
                "Its value is kept somewhere else, and no rotation ends it. A user that takes turns gets a new one with the next rotation.",
                "Find out who uses it; then disable or delete it there.");
        return result with { Secret = secret };
    }

    // What needs no stored credential needs no rotation.
    private IEnumerable<CheckResult> OtherWay(ManagedSecret secret)
    {
        if (secret.Backend!.KeylessWay is not { } way)
            yield break;
        yield return CheckResult.Warn(
            Area, "keyless-instead", $"{secret.Name} is a long-lived credential of {secret.Backend.Product}.",
            "A pipeline's step has an OIDC token of its own: what trusts that needs no stored credential, and no rotation.", way) with
        { Secret = secret };
    }
}
