namespace SecretRotator.Providers.Http;

/// <summary>The failed tries of one call.</summary>
internal sealed class Tries
{
    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them were throttled.</summary>
    public int Throttled { get; private set; }

    /// <summary>From the beginning of the first one to the end of the last one.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>
    /// Whether one that was repeated may have had its effect, or may have it yet: a gateway that answers 502 or 504 for a service
    /// takes nothing back of what it has passed on.
    /// </summary>
    public bool MayHaveHappened { get; set; }

    /// <summary>Counts one.</summary>
    public void Add(JudgedTry failed, TimeSpan length)
    {
        Count++;
        Throttled += failed.Next == NextTry.Throttled ? 1 : 0;
        Length = length;
    }
}
