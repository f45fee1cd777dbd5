using NodaTime;

namespace SecretRotator.Inventory;

/// <summary>The inventory's word that a secret gets no new value for a while.</summary>
/// <param name="Until">The first instant at which it may rotate again.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record HoldPolicy(Instant Until, string Reason);
