using System.Collections.Immutable;
using NodaTime;
using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Tests.Models;

/// <summary>What becomes of a call.</summary>
public enum Fate
{
    Works,

    /// <summary>Nothing happens; the service says no.</summary>
    Refused,

    /// <summary>It takes effect, and the answer is lost.</summary>
    AnswerLost,

    /// <summary>Nothing happens, and no one knows: the call was lost on its way.</summary>
    RequestLost,

    /// <summary>The process dies before the call leaves.</summary>
    DiesBefore,

    /// <summary>It takes effect, and the process dies before the answer.</summary>
    DiesAfter,
}

/// <summary>The process died. Nothing of it may run any more, so every further call of it dies as well.</summary>
internal sealed class ProcessDiedException : Exception;

/// <summary>
/// A vault and a Bitbucket in memory, which keep what the real ones keep, and a fate for every call. What stands
/// here survives the process; a <see cref="Machine"/> doesn't.
/// </summary>
internal sealed class World
{
    public static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 2, 0);

    private int _uuids;

    public FakeClock Clock { get; } = new(Start);

    public Dictionary<string, ModelSecret> Secrets { get; } = new(StringComparer.Ordinal);

    public Dictionary<VariableScope, List<ModelVariable>> Variables { get; } = [];

    /// <summary>The fate of each call by its name, such as <c>put payments:DB</c>, and its number among the calls of that name, from 1.</summary>
    public Func<string, int, Fate> Fate { get; set; } = (_, _) => Models.Fate.Works;

    public List<string> Calls { get; } = [];

    /// <summary>What claims were asked for.</summary>
    public List<ClaimRequest> Claims { get; } = [];

    public List<ModelPipeline> Pipelines { get; } = [];

    /// <summary>Keys that no step of a pipeline answers for.</summary>
    public HashSet<string> UnlistedKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>The nonces that pipelines were given.</summary>
    public List<string> Nonces { get; } = [];

    /// <summary>What happens to a pipeline before it runs.</summary>
    public Action<ModelPipeline> OnPipeline { get; set; } = _ => { };

    /// <summary>Whether the claim is the staged version, as on AWS, or stands apart from it, as on Azure.</summary>
    public bool ClaimStages { get; init; } = true;

    /// <summary>Whether every PUT had an earlier try without an answer.</summary>
    public bool MayLandAgain { get; set; }

    public string NewUuid() => $"00000000-0000-4000-8000-{++_uuids:d12}";

    public Fate Call(string name)
    {
        int number;
        lock (Calls)
        {
            Calls.Add(name);
            number = Calls.Count(c => c == name);
        }

        return Fate(name, number);
    }

    /// <summary>A secret that was delivered <paramref name="age"/> ago to all of its targets that exist.</summary>
    public void Deliver(ManagedSecret secret, string content, Duration age)
    {
        var since = Clock.GetCurrentInstant() - age;
        foreach (var target in secret.Targets)
        {
            Variables.TryAdd(target.Scope, []);
            if (target.MayCreate)
                continue;
            using var whole = SecretValue.FromText(content);
            using var value = TargetValue.Of(target, whole);
            Variables[target.Scope].Add(new ModelVariable(NewUuid(), target.Variable, value.RevealText(), Secured: true));
        }

        var version = NewUuid();
        Secrets[secret.Path] = new ModelSecret
        {
            Current = version,
            Versions = { [version] = (content, since) },
            Delivered = new DeliveryMark(new(version), since, since, Digest(secret), VerificationLevel.Listed, new(version)),
        };
    }

    public string Digest(ManagedSecret secret) => TargetsDigest.Of(secret, secret.Targets.Select(t => t.Scope).Distinct().ToDictionary(
        s => s, ScopeObservation (s) => new ScopeObservation.Listed([.. Variables[s].Select(v => v.Observed)])));

    public ModelVariable? Find(VariableTarget target) => Variables[target.Scope].Find(v => v.Key == target.Variable);

    /// <summary>The current content, and whether every target holds its part of it and is secured.</summary>
    public bool Agrees(ManagedSecret secret)
    {
        using var content = SecretValue.FromText(Secrets[secret.Path].CurrentContent);
        foreach (var target in secret.Targets)
        {
            using var value = TargetValue.Of(target, content);
            if (Find(target) is not { Secured: true } variable || variable.Value != value.RevealText())
                return false;
        }

        return true;
    }
}

