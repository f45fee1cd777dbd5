using SecretRotator.Commands;
using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Composing;

/// <summary>Looks through Bitbucket. Holds a reader only.</summary>
internal sealed class Discoverer(WorldRequest request, Stage stage, Connections connections) : IDiscoverer
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
