using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Output;

namespace SecretRotator.Hosting;

/// <summary>Changes the schedules of Bitbucket: a session, and a store to write to.</summary>
internal sealed class ScheduleSession(ScheduleReadSession session, IScheduleStore store) : IScheduleSession
{
    public SandboxNote? Sandbox => session.Sandbox;

    public Instant Now => session.Now;

    public Task<SchedulePlan> PlanAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation) => session.PlanAsync(declared, cancellation);

    public Task<ImmutableArray<ScheduleResult>> ApplyAsync(SchedulePlan plan, CancellationToken cancellation) => new ScheduleApplication(store).RunAsync(plan, cancellation);

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
