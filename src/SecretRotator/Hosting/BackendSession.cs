using SecretRotator.Doctor.BackendAccess;
using SecretRotator.Inventory;

namespace SecretRotator.Hosting;

/// <summary>Tests the systems that accept values.</summary>
internal sealed class BackendSession(SessionRequest request, CommandEnvironment environment, Connections connections)
    : ReadSession(request, environment, connections, environment.Clock)
{
    private readonly Connections _connections = connections;
    private readonly CommandEnvironment _environment = environment;
    private readonly RunLimits _limits = request.Inventory.Limits;

    /// <summary>Asks the backend of a secret, which has one.</summary>
    /// <inheritdoc cref="BackendTest.RunAsync" />
    public Task<BackendTestResult> TestAsync(ManagedSecret secret, bool writes, CancellationToken cancellation) => new BackendTest(
        secret, _connections.Vault(secret.Vault), _connections.Backend(secret)!, _limits, _connections.Self, _environment.Clock,
        _environment.Time, _connections.Random).RunAsync(writes, cancellation);
}
