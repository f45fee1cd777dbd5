using NodaTime;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>The older version that a rollback brings back, and the hold that keeps it.</summary>
/// <param name="Version">The version whose value is wanted.</param>
/// <param name="HeldUntil">Until when no run gives the secret a new value.</param>
/// <param name="Reason">Why, as the mark takes it.</param>
internal sealed record Restoration(VersionId Version, Instant HeldUntil, string Reason);
