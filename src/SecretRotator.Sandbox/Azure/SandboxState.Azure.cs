using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    /// <summary>Key Vaults by the name that the inventory gives them.</summary>
    public SortedDictionary<string, KeyVaultState> KeyVaults { get; set; } = new(StringComparer.Ordinal);

    public EntraState Entra { get; set; } = new();
}
