using NodaTime;

namespace SecretRotator.Inventory;

/// <summary>A secret rotates while no pipeline runs that may use it.</summary>
/// <param name="Limit">Once it has been due for so long, it rotates even while pipelines run: else a busy repository would keep its secret
/// forever.</param>
public sealed record IdleWait(Duration Limit);
