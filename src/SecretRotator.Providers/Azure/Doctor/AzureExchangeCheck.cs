using Azure.Core;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Providers.Azure.Doctor;

/// <summary>Asks Entra for a token for Key Vault, by whichever way the settings choose, and explains a refusal by the claim that
/// differs.</summary>
/// <param name="vaults">The vaults of the inventory.</param>
internal sealed class AzureExchangeCheck(VaultConnections vaults) : ICheck
{
    private const string Id = "azure-identity";

    private readonly AzureSettings _settings = vaults.Settings.SettingsOf<AzureSettings>();

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        if (vaults.Inventory.Vaults.Values.OfType<AzureVaultDefinition>().FirstOrDefault() is not { } vault)
            return [];
        AzureVaultFactory? factory = null;
        try
        {
            factory = (AzureVaultFactory)vaults.FactoryOf(vault);

            // Each cloud has a scope of its own, which is the vault's domain without its name.
            var scope = $"https://{vault.Uri.Host[(vault.Uri.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";
            await factory.Credential.GetTokenAsync(new TokenRequestContext([scope]), cancellation);
            return [CheckResult.Pass(Area, Id, $"Entra gives a token for Key Vault {Way()}.")];
        }
        catch (UsageException wrong)
        {
            return [Failed(FailureMessages.Of(wrong))];
        }
        catch (Exception refused) when (KeyVaultFailure.IsOfCall(refused, cancellation))
        {
            return [await ExplainAsync(KeyVaultFailure.Of(refused, "Azure", writes: false), factory?.Assertion, cancellation)];
        }
    }

    private async Task<CheckResult> ExplainAsync(
        RemoteFailureException failure, Func<CancellationToken, Task<string>>? assertion, CancellationToken cancellation)
    {
        if (failure.Kind == FailureKind.Unavailable)
            return CheckResult.Unknown(
                Area, Id, failure.Message,
                "Entra, or AWS before it, gave no verdict. The area network tells whether they can be reached.");
        var code = KeyVaultFailure.EntraCodeOf(failure.InnerException);
        if (Claim(code) is not { } claim || assertion is null || await ShownAsync(assertion, cancellation) is not { } shown)
            return Failed(failure.Failure);
        var differs = claim switch
        {
            "iss" => $"iss is {shown.Issuer}",
            "sub" => $"sub is {shown.Subject}",
            "aud" => $"aud is {string.Join(", ", shown.Audiences)}",
            _ => $"iss is {shown.Issuer}, sub is {shown.Subject}, aud is {string.Join(", ", shown.Audiences)}",
        };
        return Failed(failure.Failure with
        {
            Message = $"OIDC token exchange failed: {differs}, "
                + $"and no federated credential of the application {_settings.ClientId} has that ({code}).",
            Hint = $"Compare with `az ad app federated-credential list --id {_settings.ClientId}`, letter by letter and in the same case; "
                + "`secret-rotator doctor trust --for azure` prints one that fits.",
        });
    }

    private CheckResult Failed(Failure failure) => CheckResult.Fail(
        Area, Id, failure,
        "Without a token of Entra's no Key Vault of the inventory can be read or written.",
        "Check the settings below azure: docs/azure.md explains them.");

    private static async Task<WebToken?> ShownAsync(Func<CancellationToken, Task<string>> assertion, CancellationToken cancellation)
    {
        try
        {
            using var text = SecretValue.FromText(await assertion(cancellation));
            return WebToken.Read(text);
        }
        catch (RemoteFailureException)
        {
            return null;
        }
    }

    // What Entra's codes say doesn't match (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
    private static string? Claim(string? code) => code switch
    {
        "AADSTS700211" => "iss",
        "AADSTS700212" => "aud",
        "AADSTS700213" or "AADSTS7002137" or "AADSTS7002138" => "sub",
        "AADSTS70021" => "any",
        _ => null,
    };

    private string Way() => _settings switch
    {
        { FederatedFrom: { } vault } => $"to the token of the AWS role of {vault}, without a stored secret",
        { FederatedTokenFile: not null } => "to the token in AZURE_FEDERATED_TOKEN_FILE",
        { CertificatePath: not null } => "to the application's certificate",
        { ClientSecret: not null } => "to the client secret in the environment",
        { ClientSecretAt: { } reference } => $"to the client secret that {reference} holds",
        _ => "to this machine's identity",
    };
}
