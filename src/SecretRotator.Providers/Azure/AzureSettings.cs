namespace SecretRotator.Providers.Azure;

/// <summary>How Key Vault and Microsoft Entra are reached, and as whom.</summary>
/// <remarks>
/// The first of these that is given is used: <see cref="ClientAssertion"/>, <see cref="FederatedTokenFile"/>,
/// <see cref="CertificatePath"/>, <see cref="ClientSecret"/>, <see cref="ClientSecretSource"/>. Each needs tenant and client id. Without
/// any, the
/// ambient identity is: workload identity, managed identity, then, with <see cref="UseCli"/>, the Azure CLI's.
/// </remarks>
internal sealed record AzureSettings
{
    private const string EndpointsBelow = "endpoints:azure:";

    /// <summary>The directory (tenant) id, or null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The application (client) id; for a managed identity that the user assigned, its client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>A client secret, or null. Never logged.</summary>
    public SecretValue? ClientSecret { get; init; }

    /// <summary>Where the client secret is kept instead, or null.</summary>
    public VaultReference? ClientSecretAt { get; init; }

    /// <summary>Fetches the client secret from where it is kept, when it is first needed; or null. The caller wipes it.</summary>
    public Func<CancellationToken, Task<SecretValue>>? ClientSecretSource { get; init; }

    /// <summary>A PEM file with certificate and private key, or a PFX file without a password; or null.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The AWS vault whose role Entra trusts, or null.</summary>
    public string? FederatedFrom { get; init; }

    /// <summary>Gives a token of another issuer that Entra trusts, or null. Asked again whenever Entra's own token ends.</summary>
    public Func<CancellationToken, Task<string>>? ClientAssertion { get; init; }

    /// <summary>A file that holds such a token and is kept fresh by someone else, or null.</summary>
    public string? FederatedTokenFile { get; init; }

    /// <summary>Whether the ambient identity may be that of the Azure CLI, which is a program (<c>az</c>) that is started for each
    /// token.</summary>
    public bool UseCli { get; init; }

    /// <summary>Entra's address, or null for the public cloud. <c>https</c> only.</summary>
    public Uri? AuthorityHost { get; init; }

    /// <summary>Microsoft Graph's address, or null for the public cloud. <c>https</c> only.</summary>
    public Uri? GraphEndpoint { get; init; }

    /// <summary>Addresses to call in place of the inventory's, by the vault's name. <c>https</c> only: Key Vault takes tokens over nothing
    /// else.</summary>
    public ImmutableDictionary<string, Uri> Endpoints { get; init; } = ImmutableDictionary<string, Uri>.Empty;

    /// <summary>Whether a credential is set, which needs tenant and client id.</summary>
    public bool HasCredential =>
        (ClientSecret ?? ClientSecretAt ?? (object?)CertificatePath ?? FederatedTokenFile ?? FederatedFrom) is not null;

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } =
    [
        new("endpoints:entra"), new("endpoints:graph"), new(EndpointsBelow), new("azure:tenantId"), new("azure:clientId"),
        new("azure:clientCertificatePath"),
        new("azure:federatedFrom"), new("azure:useCli"),
        new("azure:clientSecret")
        {
            NotInFile = "A secret doesn't belong in a file: set SECRET_ROTATOR__AZURE__CLIENTSECRET or AZURE_CLIENT_SECRET "
                + "in the environment, or write where a vault keeps it: vault://VAULT/PATH#FIELD.",
            TakesReference = true,
        },
    ];

    /// <summary>Reads them, and Azure's own variables.</summary>
    public static AzureSettings Read(SettingsValues values)
    {
        var secret = values.Text("azure:clientSecret") ?? values.Variable("AZURE_CLIENT_SECRET");
        var isReference = secret is not null && secret.StartsWith(VaultReference.Scheme, StringComparison.Ordinal);
        var reference = isReference ? VaultReference.Parse(secret!) : null;
        if (isReference && reference is null)
            values.Add(new Problem(
                "The setting azure.clientSecret names no place in a vault.",
                "Write vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as vault://prod/ci/azure#secret."));
        return new AzureSettings
        {
            TenantId = values.Text("azure:tenantId") ?? values.Variable("AZURE_TENANT_ID"),
            ClientId = values.Text("azure:clientId") ?? values.Variable("AZURE_CLIENT_ID"),
            ClientSecret = secret is null || isReference ? null : SecretValue.FromText(secret),
            ClientSecretAt = reference,
            CertificatePath = values.Text("azure:clientCertificatePath") ?? values.Variable("AZURE_CLIENT_CERTIFICATE_PATH"),
            FederatedTokenFile = values.Variable("AZURE_FEDERATED_TOKEN_FILE"),
            FederatedFrom = values.Text("azure:federatedFrom"),
            UseCli = values.OneOf("azure:useCli", false, ("true", true), ("false", false)),
            AuthorityHost = values.Endpoint("endpoints:entra", onlyHttps: true),
            GraphEndpoint = values.Endpoint("endpoints:graph", onlyHttps: true),
            Endpoints = values.EndpointsBelow(EndpointsBelow, onlyHttps: true),
        };
    }
}
