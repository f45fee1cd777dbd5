using SecretRotator.Sandbox.HashiCorp;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>Who may do what in each HashiCorp Vault, by the vault's name in the inventory.</summary>
    public SortedDictionary<string, VaultAccessState> HashiCorpAccess { get; set; } = new(StringComparer.Ordinal);
}
