using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Vaults.Aws;

/// <summary>AWS Secrets Manager keeps the contract.</summary>
public sealed class AwsVaultContract : VaultContract
{
    protected override async Task<VaultUnderTest> OpenAsync() => await AwsVaultUnderTest.StartAsync();
}
