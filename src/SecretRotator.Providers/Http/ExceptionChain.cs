namespace SecretRotator.Providers.Http;

/// <summary>An exception with its causes.</summary>
internal static class ExceptionChain
{
    /// <summary>The exception, what caused it, and so on; nothing for null.</summary>
    public static IEnumerable<Exception> Of(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
