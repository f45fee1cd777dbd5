using System.Collections.Frozen;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.World;

/// <summary>What becomes of a request.</summary>
internal enum Fate
{
    /// <summary>It takes effect, and the answer comes.</summary>
    Works,

    /// <summary>The service says that it is busy, and does nothing (429, throttling).</summary>
    Busy,

    /// <summary>The service refuses for good, and does nothing (403).</summary>
    Denied,

    /// <summary>It takes effect, and the connection drops before the answer.</summary>
    Lost,

    /// <summary>The connection drops before the request arrives.</summary>
    Dropped,

    /// <summary>No answer comes, and the request takes effect long after its sender gave up.</summary>
    Late,

    /// <summary>A gateway answers 504 in the service's place, and the request takes effect later all the same.</summary>
    Held,

    /// <summary>The sender dies before the request leaves.</summary>
    DiesBefore,

    /// <summary>It takes effect, and the sender dies before the answer.</summary>
    DiesAfter,
}

/// <summary>A fate, and how long it takes.</summary>
/// <param name="Fate">What becomes of the request.</param>
/// <param name="There">From the sender to its effect.</param>
/// <param name="Back">From the effect to the sender.</param>
internal sealed record Treatment(Fate Fate, Duration There, Duration Back)
{
    /// <summary>How long a service or a network may hold a request that its sender gave up: longer than any time-out of the product,
    /// shorter than <c>limits.minimum-interval</c>, which is there for this.</summary>
    public static readonly Duration LongestDelay = Duration.FromMinutes(8);

    /// <summary>How long a request is held that takes effect after its sender was answered, or gave up.</summary>
    public Duration Hold { get; init; } = LongestDelay;
}

/// <summary>One request, as fates choose by it.</summary>
/// <param name="From">Who sends it.</param>
/// <param name="Service"><c>bitbucket</c>, <c>backend</c>, or the service of a vault.</param>
/// <param name="Operation">In the words of the sandbox's faults, such as <c>put</c> or <c>UpdateSecretVersionStage</c>.</param>
/// <param name="Resource">Such as <c>payments-api:DB_PASSWORD</c>.</param>
internal sealed record Request(Machine From, string Service, string Operation, string Resource)
{
    private static readonly FrozenSet<(string Service, string Operation)> Reads =
        VaultWorlds.All.SelectMany(world => world.Reads, (world, operation) => (world.Service, operation)).ToFrozenSet();

    /// <summary>Whether it could change anything.</summary>
    public bool Writes =>
        Operation is not ("list" or "get" or "get-key-pair" or "environments" or "pipeline" or "inspect" or "prove")
            && !Reads.Contains((Service, Operation));

    /// <summary>The longest after which it takes effect, where its service has a limit; null where only the treatment has one.</summary>
    public Duration? Settles { get; init; }

    /// <summary>When its sender looked which version is current, where that was the last thing before it; or null.</summary>
    public Instant? Looked { get; set; }

    /// <summary>Its number among the requests of its sender's run, from 1.</summary>
    public int Number { get; set; }

    public override string ToString() => $"{Service}.{Operation}@{Resource}";
}
