namespace SecretRotator.Tests.Models;

/// <summary>The variables of a home repository that claims are kept in, as every machine sees them.</summary>
internal sealed class ClaimVariables
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (string Uuid, string Value)> _variables = new(StringComparer.OrdinalIgnoreCase);
    private int _made;
    private int _calls;

    /// <summary>What befalls the next call of an operation (<c>list</c>, <c>post</c>, <c>get</c>, <c>delete</c>) on a key.</summary>
    public Func<string, string, ClaimTrouble> Trouble { get; set; } = (_, _) => ClaimTrouble.None;

    /// <summary>How many calls were made so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The keys that stand there now.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
                return [.. _variables.Keys];
        }
    }

    /// <summary>Writes a variable past the board, as a person in Bitbucket's own pages would.</summary>
    public void Write(string key, string value)
    {
        lock (_gate)
            _variables[key] = (NewUuid(), value);
    }

    /// <summary>Deletes a variable past the board.</summary>
    public void Erase(string key)
    {
        lock (_gate)
            _variables.Remove(key);
    }

    /// <summary>The whole listing.</summary>
    public async Task<Dictionary<string, PostedClaim>> ListAsync() =>
        await CallAsync(
            "list", "",
            () => _variables.ToDictionary(
                v => v.Key, v => new PostedClaim(v.Value.Uuid, ClaimText.Parse(v.Value.Value)), StringComparer.OrdinalIgnoreCase));

    /// <summary>Creates a variable; false where the key is taken.</summary>
    public async Task<bool> PostAsync(string key, string value) =>
        await CallAsync("post", key, () => _variables.TryAdd(key, (NewUuid(), value)));

    /// <summary>The variable of that key, or null.</summary>
    public async Task<PostedClaim?> GetAsync(string key) =>
        await CallAsync(
            "get", key, () => _variables.TryGetValue(key, out var v) ? new PostedClaim(v.Uuid, ClaimText.Parse(v.Value)) : null);

    /// <summary>Deletes the variable with that uuid; false where there is none.</summary>
    public async Task<bool> DeleteAsync(string uuid)
    {
        var key = Keys.FirstOrDefault(k => Is(k, uuid)) ?? "SECRET_ROTATOR_CLAIM_GONE";
        return await CallAsync("delete", key, () => _variables.TryGetValue(key, out var v) && v.Uuid == uuid && _variables.Remove(key));
    }

    private bool Is(string key, string uuid)
    {
        lock (_gate)
            return _variables.TryGetValue(key, out var v) && v.Uuid == uuid;
    }

    private string NewUuid() => $"22222222-2222-4222-8222-{++_made:x12}";

    private async Task<T> CallAsync<T>(string operation, string key, Func<T> effect)
    {
        await Task.Yield();
        Interlocked.Increment(ref _calls);
        var trouble = Trouble(operation, key);
        if (trouble == ClaimTrouble.Forbidden)
            throw new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, $"Bitbucket refused to {operation} {key}.");
        if (trouble == ClaimTrouble.Unavailable)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, $"Bitbucket could not {operation} {key}.");
        T result;
        lock (_gate)
            result = effect();
        return trouble == ClaimTrouble.Lost
            ? throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"Bitbucket gave no answer to {operation} {key}.")
            : result;
    }
}

/// <summary>What befalls a call.</summary>
internal enum ClaimTrouble
{
    None,
    Forbidden,
    Unavailable,
    Lost,
}
