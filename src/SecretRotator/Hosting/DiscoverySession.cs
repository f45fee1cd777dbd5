using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Hosting;

/// <summary>Looks through Bitbucket. Holds a reader only.</summary>
internal sealed class DiscoverySession(SessionRequest request, CommandEnvironment stage, Connections connections) : IDiscoverySession
{
    public SandboxNote? Sandbox => stage.Note;

    public Task<DiscoveryReport> RunAsync(DiscoveryRequest wanted, CancellationToken cancellation) =>
        new VariableDiscovery(connections.Scopes, request.Inventory, request.Log.Notice).RunAsync(wanted, cancellation);

    public async ValueTask DisposeAsync()
    {
        request.Telemetry.Called(connections.Calls);
        connections.Dispose();
        await stage.DisposeAsync();
    }
}
