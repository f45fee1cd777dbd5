using SecretRotator.Backends;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.BackendAccess;

/// <summary>What a test of a backend showed.</summary>
/// <param name="Results">The answers, in the order in which they were asked.</param>
/// <param name="LeftBehind">Whether something that the test changed isn't known to be put back.</param>
internal sealed record BackendTestResult(ImmutableArray<CheckResult> Results, bool LeftBehind);

/// <summary>
/// Asks the backend of one secret what a rotation rests on: that looking changes nothing and that right and wrong credentials are told
/// apart; where writing is allowed also that the idle slot can be set or issued, disabled and enabled. The slot in use is never written to.
/// </summary>
/// <param name="secret">The secret, which has a backend.</param>
/// <param name="vault">Its vault.</param>
/// <param name="backend">The backend.</param>
/// <param name="limits">How long a claim counts.</param>
/// <param name="self">Who holds the claim while the idle slot is written to.</param>
/// <param name="clock">The time of claims.</param>
/// <param name="time">Waits for answers that lag.</param>
/// <param name="random">Where values that are tried come from.</param>
internal sealed class BackendTest(
    ManagedSecret secret, ISecretVault vault, ICredentialBackend backend, RunLimits limits, Holder self, IClock clock, TimeProvider time,
    IRandomSource random)
{
    private static readonly Duration Pause = Duration.FromSeconds(2);

    private readonly ImmutableArray<CheckResult>.Builder _results = ImmutableArray.CreateBuilder<CheckResult>();
    private bool _unanswered;
    private bool _leftBehind;

    private BackendTraits Traits => secret.Backend!.Traits;

    private bool Issues => Traits.Family == BackendFamily.Issue;

    /// <summary>Asks.</summary>
    /// <param name="writes">Whether the idle slot may be written to.</param>
    /// <param name="cancellation">Stops it; what was changed is put back first.</param>
    /// <exception cref="RemoteFailureException">The vault doesn't give the secret.</exception>
    public async Task<BackendTestResult> RunAsync(bool writes, CancellationToken cancellation)
    {
        var seen = await vault.DescribeAsync(secret.Path, cancellation);
        using var current = await vault.ReadAsync(secret.Path, seen.Current, cancellation);
        await TryAsync("backend-reached", () => LookAsync(current.Value, cancellation));
        if (writes && _results.All(result => result.Status == CheckStatus.Pass))
            await TryAsync("idle-slot-written", () => WriteAsync(seen, current.Value, cancellation));
        return new BackendTestResult(_results.ToImmutable(), _leftBehind);
    }

    private async Task LookAsync(SecretValue current, CancellationToken cancellation)
    {
        var inUse = backend.SlotOf(current);
        var before = await backend.InspectAsync(current, cancellation);
        Tell("backend-reached", $"{secret.Backend!.Place} answers as {before.Server}, and can be changed; {inUse} is in use.");
        Judge("current-accepted", "the current value", await backend.ProveAsync(current, cancellation), Acceptance.Accepted);
        await ProveWrongAsync(current, cancellation);
        var after = await backend.InspectAsync(current, cancellation);
        if (Shape(before) == Shape(after))
            Tell("looking-changes-nothing", "It looks the same after that as before.");
        else
            Fail("looking-changes-nothing",
                $"It was {Shape(before)}, and is {Shape(after)}.", "Looking and logging in must change nothing.");
    }

    // Where the backend makes the values, no policy says which field is secret. It is one that a login with another content is refused for.
    private async Task ProveWrongAsync(SecretValue current, CancellationToken cancellation)
    {
        var identity = backend.SlotOf(current);
        Proof? last = null;
        foreach (var wrong in Issues ? Altered(current) : [CandidateValue.Make(secret.Value, current, random)])
        {
            using (wrong)
            {
                if (Issues && !Names(wrong, identity))
                    continue;
                last = await backend.ProveAsync(wrong, cancellation);
            }

            if (last.Acceptance == Acceptance.Refused)
                break;
        }

        Judge("wrong-refused", "a wrong value", last ?? new Proof(Acceptance.Unknown), Acceptance.Refused);
    }

    private IEnumerable<SecretValue> Altered(SecretValue current)
    {
        foreach (var field in JsonSecret.LongestFirst(current))
        {
            using var other = ValueFactory.Generate(new ValueGenerator.Hex(20, WeakBecause: null), random);
            yield return JsonSecret.Replace(current, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [field] = other });
        }
    }

    private bool Names(SecretValue content, SlotId slot)
    {
        try
        {
            return backend.SlotOf(content) == slot;
        }
        catch (SecretContentException)
        {
            return false;
        }
    }

    private async Task WriteAsync(SecretDescription seen, SecretValue current, CancellationToken cancellation)
    {
        if (!Traits.Overlaps)
        {
            Skip("It has one slot (overlap: none), which is in use. Nothing was written.");
            return;
        }

        var now = clock.GetCurrentInstant();
        using var copy = current.Copy();
        var request = new ClaimRequest(RotationId.New(random), seen.Current, self, now, copy, TakeOver: null)
        {
            Lease = Lease.From(now, limits, clock),
            StagesLater = true,
        };
        if (seen.Open is not null || await vault.ClaimAsync(secret.Path, request, cancellation) is not ClaimResult.Won { Claim: var claim })
        {
            Skip("A rotation of it is open. Nothing was written.");
            return;
        }

        try
        {
            var held = await vault.DescribeAsync(secret.Path, CancellationToken.None);
            if (held.Current != seen.Current || held.Grace is not null)
                Skip("The idle slot may be used: an old version is in grace, or another one has become current. Nothing was written.");
            else if (Issues)
                await IssueAsync(request.Rotation, current, cancellation);
            else
                await SetAsync(request.Rotation, current, cancellation);
        }
        finally
        {
            // Nothing else may be written to the slot while something may still land.
            if (_unanswered)
                await Task.Delay(Traits.Settles.ToTimeSpan(), time, CancellationToken.None);
            await vault.DiscardAsync(claim, CancellationToken.None);
        }
    }

    private async Task SetAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        using var generated = CandidateValue.Make(secret.Value, current, random);
        using var staged = backend.Prepare(current, generated);
        var (idle, inUse) = (backend.SlotOf(staged), backend.SlotOf(current));
        if (idle == inUse)
            throw new InvalidOperationException("A backend that overlaps prepares the idle slot.");
        try
        {
            await ChangeAsync(() => backend.SetAsync(rotation, staged, cancellation));
            await ChangeAsync(() => backend.SetAsync(rotation, staged, cancellation));
            await TurnAsync(staged, current, idle, inUse, cancellation);
        }
        finally
        {
            await EndAsync(
                idle, $"{idle} is disabled again; a rotation sets it anew.",
                () => backend.DisableAsync(idle, inUse, CancellationToken.None));
        }
    }

    private async Task IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        var inUse = backend.SlotOf(current);
        SecretValue? issued = null;
        try
        {
            await ChangeAsync(async () => issued = await backend.IssueAsync(rotation, current, cancellation));
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
        {
            _leftBehind = true;
            throw;
        }

        using (issued)
        {
            var slot = backend.SlotOf(issued!);
            try
            {
                await TurnAsync(issued!, current, slot, inUse, cancellation);
            }
            finally
            {
                await EndAsync(slot, $"{slot} is deleted.", () => backend.DeleteAsync(slot, inUse, CancellationToken.None));
            }
        }
    }

    private async Task TurnAsync(SecretValue made, SecretValue current, SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        Judge("new-accepted",
            $"the new value of {slot}", await ProveUntilAsync(Acceptance.Accepted, made, cancellation), Acceptance.Accepted);
        Judge("current-still-accepted", "the current value", await backend.ProveAsync(current, cancellation), Acceptance.Accepted);
        await ChangeAsync(() => backend.DisableAsync(slot, inUse, cancellation));
        await ChangeAsync(() => backend.DisableAsync(slot, inUse, cancellation));
        Judge("disabled-refused", $"{slot}, disabled,", await ProveUntilAsync(Acceptance.Refused, made, cancellation), Acceptance.Refused);
        try
        {
            await ChangeAsync(() => backend.EnableAsync(slot, made, cancellation));
        }
        catch (RemoteFailureException failure) when (Issues && failure.Kind == FailureKind.NotFound)
        {
            Tell("enabled-accepted", "What is disabled here is gone: a rollback can't enable it again.");
            return;
        }

        Judge("enabled-accepted",
            $"{slot}, enabled again,", await ProveUntilAsync(Acceptance.Accepted, made, cancellation), Acceptance.Accepted);
    }

    private async Task EndAsync(SlotId slot, string done, Func<Task> end)
    {
        try
        {
            await ChangeAsync(end);
            Tell("idle-slot-ended", done);
        }
        catch (RemoteFailureException failure)
        {
            _leftBehind = true;
            Fail("idle-slot-ended",
                $"{slot} may still be accepted: {failure.Message}", $"Disable or delete {slot} by hand.", failure.Failure);
        }
    }

    private async Task ChangeAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
        {
            _unanswered = true;
            throw;
        }
    }

    private async Task<Proof> ProveUntilAsync(Acceptance wanted, SecretValue credential, CancellationToken cancellation)
    {
        for (var waited = Duration.Zero; ; waited += Pause)
        {
            var proof = await backend.ProveAsync(credential, cancellation);
            if (proof.Acceptance == wanted || waited >= Traits.Lag)
                return proof;
            await Task.Delay(Pause.ToTimeSpan(), time, cancellation);
        }
    }

    private async Task TryAsync(string id, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception exception) when (exception is RemoteFailureException or SecretContentException or UsageException)
        {
            var failure = FailureMessages.Of(exception);
            Fail(id, failure.Message, failure.Hint ?? "Fix what it says, and test again.", failure);
        }
    }

    private void Judge(string id, string what, Proof proof, Acceptance wanted)
    {
        var observed = $"{secret.Backend!.Place}: {what} is {proof.Acceptance.ToString().ToLowerInvariant()}.";
        if (proof.Acceptance == wanted)
            Tell(id, observed);
        else
            Fail(id, proof.Why is { } why ? $"{observed} {why.Message}" : observed,
                $"It must be {wanted.ToString().ToLowerInvariant()}.", proof.Why);
    }

    private void Tell(string id, string observed) => _results.Add(CheckResult.Pass(CheckArea.Backends, id, observed));

    private void Skip(string observed) => _results.Add(
        CheckResult.Unknown(CheckArea.Backends, "idle-slot-written", observed, "Only the idle slot may be written to by a test."));

    private void Fail(string id, string observed, string fix, Failure? failure = null) =>
        _results.Add(CheckResult.Fail(CheckArea.Backends, id, observed, "A rotation rests on it.", fix) with { Failure = failure });

    private static string Shape(BackendState state) => string.Join(", ", state.Slots
        .Select(slot => $"{slot.Id} {(slot.Enabled ? "enabled" : "disabled")}").Order(StringComparer.Ordinal));
}
