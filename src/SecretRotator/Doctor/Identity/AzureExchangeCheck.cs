using Azure.Core;
using NodaTime;
using SecretRotator.Hosting;
using SecretRotator.Inventory;
using SecretRotator.Providers.Azure;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Values;

namespace SecretRotator.Doctor.Identity;

/// <summary>Asks Entra for a token for Key Vault, by whichever way the settings choose, and explains a refusal by the claim that differs.</summary>
/// <param name="settings">The settings.</param>
/// <param name="inventory">The inventory.</param>
/// <param name="handler">Makes the HTTP handler.</param>
/// <param name="clock">The time in which credentials end.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class AzureExchangeCheck(RotatorSettings settings, RotationInventory inventory, Func<HttpMessageHandler> handler, IClock clock, TimeProvider time) : ICheck
{
    private const string Id = "azure-identity";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public bool NeedsNetwork => true;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        if (inventory.Vaults.Values.OfType<VaultDefinition.AzureKeyVault>().FirstOrDefault() is not { } vault)
            return [];
        using var vaults = new VaultConnections(settings, inventory, handler, new NoClaims(), clock, new SystemRandom(), time);
        try
        {
            // Each cloud has a scope of its own, which is the vault's domain without its name.
            var scope = $"https://{vault.Uri.Host[(vault.Uri.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";
            await vaults.AzureCredential().GetTokenAsync(new TokenRequestContext([scope]), cancellation);
            return [new(Area, Id, CheckStatus.Pass, $"Entra gives a token for Key Vault {Way()}.")];
        }
        catch (UsageException wrong)
        {
            return [Failed(FailureMessages.Of(wrong))];
        }
        catch (Exception refused) when (KeyVaultFailure.IsOfCall(refused, cancellation))
        {
            return [await ExplainAsync(KeyVaultFailure.Of(refused, "Azure", writes: false), vaults, cancellation)];
        }
    }

    private async Task<CheckResult> ExplainAsync(RemoteFailureException failure, VaultConnections vaults, CancellationToken cancellation)
    {
        if (failure.Kind == FailureKind.Unavailable)
            return new(Area, Id, CheckStatus.Unknown, failure.Message) { Why = "Entra, or AWS before it, gave no verdict. The area network tells whether they can be reached." };
        var code = KeyVaultFailure.EntraCodeOf(failure.InnerException);
        if (Claim(code) is not { } claim || vaults.AzureAssertion() is not { } assertion || await ShownAsync(assertion, cancellation) is not { } shown)
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
            Message = $"OIDC token exchange failed: {differs}, and no federated credential of the application {settings.Azure.ClientId} has that ({code}).",
            Hint = $"Compare with `az ad app federated-credential list --id {settings.Azure.ClientId}`, letter by letter and in the same case; "
                + "`secret-rotator doctor trust --for azure` prints one that fits.",
        });
    }

    private CheckResult Failed(Failure failure) => new(Area, Id, CheckStatus.Fail, failure.Message)
    {
        Why = "Without a token of Entra's no Key Vault of the inventory can be read or written.",
        Fix = failure.Hint ?? "Check the settings below azure: docs/settings.md explains them.",
        Failure = failure,
    };

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

    private string Way() => settings.Azure switch
    {
        { FederatedFrom: { } vault } => $"to the token of the AWS role of {vault}, without a stored secret",
        { FederatedTokenFile: not null } => "to the token in AZURE_FEDERATED_TOKEN_FILE",
        { ClientCertificatePath: not null } => "to the application's certificate",
        { ClientSecret: not null } => "to the client secret in the environment",
        { ClientSecretAt: { } reference } => $"to the client secret that {reference} holds",
        _ => "to this machine's identity",
    };
}
