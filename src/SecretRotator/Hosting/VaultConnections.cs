using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Amazon.SecurityToken;
using Azure.Core;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Settings;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Hosting;

/// <summary>Connects vaults, of each kind only when the first one is asked for.</summary>
internal sealed class VaultConnections(
    RotatorSettings settings, RotationInventory inventory, Func<HttpMessageHandler> handler, ILockStore board, IClock clock, IRandomSource random, TimeProvider time) : IDisposable
{
    private const string EntraAudience = "api://AzureADTokenExchange";

    private readonly Lazy<AwsVaultFactory> _aws = new(() => new AwsVaultFactory(AwsSettingsOf(settings), handler, clock, random, time));
    private readonly Lazy<AwsIdentity> _awsIdentity = new(() => new AwsIdentity(AwsSettingsOf(settings), handler, time));
    private AzureVaultFactory? _azure;

    /// <summary>A vault of the inventory.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ISecretVault Create(VaultDefinition definition) => definition switch
    {
        VaultDefinition.AwsSecretsManager aws => _aws.Value.Create(aws),
        VaultDefinition.AzureKeyVault azure => Azure().Create(azure),
        _ => throw new UnreachableException("A new kind of vault needs a connection."),
    };

    /// <summary>The calls to a vault in AWS themselves.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public SecretsManagerCalls Calls(VaultDefinition.AwsSecretsManager aws) => _aws.Value.Calls(aws);

    /// <summary>The calls to a Key Vault themselves.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public KeyVaultSecrets Secrets(VaultDefinition.AzureKeyVault azure) => Azure().Secrets(azure);

    /// <summary>Who the tool is in Azure. Nothing is asked yet.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public TokenCredential AzureCredential() => Azure().Credential;

    /// <summary>What Entra is shown instead of a secret: asks AWS for the token of a role; null where the settings name none.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public Func<CancellationToken, Task<string>>? AzureAssertion() => settings.Azure.FederatedFrom is { } vault ? Assertion(vault) : null;

    public void Dispose()
    {
        if (_aws.IsValueCreated)
            _aws.Value.Dispose();
        if (_awsIdentity.IsValueCreated)
            _awsIdentity.Value.Dispose();
        _azure?.Dispose();
    }

    /// <summary>How AWS is reached, and as whom.</summary>
    public static AwsSettings AwsSettingsOf(RotatorSettings settings) => new()
    {
        SessionName = settings.Pipeline is { } pipeline
            ? string.Create(CultureInfo.InvariantCulture, $"{pipeline.Workspace}.{pipeline.Repository}.{pipeline.Build}")
            : "secret-rotator",
        StepToken = settings.StepToken,
        Keys = settings.Aws,
        UseCredentialProcess = settings.UseCredentialProcess,
        SecretsManagerEndpoint = settings.Endpoints.Aws,
        StsEndpoint = settings.Endpoints.Sts,
    };

    private AzureVaultFactory Azure()
    {
        lock (_aws)
            return _azure ??= new AzureVaultFactory(AzureSettingsOf(), handler, board, clock, random, time);
    }

    private AzureSettings AzureSettingsOf()
    {
        var access = settings.Azure;
        if ((access.ClientSecret ?? access.ClientSecretAt ?? (object?)access.ClientCertificatePath ?? access.FederatedTokenFile ?? access.FederatedFrom) is not null
            && (access.TenantId is null || access.ClientId is null))
            throw new UsageException("A credential for Azure is set without its tenant or client.", "Set AZURE_TENANT_ID and AZURE_CLIENT_ID too.");
        return new AzureSettings
        {
            TenantId = access.TenantId,
            ClientId = access.ClientId,
            ClientSecret = access.ClientSecret,
            ClientSecretSource = access.ClientSecretAt is { } reference ? Secret(reference) : null,
            CertificatePath = access.ClientCertificatePath,
            FederatedTokenFile = access.FederatedTokenFile,
            ClientAssertion = AzureAssertion(),
            UseCli = access.UseCli,
            AuthorityHost = settings.Endpoints.Entra,
            Endpoints = settings.Endpoints.Azure.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase),
        };
    }

    // Entra can't trust a step's token, whose subject changes in every run; it can trust the AWS role that the token admits.
    private Func<CancellationToken, Task<string>> Assertion(string vault)
    {
        if (inventory.Vaults.GetValueOrDefault(vault) is not VaultDefinition.AwsSecretsManager aws)
            throw new UsageException($"azure:federatedFrom names no AWS vault of the inventory: {vault}.", "Name the AWS vault whose role Entra trusts.");
        return async cancellation =>
        {
            try
            {
                return await _awsIdentity.Value.TokenForAsync(aws.Region, aws.Role, EntraAudience, cancellation);
            }
            catch (AmazonSecurityTokenServiceException refused)
            {
                throw AwsFailures.OfIdentity(refused, "a token that Entra trusts");
            }
            catch (NoAwsIdentityException nobody)
            {
                throw AwsFailures.OfSilence(nobody, "a token that Entra trusts", writes: false);
            }
        };
    }

    // A Key Vault is opened with the very secret that is looked for.
    private Func<CancellationToken, Task<SecretValue>> Secret(VaultReference reference)
    {
        var vault = inventory.Vaults.GetValueOrDefault(reference.Vault)
            ?? throw new UsageException($"azure:clientSecret leads to the vault {reference.Vault}, which the inventory doesn't have.", $"Name one of: {string.Join(", ", inventory.Vaults.Keys)}.");
        if (vault is not VaultDefinition.AwsSecretsManager aws)
            throw new UsageException(
                $"azure:clientSecret leads to {reference}, which is in a Key Vault: it can't be opened without that very secret.",
                "Keep the secret in a vault that needs no credential for Azure, or use azure:federatedFrom, which needs no secret.");
        return async cancellation =>
        {
            try
            {
                var (secret, end) = await ReferencedSecret.ReadWithEndAsync(_aws.Value.Create(aws), reference, "The client secret for Azure", cancellation);
                if (!end.HasPassed(clock.GetCurrentInstant()))
                    return secret;
                secret.Dispose();
                throw new RemoteFailureException(FailureKind.Unauthenticated, Effect.Rejected, end.Tell(clock.GetCurrentInstant()), CredentialEnd.Renewal);
            }
            catch (UsageException wrong)
            {
                throw new RemoteFailureException(FailureKind.Unauthenticated, Effect.Rejected, wrong.Message, wrong.Problems[0].Hint, wrong);
            }
        };
    }
}
