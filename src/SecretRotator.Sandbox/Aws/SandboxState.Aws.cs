using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    public SecretsManagerState SecretsManager { get; set; } = new();
    public S3State S3 { get; set; } = new();
    public StsState Sts { get; set; } = new();
    public IamState Iam { get; set; } = new();
}
