using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Azure.Doctor;

/// <summary>Looks at secrets in an Azure Key Vault.</summary>
/// <param name="definition">The vault.</param>
/// <param name="calls">Lists and reads.</param>
/// <param name="home">The repository that keeps the claims of this inventory.</param>
/// <param name="clock">Tells which versions have ended.</param>
internal sealed class AzureSecretInspector(
    AzureVaultDefinition definition, KeyVaultSecrets calls, VariableScope.Repository home, IClock clock) : ISecretInspector
{
    /// <inheritdoc />
    public string Writing =>
        "secrets set and update (role Key Vault Secrets Officer, or Microsoft.KeyVault/vaults/secrets/setSecret/action and "
            + "…/secrets/update/action), also on NAME-staged";

    /// <inheritdoc />
    public async Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var listing = calls.ListAsync(secret.Path, cancellation);
        var staging = calls.ListAsync(secret.Path + AzureVault.Companion, cancellation);
        await Task.WhenAll(listing, staging);
        var versions = await listing;
        if (versions.IsEmpty)
        {
            return new SecretSight(null, [VaultFindings.Fail(
                "secret-described", secret, $"doesn't exist in {definition.Name}",
                "Correct the name in the inventory, or set a first value in the vault. Where it was deleted, soft delete keeps it: az "
                    + $"keyvault secret recover --vault-name {Host} --name {secret.Path}")], null);
        }

        // Versions of one second can't be told apart without a read: then any of them will do for looking at.
        var newest = versions.MaxBy(version => version.Created)!;
        CheckResult?[] findings =
        [
            Disabled(secret, newest), Ended(secret, newest), Managed(secret, newest), Purgeable(secret, newest),
            ClaimedElsewhere(secret, await staging),
        ];
        return new SecretSight(
            newest.Enabled && !newest.Managed ? newest.Id : null, [.. findings.OfType<CheckResult>()],
            "keys of Key Vault's own, as always there");
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation) =>
        calls.GetAsync(secret.Path, version, cancellation);

    /// <inheritdoc />
    public string Fix(RemoteFailureException failure, bool reads)
    {
        var (action, permission) = reads ? ("getSecret", "get") : ("readMetadata", "list");
        return KeyVaultFailure.CodeOf(failure) switch
        {
            "ForbiddenByRbac" =>
                $"Give the identity Microsoft.KeyVault/vaults/secrets/{action}/action on the vault (role Key Vault Secrets Officer has "
                    + "it). A new role takes up to ten minutes to work.",
            "AccessDenied" =>
                $"The vault's access policy must give the identity the secret permission {permission} (rotate needs get, list and set).",
            _ => failure.Hint ?? "Run doctor again.",
        };
    }

    /// <inheritdoc />
    public bool IsOfIdentity(RemoteFailureException failure) =>
        failure.Kind == FailureKind.AccessDenied
        && !failure.Message.Contains("AccessDenied", StringComparison.Ordinal)
        && !failure.Message.Contains("Forbidden", StringComparison.Ordinal);

    private string Host => definition.Uri.Host.Split('.')[0];

    private CheckResult? Disabled(ManagedSecret secret, KeyVaultVersion newest) => newest.Enabled
        ? null
        : VaultFindings.Fail(
            "secret-usable", secret, "has a newest version that is disabled, and that is the current one nevertheless",
            $"Enable it (az keyvault secret set-attributes --vault-name {Host} --name {secret.Path} --enabled true), or set a new value "
                + "there.");

    private CheckResult? Ended(
        ManagedSecret secret, KeyVaultVersion newest) => newest.Expires is { } end && end <= clock.GetCurrentInstant()
        ? VaultFindings.Warn(
            "secret-usable", secret,
            $"has an expiry that has passed ({end.ToDateTimeUtc():yyyy-MM-dd})",
            "Key Vault still hands it out, but its readers may refuse it.", "Rotate it: secret-rotator rotate --force NAME --reason TEXT")
        : null;

    private static CheckResult? Managed(ManagedSecret secret, KeyVaultVersion newest) => newest.Managed
        ? VaultFindings.Fail(
            "other-rotation", secret, "belongs to a certificate, which Key Vault renews itself",
            "Take it out of the inventory: what a certificate manages must not be changed here.")
        : null;

    private static CheckResult? Purgeable(ManagedSecret secret, KeyVaultVersion newest) => newest.RecoveryLevel is "Purgeable"
        ? VaultFindings.Warn(
            "soft-delete", secret, "is gone for good when it is deleted: the vault has no soft delete",
            "A mistake would lose the value that every target holds.",
            "Switch it on: az keyvault update --enable-soft-delete true, and better --enable-purge-protection true.")
        : null;

    // The run that staged its last values noted where it keeps its claims. Two homes know nothing of each other.
    private CheckResult? ClaimedElsewhere(ManagedSecret secret, ImmutableArray<KeyVaultVersion> staged) =>
        staged.MaxBy(version => version.Created)?.Tags.GetValueOrDefault(AzureMarks.Home) is { } other
        && !string.Equals(other, $"{home.WorkspaceSlug}/{home.Slug}", StringComparison.OrdinalIgnoreCase)
            ? VaultFindings.Warn(
                "claims-home", secret,
                $"was last rotated by a run whose claims are kept in {other}, and this inventory keeps them in "
                    + $"{home.WorkspaceSlug}/{home.Slug}",
                "Two runs that keep their claims in different repositories don't see each other, and may rotate it at the same time.",
                "Write the same bitbucket.home in every inventory that names this secret. If it was moved here for good, the next "
                    + "rotation clears this.")
            : null;
}
