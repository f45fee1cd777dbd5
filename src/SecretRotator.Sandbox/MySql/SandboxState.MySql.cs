using SecretRotator.Sandbox.MySql;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>Servers of MySQL and MariaDB by their address.</summary>
    public SortedDictionary<string, MySqlServerState> MySqlServers { get; set; } = new(StringComparer.Ordinal);
}
