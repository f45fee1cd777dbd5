using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.HashiCorp;

public sealed class HashiCorpVaultContract : VaultContract
{
    protected override async Task<VaultUnderTest> OpenAsync() => await SandboxedHashiCorp.OpenAsync();
}
