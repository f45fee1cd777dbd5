using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Google;

public sealed class GoogleVaultContract : VaultContract
{
    protected override string Path => "prod-payments_db";

    protected override async Task<VaultUnderTest> OpenAsync() => await GoogleVaultUnderTest.OpenAsync();
}
