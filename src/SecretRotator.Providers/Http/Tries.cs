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

    /// <summary>
    /// The failure of the whole call, where its last try failed so. Of a service that is busy it tells how long it was tried; and it is
    /// not known to have had no effect where an earlier try may have had one.
    /// </summary>
    public RemoteFailureException Tell(RemoteFailureException last)
    {
        var told = last.Kind == FailureKind.Throttled && Count > 1
            ? last.Telling($"{last.Message.TrimEnd('.')}, {TriedText.Of(Count, Length)}.")
            : last;
        return MayHaveHappened ? told.With(Effect.Unknown) : told;
    }
}

/// <summary>Says how long something was tried without success.</summary>
internal static class TriedText
{
    /// <summary>How often and for how long, such as <c>after 8 tries in 2 min 5 s</c>.</summary>
    /// <param name="tries">How often, at least 2.</param>
    /// <param name="length">From the first try to the end of the last one.</param>
    public static string Of(int tries, TimeSpan length)
    {
        var seconds = (long)Math.Round(length.TotalSeconds);
        return $"after {tries} tries in {(seconds < 60 ? "" : $"{seconds / 60} min ")}{seconds % 60} s";
    }
}
