using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Azure;

public sealed class AzureVaultContract : VaultContract
{
    protected override string Path => "prod-payments-db";

    protected override async Task<VaultUnderTest> OpenAsync() => await SandboxedKeyVault.OpenAsync();
}
