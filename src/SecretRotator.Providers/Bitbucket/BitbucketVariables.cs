using System.Collections.Concurrent;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Variables of all scopes in Bitbucket Cloud.</summary>
internal sealed class BitbucketVariables(IBitbucketApi api, VariableAddresses addresses, BitbucketCalls calls) : IVariableStore
{
    // How often to look for a variable whose creation wasn't answered: a listing may lag behind by some seconds.
    private const int Looks = 3;

    private readonly BitbucketKeyPairs _pairs = new(api, calls);
    private readonly ConcurrentDictionary<VariableScope, ImmutableArray<ObservedVariable>> _lastSeen = new();
    private readonly ConcurrentDictionary<VariableScope, bool> _writtenSinceListed = new();
    private readonly ConcurrentDictionary<(VariableScope Scope, string Uuid), bool> _written = new();
    private Lease? _lease;

    /// <inheritdoc />
    public IVariableStore Under(Lease lease)
    {
        // What was seen and written is the same for both.
        var under = (BitbucketVariables)MemberwiseClone();
        under._lease = lease;
        return under;
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation)
    {
        // The first listing after a write verifies it, or its undo.
        var verifies = _writtenSinceListed.TryRemove(scope, out _);
        if (scope is VariableScope.SshKeyPair pair)
            return await _pairs.ListAsync(pair, new(CallNature.Read, $"read the SSH key pair of {scope}", scope, verifies), cancellation);
        var address = await addresses.OfAsync(scope, cancellation);
        var call = new BitbucketCall(CallNature.Read, $"list the variables of {scope}", scope, verifies);
        var listing = new PagedListing<VariableEntry>(calls, call, api.ListVariablesAsync, address, e => BitbucketUuid.Normal(e.Uuid));
        var entries = await listing.ReadAsync(cancellation);
        if (entries.Any(e => string.IsNullOrEmpty(e.Key)))
            throw call.Incomplete("a variable has no key");
        return _lastSeen[scope] = [.. entries.Select(Observed)];
    }

    /// <inheritdoc />
    public async Task<PutEnd> PutAsync(VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation)
    {
        if (scope is VariableScope.SshKeyPair pair)
            return (await PutPairAsync(pair, value, cancellation)).End;
        var address = await addresses.OfAsync(scope, cancellation);
        // A second write to the same variable is its undo.
        var call = Change(scope, $"change the variable {scope}:{variable.Key}", value, finishing: !Touch(scope, variable.Uuid));
        var tries = new Tries();
        var entry = await calls.RunAsync(
            call, () => VariableContent.Secured(scope, variable.Key, value),
            async (content, token) => Checked(await api.PutVariableAsync(address, BitbucketUuid.InPath(variable.Uuid), content, token)),
            cancellation, tries);

        if (BitbucketUuid.Normal(entry.Uuid) != variable.Uuid
            || !string.Equals(entry.Key, variable.Key, StringComparison.OrdinalIgnoreCase))
        {
            throw new RemoteFailureException(
                FailureKind.Garbled,
                Effect.Unknown,
                $"Bitbucket was asked to change the variable {scope}:{variable.Key}, and answered that it changed another one.",
                "List the variables in Bitbucket's settings and compare.").At(BitbucketCall.Service, scope.ToString());
        }
        if (entry.Secured is not true)
            throw Unsecured(scope, variable.Key);
        return tries.MayHaveHappened ? PutEnd.MayLandAgain : PutEnd.Settled;
    }

    /// <inheritdoc />
    public async Task<CreatedVariable> CreateAsync(VariableScope scope, string key, SecretValue value, CancellationToken cancellation)
    {
        if (scope is VariableScope.SshKeyPair pair)
            return await PutPairAsync(pair, value, cancellation);
        var address = await addresses.OfAsync(scope, cancellation);
        var before = _lastSeen.TryGetValue(scope, out var seen) ? seen : await ListAsync(scope, cancellation);
        var call = Change(scope, $"create the variable {scope}:{key}", value, finishing: false) with { Nature = CallNature.Once };

        var (created, end) = await CreateOrFindAsync(scope, key, value, before, call, address, cancellation);
        Touch(scope, created.Uuid);
        return created.Secured ? new(created, end) : throw Unsecured(scope, key);
    }

    /// <inheritdoc />
    public async Task DeleteAsync(VariableScope scope, string uuid, CancellationToken cancellation)
    {
        if (scope is VariableScope.SshKeyPair pair)
        {
            _writtenSinceListed[scope] = true;
            await _pairs.DeleteAsync(
                pair, Change(scope, $"delete the SSH key pair of {scope}", sent: null, finishing: true), cancellation);
            return;
        }

        var address = await addresses.OfAsync(scope, cancellation);
        var name = _lastSeen.TryGetValue(scope, out var seen) ? seen.FirstOrDefault(v => v.Uuid == uuid)?.Key : null;
        var call = Change(scope, $"delete the variable {scope}:{name ?? uuid}", sent: null, finishing: true);
        _writtenSinceListed[scope] = true;
        await calls.DeleteAsync(call, token => api.DeleteAsync($"{address}/{BitbucketUuid.InPath(uuid)}", token), cancellation);
    }

