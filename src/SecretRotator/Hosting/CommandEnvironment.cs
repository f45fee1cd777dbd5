using SecretRotator.Settings;

namespace SecretRotator.Hosting;

/// <summary>What a command runs against: the real services, or the sandbox.</summary>
/// <param name="Settings">The settings that lead there.</param>
/// <param name="Clock">The time there.</param>
/// <param name="Time">In which the program waits and measures.</param>
/// <param name="Note">Set for the sandbox.</param>
/// <param name="Sandbox">The sandbox, to be stopped at the end, or null.</param>
internal sealed record CommandEnvironment(
    RotatorSettings Settings, IClock Clock, TimeProvider Time, SandboxNote? Note, IAsyncDisposable? Sandbox) : IAsyncDisposable
{
    /// <summary>How long a pipeline is left alone before it is asked how far it is: nothing queues in a sandbox.</summary>
    public Duration FirstLook => Sandbox is null ? Duration.FromSeconds(5) : Duration.FromMilliseconds(100);

    /// <summary>The directory for evidence where no setting names a place.</summary>
    public string UsualEvidence => Note is { } sandbox ? Path.Combine(sandbox.State, "evidence") : "evidence";

    public ValueTask DisposeAsync() => Sandbox?.DisposeAsync() ?? ValueTask.CompletedTask;
}
