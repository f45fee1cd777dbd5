using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox;

internal sealed partial class SandboxState
{
    public BitbucketState Bitbucket { get; set; } = new();
}
