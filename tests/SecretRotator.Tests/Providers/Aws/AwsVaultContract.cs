using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>AWS Secrets Manager keeps the contract.</summary>
public sealed class AwsVaultContract : VaultContract
{
    protected override async Task<VaultUnderTest> OpenAsync() => await AwsVaultUnderTest.StartAsync();
}

/// <summary>It does so as well where others gave its versions ids that aren't UUIDs.</summary>
public sealed class AwsVaultWithForeignIdsContract : VaultContract
{
    protected override async Task<VaultUnderTest> OpenAsync() => await AwsVaultUnderTest.StartAsync(hasForeignIds: true);
}

/// <summary>So it does where AWS rotates the secret by itself, and claims have a lock of their own.</summary>
public sealed class AwsOwnLockContract : VaultContract
{
    protected override async Task<VaultUnderTest> OpenAsync() => await AwsVaultUnderTest.StartAsync(vaultRotates: true);
}
