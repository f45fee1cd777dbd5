namespace SecretRotator.Rotation;

/// <summary>How many rotations may be at work at once. One that waits for others gives its place up meanwhile.</summary>
internal sealed class ConcurrencyGate(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    public Task EnterAsync(CancellationToken cancellation) => _free.WaitAsync(cancellation);

    public void Leave() => _free.Release();

    /// <summary>Gives the place up while <paramref name="wait"/> runs; holds it again on return, whatever happened.</summary>
    public async Task<T> StepAsideAsync<T>(Func<Task<T>> wait)
    {
        Leave();
        try
        {
            return await wait().ConfigureAwait(false);
        }
        finally
        {
            // Not cancellable: the caller still has work to do in its place, if only to undo.
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _free.Dispose();
}
