using Azure.Security.KeyVault.Secrets;

namespace SecretRotator.Providers.Azure;

/// <summary>The few calls to one Key Vault that the tool makes. Each is one request, a listing one for each 25 versions.</summary>
/// <param name="client">The library's client. It must not repeat a PUT by itself: see <see cref="AzureRetry"/>.</param>
/// <param name="vault">The vault's name in the inventory, for messages.</param>
/// <param name="lease">Asked before every try of a change, or null.</param>
internal sealed class KeyVaultSecrets(SecretClient client, string vault, Lease? lease = null)
{
    private const string Service = "azure-key-vault";

    // Of 25 versions each. A listing that never ends would never end the run either.
    private const int MostPages = 400;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The same calls under a claim's lease.</summary>
    public KeyVaultSecrets Under(Lease held) => new(client, vault, held);

    /// <summary>All versions of a secret, in no order; none where the secret doesn't exist. Hands out no value.</summary>
    public async Task<ImmutableArray<KeyVaultVersion>> ListAsync(string name, CancellationToken cancellation)
    {
        var what = $"The versions of {name} in vault {vault} could not be listed";
        return await CallAsync(name, what, writes: false, async () =>
        {
            var versions = ImmutableArray.CreateBuilder<KeyVaultVersion>();
            var seen = new HashSet<VersionId>();
            var pages = 0;
            await foreach (var page in client.GetPropertiesOfSecretVersionsAsync(name, cancellation).AsPages())
            {
                // Checked before the next page is requested: another server must not be called.
                if (++pages > MostPages || !IsListing(page.GetRawResponse().Content) || !LeadsOn(page.ContinuationToken))
                    throw KeyVaultFailure.Garbled(what, writes: false).At(Service, name);
                foreach (var properties in page.Values)
                {
                    if (!IsOf(properties, name) || KeyVaultVersion.From(properties) is not { } version || !seen.Add(version.Id))
                        throw KeyVaultFailure.Garbled(what, writes: false).At(Service, name);
                    versions.Add(version);
                }
            }

            return versions.ToImmutable();
        }, cancellation);
    }

    /// <summary>Reads one version. The caller disposes what it gets.</summary>
    public async Task<SecretVersion> GetAsync(string name, VersionId version, CancellationToken cancellation)
    {
        var what = $"Version {version} of {name} in vault {vault} could not be read";
        var secret = await CallAsync(
            name, what, writes: false, async () => (await client.GetSecretAsync(name, version.Value, cancellation)).Value, cancellation);
        return secret is { Value: { } value, Properties: { CreatedOn: { } created } properties } && properties.Version == version.Value
            && IsOf(properties, name)
            ? new SecretVersion(version, SecretValue.FromText(value), Instant.FromDateTimeOffset(created))
            : throw KeyVaultFailure.Garbled(what, writes: false).At(Service, name);
    }

    /// <summary>The id of the newest version. Its value comes with the answer and is dropped: Key Vault tells it in no other way.</summary>
    public async Task<VersionId> GetNewestIdAsync(string name, CancellationToken cancellation)
    {
        var what = $"The newest version of {name} in vault {vault} could not be told";
        var id = await CallAsync(
            name, what, writes: false,
            async () => VersionOf((await client.GetSecretAsync(name, version: null, cancellation)).Value?.Properties, name), cancellation);
        return string.IsNullOrEmpty(id) ? throw KeyVaultFailure.Garbled(what, writes: false).At(Service, name) : new VersionId(id);
    }

    /// <summary>Makes a new version, which is current at once, in one call.</summary>
    public async Task<VersionId> PutAsync(
        string name, SecretValue value, string? contentType, VersionTimes times, IEnumerable<KeyValuePair<string, string>> tags,
        CancellationToken cancellation, bool enabled = true)
    {
        var what = $"A version of {name} in vault {vault} could not be written";
#pragma warning disable RS0030 // Key Vault's client takes nothing but text.
        var secret = new KeyVaultSecret(name, value.RevealText());
#pragma warning restore RS0030
        secret.Properties.ContentType = contentType;
        secret.Properties.Enabled = enabled ? null : false;
        secret.Properties.NotBefore = times.NotBefore?.ToDateTimeOffset();
        secret.Properties.ExpiresOn = times.Expires?.ToDateTimeOffset();
        foreach (var (key, text) in tags)
            secret.Properties.Tags[key] = text;
        var id = await CallAsync(
            name, what, writes: true, async () => VersionOf((await client.SetSecretAsync(secret, cancellation)).Value?.Properties, name),
            cancellation);
        return string.IsNullOrEmpty(id) ? throw KeyVaultFailure.Garbled(what, writes: true).At(Service, name) : new VersionId(id);
    }

    /// <summary>Replaces all tags of a version.</summary>
    public Task TagAsync(string name, VersionId version, ImmutableSortedDictionary<string, string> tags, CancellationToken cancellation) =>
        PatchAsync(name, version, $"The tags of {name} in vault {vault} could not be written", properties =>
        {
            foreach (var (key, text) in tags)
                properties.Tags[key] = text;
        }, cancellation);

    /// <summary>Makes a version unreadable until someone enables it again. Its tags stay.</summary>
    public Task DisableAsync(string name, VersionId version, CancellationToken cancellation) =>
        PatchAsync(
            name, version, $"Version {version} of {name} in vault {vault} could not be disabled", properties => properties.Enabled = false,
            cancellation);

    private async Task PatchAsync(
        string name, VersionId version, string what, Action<SecretProperties> change, CancellationToken cancellation)
    {
        var properties = new SecretProperties(new Uri(client.VaultUri, $"secrets/{name}/{version}"));
        change(properties);
        var id = await CallAsync(
            name, what, writes: true,
            async () => VersionOf((await client.UpdateSecretPropertiesAsync(properties, cancellation)).Value, name), cancellation);
        if (id != version.Value)
            throw KeyVaultFailure.Garbled(what, writes: true).At(Service, name);
    }

    private static string? VersionOf(SecretProperties? properties, string name) =>
        properties is not null && IsOf(properties, name) ? properties.Version : null;

    private static bool IsOf(SecretProperties properties, string name) =>
        string.Equals(properties.Name, name, StringComparison.OrdinalIgnoreCase);

    // The library takes an answer without "value" for a listing without entries: that would say "nothing is staged".
    private static bool IsListing(BinaryData answer)
    {
        using var document = JsonDocument.Parse(answer, Strict);
        return document.RootElement.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Array;
    }

    private bool LeadsOn(string? next) =>
        string.IsNullOrEmpty(next)
        || (Uri.TryCreate(client.VaultUri, next, out var uri)
            && Uri.Compare(
                uri, client.VaultUri, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0);

    private async Task<T> CallAsync<T>(string name, string what, bool writes, Func<Task<T>> call, CancellationToken cancellation)
    {
        using var leased = writes && lease is not null ? AzureRetry.Under(lease) : null;
        try
        {
            return await call();
        }
        catch (Exception e) when (KeyVaultFailure.IsOfCall(e, cancellation))
        {
            throw KeyVaultFailure.Of(e, what, writes).At(Service, name);
        }
    }
}
