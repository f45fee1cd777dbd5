using SecretRotator.Sandbox.Google;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    public GoogleState Google { get; set; } = new();
    public GoogleIdentityState GoogleIdentity { get; set; } = new();
}
