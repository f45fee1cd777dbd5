using NodaTime.Testing;

namespace SecretRotator.Tests.Models;

/// <summary>Leases for claims of tests that are about something else.</summary>
internal static class Leases
{
    /// <summary>One that never ends.</summary>
    public static Lease Endless => new(new FakeClock(Instant.MinValue), Instant.MaxValue);
}
