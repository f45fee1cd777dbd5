namespace SecretRotator.Vaults;

/// <summary>The claim has lasted so long that someone else may have taken it over.</summary>
public sealed class LeaseOverException() : Exception(
    "The rotation has lasted so long that its claim may be taken over by someone else (limits.claim-limit), so it stopped.");

/// <summary>
/// How long a holder may act on its claim: a while less than others wait before they take it over. A laptop that slept
/// through its own rotation wakes up to find it over, and changes nothing more: a holder that changes something under a claim
/// asks before every try, and so after every pause.
/// </summary>
/// <param name="clock">This machine's clock.</param>
/// <param name="end">When it is over.</param>
public sealed class Lease(IClock clock, Instant end)
{
    /// <summary>The lease of a claim that is asked for now.</summary>
    public static Lease From(Instant at, RunLimits limits, IClock clock) => new(clock, at + limits.Lease);

    /// <summary>Whether nothing may be changed any more.</summary>
    public bool IsOver => clock.GetCurrentInstant() >= end;

    /// <summary>Stops a holder that would change something too late.</summary>
    /// <exception cref="LeaseOverException">It is over.</exception>
    public void ThrowIfOver()
    {
        if (IsOver)
            throw new LeaseOverException();
    }
}
