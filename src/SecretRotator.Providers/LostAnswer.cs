namespace SecretRotator.Providers;

/// <summary>What may be said where a look after a write fails.</summary>
internal static class LostAnswer
{
    /// <summary>Looks after a write: where it may have taken effect and the look fails, its effect is what isn't known.</summary>
    /// <param name="mayHaveHappened">Whether the write may have taken effect.</param>
    /// <param name="look">Looks.</param>
    /// <exception cref="RemoteFailureException">The look failed.</exception>
    public static async Task<T> LookAfterAsync<T>(bool mayHaveHappened, Func<Task<T>> look)
    {
        try
        {
            return await look();
        }
        catch (RemoteFailureException failed) when (mayHaveHappened)
        {
            throw failed.With(Effect.Unknown);
        }
    }
}