internal sealed record ModelVariable(string Uuid, string Key, string Value, bool Secured)
{
    public ObservedVariable Observed => new(Uuid, Key, Secured);
}

internal sealed class ModelSecret
{
    public string Current { get; set; } = "";

    public string? Previous { get; set; }

    public Dictionary<string, (string Content, Instant Created)> Versions { get; } = new(StringComparer.Ordinal);

    public DeliveryMark? Delivered { get; set; }

    public OpenRotation? Open { get; set; }

    public ForeignRotation Foreign { get; set; } = new ForeignRotation.None();

    /// <summary>The old version that is to be retired.</summary>
    public GraceMark? Grace { get; set; }

    public DeliveringMark? Delivering { get; set; }

    /// <summary>The holds that rollbacks left, by the version that each one made.</summary>
    public Dictionary<string, HoldMark> Holds { get; } = new(StringComparer.Ordinal);

    /// <summary>The versions that were retired.</summary>
    public HashSet<string> Retired { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the vault is asked to describe it before a rotation of its own has moved the current version.</summary>
    public int LooksUntilRotated { get; set; }

    /// <summary>What was recorded when a claim ended, and whether it was said to have promoted.</summary>
    public List<(DeliveryMark Mark, bool Promoted)> Finished { get; } = [];

    /// <summary>When the rotation began that was overtaken before it had finished.</summary>
    public Instant? LastTrace { get; set; }

    /// <summary>What the next descriptions tell, in place of what is true: they lag behind.</summary>
    public (SecretDescription Description, int Looks)? Lagging { get; set; }

    public string CurrentContent => Versions[Current].Content;

    /// <summary>Everything but values, as it is now.</summary>
    public SecretDescription Describe() => new(new(Current), new(Current), Delivered, Open, Foreign)
    {
        Grace = Grace is { } grace && grace.Version.Value != Current && !Retired.Contains(grace.Version.Value) ? grace : null,
        Delivering = Delivering,
        Hold = Holds.GetValueOrDefault(Current),
        LastTrace = LastTrace,
    };
}

/// <summary>One process on one machine: everything that a rotation works with, over a shared world.</summary>
internal sealed class Machine : IHolders
{
    private static int _numbers;

    private readonly World _world;
    private readonly HashSet<string> _dead;

    public Machine(World world, HashSet<string>? dead = null)
    {
        _world = world;
        _dead = dead ?? new HashSet<string>(StringComparer.Ordinal);
        Self = new Holder.Process("00000000000000aa", Interlocked.Increment(ref _numbers), 1, "test@machine");
        Vault = new ModelVault(world, this);
        Variables = new ModelVariables(world, this);
        Pipelines = new ModelPipelines(world, this);
    }

    public Holder Self { get; }

    public bool IsDead { get; private set; }

    public ModelVault Vault { get; }

    public ModelVariables Variables { get; }

    public ModelPipelines Pipelines { get; }

    public TimeProvider Time { get; init; } = new InstantTime();

    public List<EvidenceRecord> Evidence { get; } = [];

    /// <summary>Every value that this process was given or handed out. It must wipe them all.</summary>
    public System.Collections.Concurrent.ConcurrentBag<SecretValue> Values { get; } = [];

    public CancellationTokenSource Cancellation { get; } = new();

    public RotationTools Tools => new(
        _ => Vault, Variables, Pipelines, this, new ModelEvidence(Evidence), Self, _world.Clock, Time, new SystemRandom());

