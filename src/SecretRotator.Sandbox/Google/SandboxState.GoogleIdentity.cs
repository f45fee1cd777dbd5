using SecretRotator.Sandbox.Google;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    public GoogleIdentityState GoogleIdentity { get; set; } = new();
}
