using System.Collections.Concurrent;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Claims as plain variables of the tool's home repository, such as <c>SECRET_ROTATOR_CLAIM_…</c>.</summary>
internal sealed class BitbucketLockStore(
    VariableScope.Repository home, IBitbucketApi api, BitbucketCalls calls) : ILockStore, IDisposable
{
    // A variable that was made a moment ago may be missing from a listing for some seconds.
    private const int Looks = 4;

    // One whose answer is missing and that is nowhere to be seen is repeated once.
    private const int Posts = 2;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    // The claims, by their uuids, with an earlier post that had no answer: it may land after the claim is removed.
    private readonly ConcurrentDictionary<string, (string Key, string Value)> _mayComeBack = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, PostedClaim>? _claims;

    private string ClaimsAddress => VariableAddresses.OfVariables(home);

    /// <inheritdoc />
    public string Home => $"{home.WorkspaceSlug}/{home.Slug}";

    /// <summary>A POST, a GET to be sure, and a DELETE.</summary>
    public int Calls => 3;

    /// <inheritdoc />
    public async Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation)
    {
        if (_claims is null)
        {
            await _oneAtATime.WaitAsync(cancellation);
            try
            {
                _claims ??= await ListAsync(finishing: false, cancellation);
            }
            finally
            {
                _oneAtATime.Release();
            }
        }
        return _claims.GetValueOrDefault(key);
    }

    /// <inheritdoc />
    public async Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation)
    {
        var value = text.Format();
        var call = new BitbucketCall(CallNature.Once, $"post the claim {key} in {home}", home);
        RemoteFailureException? unanswered = null;
        for (var post = 1; ; post++)
        {
            VariableEntry created;
            try
            {
                created = await calls.RunAsync(
                    call, () => VariableContent.Plain(key, value),
                    async (content, token) => BitbucketVariables.Named(await api.CreateVariableAsync(ClaimsAddress, content, token)),
                    cancellation);
            }
            catch (RemoteFailureException failure)
                when (failure.Kind == FailureKind.Conflict || failure.Effect == Effect.Unknown || unanswered is not null)
            {
                // 409 says that a claim exists, not whose; a missing answer says nothing. A listing says both.
                if (failure.Effect == Effect.Unknown)
                    unanswered ??= failure;
                if (await LookAsync(key, value, unanswered, cancellation) is { } posted)
                    return posted;
                if (unanswered is null)
                    throw Unseen(key, failure);
                if (post == Posts)
                    throw MayExist(key, unanswered, unanswered);
                // Keys are unique: a first one that takes effect late is the second one's 409, or finds the key taken.
                continue;
            }

            var result = await ReadBackAsync(key, value, created, cancellation);
            if (unanswered is not null)
                _mayComeBack[result.Standing.Uuid] = (key, value);
            return result;
        }
    }

    /// <inheritdoc />
    public async Task RemoveAsync(string uuid, Lease? lease, CancellationToken cancellation)
    {
        var call =
            new BitbucketCall(CallNature.Repeatable, $"take the claim {Name(uuid)} off {home}", home, Finishing: true) { Lease = lease };
        await calls.DeleteAsync(call, token => api.DeleteAsync($"{ClaimsAddress}/{BitbucketUuid.InPath(uuid)}", token), cancellation);
        Note(claims => claims.RemoveRange(claims.Where(c => c.Value.Uuid == uuid).Select(c => c.Key)));
        if (_mayComeBack.TryRemove(uuid, out var posted)
            && (await ListAsync(finishing: true, cancellation)).TryGetValue(posted.Key, out var back)
            && back.Text?.Format() == posted.Value)
            await RemoveAsync(back.Uuid, lease, cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _oneAtATime.Dispose();

    private async Task<PostResult> ReadBackAsync(string key, string value, VariableEntry created, CancellationToken cancellation)
    {
        var uuid = BitbucketUuid.Normal(created.Uuid)!;
        var call = new BitbucketCall(CallNature.Read, $"read the claim {key} of {home} again", home, Finishing: true);
        try
        {
            return Posted(key, value, Claim(await PolledAsync(call, key, uuid, cancellation)));
        }
        catch (RemoteFailureException unread)
        {
            // The claim is known to be ours, and without a second look it can't be relied on: take it back.
            try
            {
                await RemoveAsync(uuid, null, cancellation);
            }
            catch (RemoteFailureException)
            {
                throw new RemoteFailureException(unread.Failure with
                {
                    Effect = Effect.Unknown,
                    Hint = $"The claim {key} still exists in {home}; it lapses with its time limit, or delete that variable.",
                });
            }
            throw;
        }
    }

    private async Task<ClaimEntry> PolledAsync(BitbucketCall call, string key, string uuid, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                return await calls.RunAsync(
                    call,
                    async token => Checked(await api.GetClaimAsync(ClaimsAddress, BitbucketUuid.InPath(uuid), token), uuid, key),
                    cancellation);
            }
            catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound && look < Looks)
            {
                await calls.PauseAsync(look, cancellation);
            }
        }
    }

    // A look that fails after a post without an answer leaves that post what it is: unknown.
    private async Task<PostResult?> LookAsync(string key, string value, RemoteFailureException? unanswered, CancellationToken cancellation)
    {
        for (var look = 1; look <= Looks; look++)
        {
            if (look > 1)
                await calls.PauseAsync(look, cancellation);
            try
            {
                var claims = await ListAsync(finishing: true, cancellation);
                if (claims.TryGetValue(key, out var posted))
                    return Posted(key, value, posted);
            }
            catch (RemoteFailureException failure) when (unanswered is not null)
            {
                throw MayExist(key, failure, unanswered);
            }
        }
        return null;
    }

    private RemoteFailureException MayExist(string key, RemoteFailureException told, RemoteFailureException unanswered) => new(
        unanswered.Failure with
        {
            Effect = Effect.Unknown,
            Message = told == unanswered
                ? unanswered.Message
                : $"{unanswered.Message} Whether it took effect can't be seen: {told.Message}",
            Hint = $"The claim {key} may exist in {home}. The next run takes it over once this one has ended; or delete that variable.",
        },
        unanswered.InnerException);

    private PostResult Posted(string key, string value, PostedClaim posted)
    {
        Note(claims => claims.SetItem(key, posted));
        return new(posted.Text?.Format() == value, posted);
    }

    private async Task<ImmutableDictionary<string, PostedClaim>> ListAsync(bool finishing, CancellationToken cancellation)
    {
        var call = new BitbucketCall(CallNature.Read, $"list the claims in {home}", home, finishing);
        var entries = await new PagedListing<ClaimEntry>(
            calls, call, api.ListClaimsAsync, ClaimsAddress, e => BitbucketUuid.Normal(e.Uuid)).ReadAsync(cancellation);
        var claims = ImmutableDictionary.CreateBuilder<string, PostedClaim>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            if (entry.Key is null || !claims.TryAdd(entry.Key, Claim(entry)))
                throw call.Incomplete("a variable has no key of its own");
        }
        return claims.ToImmutable();
    }

    private void Note(Func<ImmutableDictionary<string, PostedClaim>, ImmutableDictionary<string, PostedClaim>> change) =>
        ImmutableInterlocked.Update(ref _claims, claims => claims is null ? null : change(claims));

    private string Name(string uuid) => _claims?.FirstOrDefault(c => c.Value.Uuid == uuid).Key ?? uuid;

    private RemoteFailureException Unseen(string key, RemoteFailureException failure) => failure.Kind == FailureKind.Conflict
        ? new(failure.Failure with
        {
            Effect = Effect.Rejected,
            Message = $"Bitbucket says that the claim {key} exists in {home} already, and doesn't list it: it was probably taken away a "
                    + "moment ago.",
            Hint = "Run again.",
        })
        : failure;

    private static PostedClaim Claim(ClaimEntry entry) => new(BitbucketUuid.Normal(entry.Uuid) ?? "", ClaimText.Parse(entry.Value));

    // A claim that is read under another uuid could never be released.
    private static ClaimEntry Checked(ClaimEntry? entry, string uuid, string key) =>
        BitbucketUuid.Normal(entry?.Uuid) == uuid && string.Equals(entry!.Key, key, StringComparison.OrdinalIgnoreCase)
            ? entry
            : throw new GarbledAnswer("it is about another variable");
}
