using SecretRotator.Sandbox.Redis;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>Redis servers by their address.</summary>
    public SortedDictionary<string, RedisServerState> Redis { get; set; } = new(StringComparer.Ordinal);
}
