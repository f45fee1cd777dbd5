
using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Hosting;

/// <summary>Looks for variables that no entry covers, and never writes.</summary>
internal interface IDiscoverySession : IAsyncDisposable
{
    /// <summary>Set where it looks at the sandbox.</summary>
    SandboxNote? Sandbox { get; }

    /// <summary>Looks. Called once.</summary>
    /// <exception cref="RemoteFailureException">The repositories of the workspace can't be listed.</exception>
    Task<DiscoveryReport> RunAsync(DiscoveryRequest request, CancellationToken cancellation);
}
