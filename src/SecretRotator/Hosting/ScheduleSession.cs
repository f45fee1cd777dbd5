using System.Collections.Immutable;
using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Hosting;

/// <summary>Changes the schedules of Bitbucket.</summary>
internal sealed class ScheduleSession(SessionRequest request, CommandEnvironment environment, Connections connections)
    : ReadSession(request, environment, connections, environment.Clock)
{
    private readonly IScheduleStore _store = connections.Schedules;

    /// <summary>Does what a plan says.</summary>
    public Task<ImmutableArray<ScheduleResult>> ApplyAsync(SchedulePlan plan, CancellationToken cancellation) =>
        new ScheduleApplication(_store).RunAsync(plan, cancellation);
}
