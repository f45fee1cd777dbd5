using SecretRotator.Attestations;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;
using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>What a rotation works with.</summary>
/// <param name="Vaults">The vault of a name.</param>
/// <param name="Variables">Reads and writes Bitbucket variables.</param>
/// <param name="Pipelines">Runs pipelines that prove what they see.</param>
/// <param name="Holders">Determines whether the holder of a claim is alive.</param>
/// <param name="Evidence">Where everything is recorded.</param>
/// <param name="Self">Who this run is, for its claims.</param>
/// <param name="Clock">The time.</param>
/// <param name="Time">Waits and time limits.</param>
/// <param name="Random">Where values and ids come from.</param>
public sealed record RotationTools(
    Func<string, ISecretVault> Vaults,
    IVariableStore Variables,
    IPipelines Pipelines,
    IHolders Holders,
    IEvidenceLog Evidence,
    Holder Self,
    IClock Clock,
    TimeProvider Time,
    IRandomSource Random)
{
    /// <summary>Lists the pipelines that run; without it what runs is unknown, and everything that depends on it is blocked.</summary>
    public IPipelineReader? InFlight { get; init; }

    /// <summary>The system that accepts a secret's value; null where the secret has none.</summary>
    public Func<ManagedSecret, ICredentialBackend?> Backends { get; init; } = static _ => null;

    /// <summary>How many rotations are at work at once, at least 1.</summary>
    public int Parallelism { get; init; } = 8;

    /// <summary>How long an undo may take, whatever started it.</summary>
    public Duration UndoLimit { get; init; } = Duration.FromMinutes(5);

    /// <summary>How long a vault's own rotation may take.</summary>
    public Duration VaultRotationLimit { get; init; } = Duration.FromMinutes(5);

    /// <summary>How long a pipeline that proves what it sees is left alone before it is asked how far it is.</summary>
    public Duration FirstLook { get; init; } = Duration.FromSeconds(5);

    /// <summary>The tool's version, for evidence.</summary>
    public string Version { get; init; } = "";

    /// <summary>The run's identity, for evidence.</summary>
    public RunId Run { get; init; } = RunId.None;

    /// <summary>Who asked for the run, for evidence.</summary>
    public string By { get; init; } = "";

    /// <summary>Awaited after the run's first record and before anything else. What it throws stops the run: nothing was done.</summary>
    public Func<CancellationToken, Task> OnBegun { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Told when a run waits for calls before it goes on: how many secrets are left, and when it goes on.</summary>
    public Action<int, Instant> OnPause { get; init; } = static (_, _) => { };

    /// <summary>When the run began, which is when the runs before were looked for; null for when its first record is written.</summary>
    public Instant? BeganAt { get; init; }

    /// <summary>The runs before, for evidence.</summary>
    public ChainEnds Before { get; init; } = ChainEnds.None;
}
