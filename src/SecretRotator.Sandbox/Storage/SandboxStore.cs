namespace SecretRotator.Sandbox.Storage;

/// <summary>Hands out the state to one user at a time, over all processes that share its folder, and saves what they changed.</summary>
internal sealed class SandboxStore(StateFolder? folder) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private SandboxState? _state;

    /// <summary>
    /// Lets <paramref name="use"/> look at the state and change it. What it changed is saved before this returns,
    /// so that it outlives the process.
    /// </summary>
    /// <param name="use">Answers whether it changed the state, next to its result.</param>
    /// <param name="cancellation">Stops waiting; never interrupts a save.</param>
    /// <exception cref="SandboxFailureException">The folder can't be used.</exception>
    public async Task<T> UseAsync<T>(Func<SandboxState, (T Result, bool Changed)> use, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return folder is null ? UseMemory(use) : await UseFolderAsync(folder, use, cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Looks at the state.</summary>
    public Task<T> ReadAsync<T>(Func<SandboxState, T> read, CancellationToken cancellation = default) =>
        UseAsync(state => (read(state), false), cancellation);

    /// <summary>Changes the state.</summary>
    public Task ChangeAsync(Action<SandboxState> change, CancellationToken cancellation = default) =>
        UseAsync(
            state =>
            {
                change(state);
                return (true, true);
            },
            cancellation);

    /// <summary>Drops the state; the next use finds an empty one.</summary>
    public Task ClearAsync(CancellationToken cancellation = default) =>
        UseAsync(
            _ =>
            {
                folder?.Clear();
                _state = null;
                return (true, false);
            },
            cancellation);

    public void Dispose() => _gate.Dispose();

    private static SandboxState Empty() => new() { Format = SandboxState.CurrentFormat };

    private T UseMemory<T>(Func<SandboxState, (T Result, bool Changed)> use)
    {
        _state ??= Empty();
        var (result, changed) = use(_state);
        if (changed)
            _state!.Revision++;
        return result;
    }

    private async Task<T> UseFolderAsync<T>(
        StateFolder folder, Func<SandboxState, (T Result, bool Changed)> use, CancellationToken cancellation)
    {
        using var held = await folder.LockAsync(cancellation);
        try
        {
            var saved = held.ReadRevision();
            if (_state is null || _state.Revision != saved)
                _state = folder.Load() ?? Empty();
            var (result, changed) = use(_state);
            if (changed)
            {
                _state!.Revision = Math.Max(_state.Revision, saved) + 1;
                held.WriteRevision(_state.Revision);
                folder.Save(_state);
            }

            return result;
        }
        catch
        {
            // What is in memory may be half changed, or not what is in the file.
            _state = null;
            throw;
        }
    }
}
