using SecretRotator.Sandbox.PostgreSql;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>The PostgreSQL servers by address.</summary>
    public SortedDictionary<string, PostgreSqlState> PostgreSql { get; set; } = new(StringComparer.Ordinal);
}
