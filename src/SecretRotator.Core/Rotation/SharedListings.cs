using SecretRotator.Bitbucket;

namespace SecretRotator.Rotation;

/// <summary>
/// The verification listings of a run: each touched scope is listed once, after the last rotation of the run that
/// touches it has distributed (promise P7). A rotation that ends early leaves, so that no one waits for it.
/// </summary>
internal sealed class SharedListings(IVariableReader variables)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<VariableScope, Expected> _scopes = [];

    private sealed class Expected
    {
        public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

        public bool IsWanted { get; set; }

        public TaskCompletionSource<ImmutableArray<ObservedVariable>> Listing { get; } = new(
            TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Announces a rotation before any rotation of the run begins.</summary>
    public void Expect(ManagedSecret secret)
    {
        lock (_lock)
        {
            foreach (var scope in secret.Targets.Select(t => t.Scope).Distinct())
            {
                if (!_scopes.TryGetValue(scope, out var expected))
                    _scopes.Add(scope, expected = new Expected());
                expected.Missing.Add(secret.Name);
            }
        }
    }

    /// <summary>The listings of all scopes of a secret, each made after every rotation that touches it has distributed or left.</summary>
    /// <exception cref="RemoteFailureException">A scope could not be listed.</exception>
    public async Task<ImmutableDictionary<VariableScope, ImmutableArray<ObservedVariable>>> AfterDistributionAsync(
        ManagedSecret secret, CancellationToken cancellation)
    {
        var scopes = secret.Targets.Select(t => t.Scope).Distinct().ToImmutableArray();
        Arrive(secret.Name, scopes, wants: true);
        var listings = ImmutableDictionary.CreateBuilder<VariableScope, ImmutableArray<ObservedVariable>>();
        foreach (var scope in scopes)
        {
            Task<ImmutableArray<ObservedVariable>> listing;
            lock (_lock)
                listing = _scopes[scope].Listing.Task;
            listings.Add(scope, await listing.WaitAsync(cancellation).ConfigureAwait(false));
        }

        return listings.ToImmutable();
    }

    /// <summary>Reports that a rotation will not distribute, or no longer needs a listing. May be called at any time, more than
    /// once.</summary>
    public void Leave(ManagedSecret secret) => Arrive(secret.Name, [.. secret.Targets.Select(t => t.Scope).Distinct()], wants: false);

    private void Arrive(string secret, ImmutableArray<VariableScope> scopes, bool wants)
    {
        foreach (var scope in scopes)
        {
            Expected expected;
            lock (_lock)
            {
                if (!_scopes.TryGetValue(scope, out expected!) || !expected.Missing.Remove(secret))
                    continue;
                expected.IsWanted |= wants;
                if (expected.Missing.Count > 0 || !expected.IsWanted)
                    continue;
            }

            _ = ListAsync(scope, expected);
        }
    }

    // Belongs to no single rotation, so no single rotation's cancellation may stop it; the store bounds its time.
    private async Task ListAsync(VariableScope scope, Expected expected)
    {
        try
        {
            expected.Listing.SetResult(await variables.ListAsync(scope, CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            expected.Listing.SetException(failure);
            _ = expected.Listing.Task.Exception;
        }
    }
}
