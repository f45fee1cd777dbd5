using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Output;

namespace SecretRotator.Hosting;

/// <summary>Looks at the schedules of Bitbucket. Holds a reader only.</summary>
internal sealed class ScheduleReadSession(SessionRequest request, CommandEnvironment stage, Connections connections, IScheduleReader reader) : IScheduleReadSession
{
    public SandboxNote? Sandbox => stage.Note;

    public Instant Now => stage.Clock.GetCurrentInstant();

    public async Task<SchedulePlan> PlanAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation)
    {
        var records = await reader.ListRecordsAsync(cancellation);
        var observed = ImmutableArray.CreateBuilder<ObservedSchedule>();
        foreach (var repository in SchedulePlanner.Repositories(declared, records, request.Inventory.Workspace))
            observed.AddRange(await reader.ListAsync(repository, cancellation));
        return SchedulePlanner.Plan(declared, records, observed.ToImmutable());
    }

    public async ValueTask DisposeAsync()
    {
        request.Telemetry.Called(connections.Calls);
        connections.Dispose();
        await stage.DisposeAsync();
    }
}
