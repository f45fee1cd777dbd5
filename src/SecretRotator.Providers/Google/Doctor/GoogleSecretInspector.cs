using SecretRotator.Inventory;
using SecretRotator.Providers.Doctor;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Google.Doctor;

/// <summary>Looks at secrets in Google Secret Manager.</summary>
internal sealed class GoogleSecretInspector(GoogleVaultDefinition definition, SecretManagerCalls calls) : ISecretInspector
{
    /// <inheritdoc />
    public string Writing => "";

    /// <inheritdoc />
    public Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation) => throw new NotSupportedException(definition.Name);

    /// <inheritdoc />
    public async Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation) =>
        new(version, await calls.AccessAsync(secret.Path, GoogleVersion.NumberOf(version) ?? 0, cancellation), default);

    /// <inheritdoc />
    public string Fix(RemoteFailureException failure, bool reads) => failure.Hint ?? "Run doctor again.";

    /// <inheritdoc />
    public bool IsOfIdentity(RemoteFailureException failure) => false;
}
