using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Models;

/// <summary>One process on one machine: everything that a rotation works with, over a shared cloud.</summary>
internal sealed class ModelMachine : IHolders
{
    private static int _numbers;

    private readonly ModelCloud _cloud;
    private readonly HashSet<string> _dead;

    public ModelMachine(ModelCloud cloud, HashSet<string>? dead = null)
    {
        _cloud = cloud;
        _dead = dead ?? new HashSet<string>(StringComparer.Ordinal);
        Self = new Holder.Process("00000000000000aa", Interlocked.Increment(ref _numbers), 1, "test@machine");
        Vault = new ModelVault(cloud, this);
        Variables = new ModelVariables(cloud, this);
        Pipelines = new ModelPipelines(cloud, this);
    }

    public Holder Self { get; }

    public bool IsDead { get; private set; }

    public ModelVault Vault { get; }

    public ModelVariables Variables { get; }

    public ModelPipelines Pipelines { get; }

    public TimeProvider Time { get; init; } = new SkippingTime();

    public List<EvidenceRecord> Evidence { get; } = [];

    /// <summary>Every value that this process was given or handed out. It must wipe them all.</summary>
    public System.Collections.Concurrent.ConcurrentBag<SecretValue> Values { get; } = [];

    public CancellationTokenSource Cancellation { get; } = new();

    public RotationTools Tools => new(
        _ => Vault, Variables, Pipelines, this, new ModelEvidence(Evidence), Self, _cloud.Clock, Time, new SystemRandom())
    {
        Backends = secret => secret.Backend is ModelBackendDefinition definition
            ? new ModelBackend(definition, _cloud.Backends[secret.Name], _cloud, this)
            : null,
    };

    public async Task<RunResult> RotateAsync(RotationInventory inventory, PlanRequest? request = null, string? digest = null) =>
        await new RotationJob(Tools).RunAsync(inventory, request ?? PlanRequest.Everything, digest, Cancellation.Token);

    /// <summary>Another process on the same machine, which knows that this one has ended.</summary>
    public ModelMachine Successor()
    {
        _dead.Add(Self.Format());
        return new ModelMachine(_cloud, _dead);
    }

    public Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation) =>
        Task.FromResult(_dead.Contains(holder.Format()) ? HolderState.Ended : HolderState.Unknown);

    /// <summary>Makes a call: <paramref name="effect"/> happens unless its fate says otherwise.</summary>
    public async Task<T> CallAsync<T>(string name, Func<T> effect)
    {
        await Task.Yield();
        if (IsDead)
            throw new ProcessDiedException();
        var fate = _cloud.Call(name);
        if (fate == CallFate.DiesBefore)
            Die();
        if (fate == CallFate.Refused)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, $"{name} was refused.");
        if (fate == CallFate.RequestLost)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"Nothing is known of {name}.");
        T result;
        lock (_cloud)
        {
            result = effect();
            _cloud.OnEffect(name);
        }

        if (fate == CallFate.AnswerLost)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"The answer to {name} was lost.");
        if (fate == CallFate.DiesAfter)
            Die();
        return result;
    }

    private void Die()
    {
        IsDead = true;
        throw new ProcessDiedException();
    }
}

/// <summary>The process died. Nothing of it may run any more, so every further call of it dies as well.</summary>
internal sealed class ProcessDiedException : Exception;

/// <summary>Keeps evidence in memory.</summary>
internal sealed class ModelEvidence(List<EvidenceRecord> records) : IEvidenceLog
{
    public void Append(EvidenceRecord record)
    {
        lock (records)
            records.Add(record);
    }
}
