using System.Collections.Concurrent;

namespace SecretRotator.Tests.Models;

/// <summary>
/// One machine's board over the shared variables. Like the real one it lists once for the whole run, and knows of
/// later changes only what it did itself.
/// </summary>
internal sealed class InMemoryLockStore(ClaimVariables home) : ILockStore
{
    private const int DeleteTries = 2;

    private readonly ConcurrentDictionary<string, PostedClaim?> _own = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private Task<Dictionary<string, PostedClaim>>? _listing;

    public string Home => "acme/secret-rotator";

    /// <summary>Post, read again, delete.</summary>
    public int Calls => 3;

    public async Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Task<Dictionary<string, PostedClaim>> listing;
        lock (_gate)
            listing = _listing is null or { IsFaulted: true } ? _listing = home.ListAsync() : _listing;
        var listed = await listing;
        return _own.TryGetValue(key, out var own) ? own : listed.GetValueOrDefault(key);
    }

    public async Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            await home.PostAsync(key, text.Format());
        }
        catch (RemoteFailureException e) when (e.Effect == Effect.Unknown)
        {
            // Reading it again tells.
        }

        var standing = await home.GetAsync(key)
            ?? throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, $"The claim {key} vanished.");
        _own[key] = standing;
        return new PostResult(standing.Text == text, standing);
    }

    public async Task RemoveAsync(string uuid, Lease? lease, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        for (var attempt = 1; ; attempt++)
        {
            lease?.ThrowIfOver();
            try
            {
                await home.DeleteAsync(uuid);
                break;
            }
            catch (RemoteFailureException e) when (e.Kind == FailureKind.Unavailable && attempt < DeleteTries)
            {
                // Deleting may be repeated.
            }
        }

        foreach (var (key, _) in _own.Where(own => own.Value?.Uuid == uuid).ToList())
            _own[key] = null;
        if (_listing is { } listing)
        {
            foreach (var (key, _) in (await listing).Where(listed => listed.Value.Uuid == uuid))
                _own.TryAdd(key, null);
        }
    }
}
