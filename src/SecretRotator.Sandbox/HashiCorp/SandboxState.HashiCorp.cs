using SecretRotator.Sandbox.HashiCorp;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>Servers of HashiCorp Vault by the name that the inventory gives the vault.</summary>
    public SortedDictionary<string, HashiCorpState> HashiCorp { get; set; } = new(StringComparer.Ordinal);
}
