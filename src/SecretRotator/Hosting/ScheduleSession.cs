using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Commands;
using SecretRotator.Inventory.Schedules;
using SecretRotator.Output;
using SecretRotator.Schedules;

namespace SecretRotator.Hosting;

/// <summary>Changes the schedules of Bitbucket: a lookout, and a store to write to.</summary>
internal sealed class ScheduleSession(ScheduleReadSession lookout, IScheduleStore store) : IScheduleSession
{
    public SandboxNote? Sandbox => lookout.Sandbox;

    public Instant Now => lookout.Now;

    public Task<SchedulePlan> PlanAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation) => lookout.PlanAsync(declared, cancellation);

    public Task<ImmutableArray<ScheduleResult>> ApplyAsync(SchedulePlan plan, CancellationToken cancellation) => new ScheduleApplication(store).RunAsync(plan, cancellation);

    public ValueTask DisposeAsync() => lookout.DisposeAsync();
}
