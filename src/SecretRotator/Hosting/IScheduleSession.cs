using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Output;

namespace SecretRotator.Hosting;

/// <summary>Compares schedules, and never writes.</summary>
internal interface IScheduleReadSession : IAsyncDisposable
{
    /// <summary>Set where it looks at the sandbox.</summary>
    SandboxNote? Sandbox { get; }

    /// <summary>The time there.</summary>
    Instant Now { get; }

    /// <summary>Observes and plans.</summary>
    /// <exception cref="RemoteFailureException">Bitbucket can't be seen as a whole.</exception>
    Task<SchedulePlan> PlanAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation);
}

/// <summary>Changes schedules.</summary>
internal interface IScheduleSession : IScheduleReadSession
{
    /// <summary>Does what a plan says.</summary>
    Task<ImmutableArray<ScheduleResult>> ApplyAsync(SchedulePlan plan, CancellationToken cancellation);
}
