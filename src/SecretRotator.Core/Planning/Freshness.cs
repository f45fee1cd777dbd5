using NodaTime;
using SecretRotator.Inventory;

namespace SecretRotator.Planning;

/// <summary>Tells when a value becomes due.</summary>
public static class Freshness
{
    /// <summary>
    /// <see cref="ManagedSecret.RotateEvery"/> after the value came to be, added in UTC: a month after 31 January is
    /// the last day of February, a year after 29 February is 28 February. Never before the minimum interval has passed.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <param name="valueSince">When its value came to be.</param>
    /// <param name="limits">The inventory's limits.</param>
    public static Instant DueAt(ManagedSecret secret, Instant valueSince, RunLimits limits)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(limits);
        var byAge = (valueSince.InUtc().LocalDateTime + secret.RotateEvery).InUtc().ToInstant();
        return Instant.Max(byAge, valueSince + limits.MinimumInterval);
    }
}
