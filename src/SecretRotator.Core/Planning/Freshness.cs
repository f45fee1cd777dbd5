namespace SecretRotator.Planning;

/// <summary>Determines when a value becomes due.</summary>
public static class Freshness
{
    /// <summary>
    /// <see cref="ManagedSecret.RotateEvery"/> after the value was created, added in UTC: a month after 31 January is
    /// the last day of February, a year after 29 February is 28 February. Never before the minimum interval has passed. What a person
    /// renews and has a known end is due when they have to be reminded of that, whatever its age.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <param name="valueSince">When its value was created.</param>
    /// <param name="limits">The inventory's limits.</param>
    public static Instant DueAt(ManagedSecret secret, Instant valueSince, RunLimits limits)
    {
        var byAge = (valueSince.InUtc().LocalDateTime + secret.RotateEvery).InUtc().ToInstant();
        return secret.Value is ValuePolicy.External { EndsAt: { } end, Notice: var notice }
            ? end - notice
            : Instant.Max(byAge, valueSince + limits.MinimumInterval);
    }

    /// <summary>
    /// When the value that the vault gives its readers was created, as far as it is known: the delivered value's age is the
    /// vault's only where both are the same, and a date in the future says nothing.
    /// </summary>
    /// <param name="seen">What was seen of the secret, or null where it was not observed.</param>
    /// <param name="now">The time.</param>
    internal static Instant? KnownSince(SecretObservation? seen, Instant now) =>
        seen is SecretObservation.Described { Description: { Delivered: { } delivered } description }
            && delivered.Version == description.Current && delivered.ValueSince <= now + DecisionRules.ClockTolerance
            ? delivered.ValueSince
            : null;
}
