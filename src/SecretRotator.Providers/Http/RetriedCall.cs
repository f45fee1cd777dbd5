namespace SecretRotator.Providers.Http;

/// <summary>A call that may be tried more than once, see <see cref="Retry"/>.</summary>
/// <param name="IsIdempotent">
/// Whether doing it twice is as good as once. A call that isn't is repeated only when it is certain that nothing was done.
/// </param>
/// <param name="Judge">What an exception of a try means; null for a mistake in this program, which goes its way.</param>
internal sealed record RetriedCall(bool IsIdempotent, Func<Exception, JudgedTry?> Judge)
{
    /// <summary>Asked before every try, or null.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Waits before every try until the service's budget allows it, and for the end of a rest after throttling; or null.</summary>
    public Func<CancellationToken, Task>? Admit { get; init; }

    /// <summary>What the tries have come to so far.</summary>
    public Tries Tries { get; init; } = new();
}