    public async Task<RunResult> RotateAsync(RotationInventory inventory, PlanRequest? request = null, string? digest = null) =>
        await new RotationJob(Tools).RunAsync(inventory, request ?? PlanRequest.Everything, digest, Cancellation.Token);

    /// <summary>Another process on the same machine, which knows that this one has ended.</summary>
    public Machine Successor()
    {
        _dead.Add(Self.Format());
        return new Machine(_world, _dead);
    }

    public Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation) =>
        Task.FromResult(_dead.Contains(holder.Format()) ? HolderState.Ended : HolderState.Unknown);

    /// <summary>Makes a call: <paramref name="effect"/> happens unless its fate says otherwise.</summary>
    public async Task<T> CallAsync<T>(string name, Func<T> effect)
    {
        await Task.Yield();
        if (IsDead)
            throw new ProcessDiedException();
        var fate = _world.Call(name);
        if (fate == Fate.DiesBefore)
            Die();
        if (fate == Fate.Refused)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, $"{name} was refused.");
        if (fate == Fate.RequestLost)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"Nothing is known of {name}.");
        T result;
        lock (_world)
            result = effect();
        if (fate == Fate.AnswerLost)
            throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"The answer to {name} was lost.");
        if (fate == Fate.DiesAfter)
            Die();
        return result;
    }

    private void Die()
    {
        IsDead = true;
        throw new ProcessDiedException();
    }
}

/// <summary>Keeps evidence in memory.</summary>
internal sealed class ModelEvidence(List<EvidenceRecord> records) : IEvidenceLog
{
    public void Append(EvidenceRecord record)
    {
        lock (records)
            records.Add(record);
    }
}

/// <summary>Time that passes at once: every wait is over as soon as it begins, and no limit ever ends.</summary>
internal sealed class InstantTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.FromMinutes(1))
            _ = Task.Run(() => callback(state));
        return new Never();
    }

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Variables in memory, with Bitbucket's rules.</summary>
internal sealed class ModelVariables(World world, Machine machine, Lease? lease = null) : IVariableStore
{
    public IVariableStore Under(Lease held) => new ModelVariables(world, machine, held);

    public Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation) =>
        machine.CallAsync($"list {scope}", () => world.Variables.GetValueOrDefault(scope, []).Select(v => v.Observed).ToImmutableArray());

    public Task<PutEnd> PutAsync(VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation) =>
        ChangeAsync($"put {scope}:{variable.Key}", () =>
        {
            machine.Values.Add(value);
            var index = world.Variables[scope].FindIndex(v => v.Uuid == variable.Uuid);
            if (index < 0)
                throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"{scope}:{variable.Key} is gone.");
            world.Variables[scope][index] = new ModelVariable(variable.Uuid, variable.Key, value.RevealText(), Secured: true);
            return world.MayLandAgain ? PutEnd.MayLandAgain : PutEnd.Settled;
        });

    public Task<CreatedVariable> CreateAsync(VariableScope scope, string key, SecretValue value, CancellationToken cancellation) =>
        ChangeAsync($"create {scope}:{key}", () =>
        {
            machine.Values.Add(value);
            if (world.Variables[scope].Exists(v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase)))
                throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, $"{scope}:{key} exists already.");
            var made = new ModelVariable(world.NewUuid(), key, value.RevealText(), Secured: true);
            world.Variables[scope].Add(made);
            return new CreatedVariable(made.Observed, PutEnd.Settled);
        });

    public Task DeleteAsync(VariableScope scope, string uuid, CancellationToken cancellation)
    {
        var key = world.Variables[scope].Find(v => v.Uuid == uuid)?.Key ?? "gone";
        return ChangeAsync($"delete {scope}:{key}", () => world.Variables[scope].RemoveAll(v => v.Uuid == uuid));
    }

    private Task<T> ChangeAsync<T>(string call, Func<T> act)
    {
        lease?.ThrowIfOver();
        return machine.CallAsync(call, act);
    }
}
