using System.Collections.Immutable;

namespace SecretRotator.Providers.Azure;

/// <summary>How Key Vault and Microsoft Entra are reached, and as whom. Read from the settings by whoever composes the program.</summary>
/// <remarks>
/// The first of these that is given is used: <see cref="ClientAssertion"/>, <see cref="FederatedTokenFile"/>,
/// <see cref="CertificatePath"/>, <see cref="ClientSecret"/>, <see cref="ClientSecretSource"/>. Each needs tenant and client id. Without any, the
/// ambient identity is: workload identity, managed identity, then, with <see cref="UseCli"/>, the Azure CLI's.
/// </remarks>
internal sealed record AzureSettings
{
    /// <summary>The directory (tenant) id, or null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The application (client) id; for a managed identity that the user assigned, its client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>A client secret, or null. Never logged.</summary>
    public SecretValue? ClientSecret { get; init; }

    /// <summary>Fetches the client secret from where it is kept, when it is first needed; or null. The caller wipes it.</summary>
    public Func<CancellationToken, Task<SecretValue>>? ClientSecretSource { get; init; }

    /// <summary>A PEM file with certificate and private key, or a PFX file without a password; or null.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>Gives a token of another issuer that Entra trusts, or null. Asked anew whenever Entra's own token ends.</summary>
    public Func<CancellationToken, Task<string>>? ClientAssertion { get; init; }

    /// <summary>A file that holds such a token and is kept fresh by somebody else, or null.</summary>
    public string? FederatedTokenFile { get; init; }

    /// <summary>Whether the ambient identity may be that of the Azure CLI, which is a program (<c>az</c>) that is started for each token.</summary>
    public bool UseCli { get; init; }

    /// <summary>Entra's address, or null for the public cloud. <c>https</c> only.</summary>
    public Uri? AuthorityHost { get; init; }

    /// <summary>Addresses to call in place of the inventory's, by the vault's name. <c>https</c> only: Key Vault takes tokens over nothing else.</summary>
    public ImmutableDictionary<string, Uri> Endpoints { get; init; } = ImmutableDictionary<string, Uri>.Empty;
}