    private Task<CreatedVariable> PutPairAsync(VariableScope.SshKeyPair scope, SecretValue value, CancellationToken cancellation) =>
        _pairs.PutAsync(
            scope,
            Change(scope, $"change the SSH key pair of {scope}", value, finishing: !Touch(scope, VariableScope.SshKeyPair.Key)),
            value,
            cancellation);

    // A POST whose answer is missing may have made the variable. It is looked for, and only when it is nowhere to be
    // seen the POST is repeated, once: if the first one takes effect late, the second one is answered with 409. What is found
    // may as well be someone else's, or what an earlier POST of another value made: a PUT sets what it holds.
    private async Task<(ObservedVariable Created, PutEnd End)> CreateOrFindAsync(
        VariableScope scope,
        string key,
        SecretValue value,
        ImmutableArray<ObservedVariable> before,
        BitbucketCall call,
        string address,
        CancellationToken cancellation)
    {
        RemoteFailureException? unanswered = null;
        for (var post = 1; post <= 2; post++)
        {
            try
            {
                var created = await calls.RunAsync(
                    call, () => VariableContent.Secured(scope, key, value),
                    async (content, token) => Observed(Checked(await api.CreateVariableAsync(address, content, token))), cancellation);
                return (created, unanswered is null ? PutEnd.Settled : PutEnd.MayLandAgain);
            }
            catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown || unanswered is not null)
            {
                unanswered ??= failure;
            }
            if (await FindAsync(scope, key, before, cancellation) is { } found)
            {
                await PutFoundAsync(scope, found, value, cancellation);
                return (found with { Secured = true }, PutEnd.MayLandAgain);
            }
        }
        throw unanswered!;
    }

    private async Task PutFoundAsync(VariableScope scope, ObservedVariable found, SecretValue value, CancellationToken cancellation)
    {
        try
        {
            await PutAsync(scope, found, value, cancellation);
        }
        catch (RemoteFailureException refused)
        {
            throw refused.With(Effect.Unknown);
        }
    }

    private async Task<ObservedVariable?> FindAsync(
        VariableScope scope, string key, ImmutableArray<ObservedVariable> before, CancellationToken cancellation)
    {
        var pause = calls.Patience.FirstPause;
        for (var look = 1; look <= Looks; look++)
        {
            if (look > 1)
            {
                await Task.Delay(pause, calls.Time, cancellation);
                pause *= 3;
            }
            try
            {
                _writtenSinceListed[scope] = true;
                var now = await ListAsync(scope, cancellation);
                if (now.FirstOrDefault(
                    v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase) && before.All(b => b.Uuid != v.Uuid)) is { } found)
                    return found;
            }
            catch (RemoteFailureException)
            {
                // What isn't seen isn't known: the creation stays unanswered.
            }
        }
        return null;
    }

    /// <summary>The variable that an answer is about.</summary>
    /// <exception cref="GarbledAnswer">It names none.</exception>
    internal static VariableEntry Named(VariableEntry? entry) =>
        entry is not null && BitbucketUuid.Normal(entry.Uuid) is not null ? entry : throw new GarbledAnswer("it names no variable");

    private BitbucketCall Change(VariableScope scope, string doing, SecretValue? sent, bool finishing) =>
        new(CallNature.Repeatable, doing, scope, finishing, sent) { Lease = _lease };

    // Whether this is the run's first write to the variable.
    private bool Touch(VariableScope scope, string uuid)
    {
        _writtenSinceListed[scope] = true;
        return _written.TryAdd((scope, uuid), true);
    }

    private static VariableEntry Checked(VariableEntry? entry) =>
        Named(string.IsNullOrEmpty(entry?.Key) ? null : entry);

    private static ObservedVariable Observed(VariableEntry entry) =>
        new(BitbucketUuid.Normal(entry.Uuid)!, entry.Key!, entry.Secured is true);

    private static RemoteFailureException Unsecured(VariableScope scope, string key) => new RemoteFailureException(
        FailureKind.Conflict,
        Effect.Unknown,
        $"Bitbucket took the value of {scope}:{key} and left the variable unsecured: everyone with access to its settings can read it.",
        "Some plain variables refuse to become secured: delete it in Bitbucket's settings, create it again as secured, and rotate this "
            + "secret again.").At(BitbucketCall.Service, scope.ToString());
}
