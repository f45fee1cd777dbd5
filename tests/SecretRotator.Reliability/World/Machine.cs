using SecretRotator.Evidence;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Rotation;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.World;

/// <summary>One process on one machine, with the product's own adapters and clients, over a cloud that it shares with others.</summary>
internal sealed class Machine : IHolders, IEvidenceLog, IDisposable
{
    /// <summary>Every process outside pipelines that runs on this machine can be looked up here.</summary>
    private static readonly Duration UntilBitbucketKnows = Duration.FromSeconds(20);

    private readonly BitbucketConnection _bitbucket;
    private readonly ImmutableDictionary<string, ISecretVault> _vaults;
    private readonly List<EvidenceRecord> _evidence = [];

    /// <summary>Switches a machine on.</summary>
    /// <param name="cloud">What it works on.</param>
    /// <param name="number">Its number, which no other machine of the cloud has.</param>
    /// <param name="inventory">The inventory as this machine has it.</param>
    /// <param name="isPipeline">Whether it is a pipeline, of which Bitbucket knows whether it runs; else a workstation.</param>
    /// <param name="rerunOf">The machine whose step it runs again, in the same pipeline; or null.</param>
    public Machine(Cloud cloud, int number, RotationInventory inventory, bool isPipeline = true, Machine? rerunOf = null)
    {
        Cloud = cloud;
        Number = number;
        Inventory = inventory;
        Parallelism = inventory.Secrets.Length;
        Random = new SeededRandom(SeededRandom.Mix(cloud.Seed, 77, (ulong)number));
        Time = new MachineTime(cloud.Time, this);
        Self = rerunOf is { Self: Holder.Pipeline { Step: { } step } before } ? before with { Step = step with { Run = step.Run + 1 } }
            : isPipeline
            ? new Holder.Pipeline("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number)
            {
                Step =
                new($"22222222-2222-4222-8222-{number:x12}", 1)
            }
            : cloud.Host?.Self(number) ?? new Holder.Process($"{number:x16}", number, number, $"engineer@station-{number}");
        _bitbucket = BitbucketConnection.Create(
            new BitbucketSettings(),
            new BitbucketCredential.AccessToken(SecretValue.FromText(BitbucketAuthentication.AccessToken)),
            inventory.Limits, Time, Time, Random, () => new ModelHandler(this));
        var board = _bitbucket.Claims(inventory.Home);
        _vaults = VaultWorlds.All.ToImmutableDictionary(world => world.Name, world => cloud.Bugs.Of(world.Connect(this, board)));
        if (Self is Holder.Pipeline { Step: { } run } pipeline)
        {
            cloud.Pipelines.RemoveAll(p => p.Uuid == $"{{{pipeline.Uuid}}}");
            cloud.Pipelines.Add(
                new PipelineState { Uuid = $"{{{pipeline.Uuid}}}", BuildNumber = pipeline.Build, StepUuid = $"{{{run.Uuid}}}" });
        }

        cloud.Machines.Add(this);
    }

    /// <summary>What it works on.</summary>
    public Cloud Cloud { get; }

    public int Number { get; }

    public RotationInventory Inventory { get; }

    /// <summary>How many rotations are at work at once: all of them, unless said otherwise.</summary>
    public int Parallelism { get; init; }

    /// <summary>Whether its operator has said which holders are dead: the word counts for whoever holds those secrets by then.</summary>
    public bool TakesOver { get; init; }

    /// <summary>How far its clock is ahead of the true time.</summary>
    public Duration Skew { get; init; }

    public MachineTime Time { get; }

    public SeededRandom Random { get; }

    public Holder Self { get; }

    /// <summary>Whether the process was killed. Nothing of it runs any more.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether its run has ended by itself.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Until when it sleeps, as a laptop does whose lid is closed.</summary>
    public Instant AsleepUntil { get; set; } = Instant.MinValue;

    /// <summary>How many requests it has sent.</summary>
    public int Requests { get; set; }

    /// <summary>How its run ended, or null where it didn't end by itself.</summary>
    public RunResult? Result { get; private set; }

    /// <summary>What its run ended with where it was refused altogether.</summary>
    public Exception? Failure { get; private set; }

    public CancellationTokenSource Cancellation { get; } = new();

    public IReadOnlyList<EvidenceRecord> Evidence => _evidence;

    /// <summary>Starts a run; it goes on as time does.</summary>
    public async void Start(Func<RotationJob, CancellationToken, Task<RunResult>> run, Action<RotationPlan>? onPlanned = null)
    {
        try
        {
            Result = await run(new RotationJob(Tools(), onPlanned), Cancellation.Token);
        }
        catch (Exception failure)
        {
            Failure = failure;
        }

        HasEnded = true;
        Leave(Duration.Zero);
    }

    /// <summary>Kills the process.</summary>
    public void Die()
    {
        if (IsDead)
            return;
        IsDead = true;
        Leave(UntilBitbucketKnows);
    }

    /// <summary>Lets something reach the process: at once, when it wakes up, or never.</summary>
    public void Receive(Action happens)
    {
        if (IsDead)
            return;
        if (AsleepUntil > Cloud.Time.Now)
            Cloud.Time.After(AsleepUntil - Cloud.Time.Now, () => Receive(happens));
        else
            happens();
    }

    /// <summary>A pipeline is asked of Bitbucket; a process is told of to whoever is on the same host.</summary>
    public Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation) =>
        holder is Holder.Pipeline ? _bitbucket.Holders.StateOfAsync(holder, cancellation)
            : Task.FromResult(
                Self is Holder.Process && Cloud.Host is { } host ? host.StateOf((Holder.Process)holder) : HolderState.Unknown);

    public void Append(EvidenceRecord record)
    {
        if (IsDead)
            return;
        _evidence.Add(record);
        Cloud.Promises.Told(this, record);
    }

    public void Dispose()
    {
        _bitbucket.Dispose();
        Cancellation.Dispose();
    }

    public override string ToString() => $"m{Number}";

    private void Leave(Duration noticed)
    {
        if (Self is Holder.Pipeline pipeline)
        {
            var own = Cloud.Pipelines.Find(p => p.Uuid == $"{{{pipeline.Uuid}}}")!;
            Cloud.Time.After(noticed, () => own.State = "COMPLETED");
        }
    }

    private RotationTools Tools() => new(
        name => _vaults[name],
        Cloud.Bugs.Of(_bitbucket.Variables),
        _bitbucket.Pipelines,
        this,
        this,
        Self,
        Time,
        Time,
        Random)
    {
        Parallelism = Parallelism,
        Backends = secret => secret.Backend is null ? null : Cloud.Bugs.Of(new ModelBackend(Cloud, this, secret)),
    };
}
