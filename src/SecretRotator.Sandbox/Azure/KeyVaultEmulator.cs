namespace SecretRotator.Sandbox.Azure;

/// <summary>
/// One Key Vault: the secrets of its REST interface, versions 7.x and later, behind the bearer challenge.
/// </summary>
/// <remarks>
/// The quirks are the real ones: the newest version is current even when it is disabled or not valid yet, PATCH
/// replaces the whole tag set, times are whole seconds, lists come in no order and 25 at a time, and a deleted
/// name stays taken.
/// </remarks>
/// <param name="vault">The name that the inventory gives the vault.</param>
/// <param name="authority">The address of Entra, which issues tokens. Asked for each time, because listeners get their ports late.</param>
/// <param name="random">Where the ids of new versions come from.</param>
internal sealed class KeyVaultEmulator(string vault, Func<Uri> authority, IRandomSource random) : IEmulator
{
    private const int PageSize = 25;
    private const int VersionBytes = 16;
    private const string Resource = "https://vault.azure.net";

    public const string Name = "azure";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "GetSecret", "PutSecret", "PatchSecret", "ListVersions", "ListSecrets", "Challenge",
        "DeleteSecret", "PurgeDeletedSecret", "RecoverDeletedSecret",
    ];

    public string Service => Name;

    public string Listener => ListenerOf(vault);

    /// <summary>The listener of a vault, by the name that the inventory gives it.</summary>
    public static string ListenerOf(string vault) => $"{Name}:{vault}";

    public bool Tls => true;

    /// <summary>A call without a token is only asked for one, whatever it wants: it counts as a challenge.</summary>
    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var route = KeyVaultRoute.Of(request);
        return request.Headers.ContainsKey("Authorization") ? new(route.Operation, route.Name) : new("Challenge", route.Name);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (Unauthorized(request, state, clock) is { } challenge)
            return challenge;
        if (!request.Query.TryGetValue("api-version", out var version) || !KeyVaultRoute.Knows(version))
            return KeyVaultAnswer.Error(400, "BadParameter", "The specified API version is not supported.");

        var keyVault = state.KeyVaults.GetOrAdd(vault, () => new KeyVaultState());
        var route = KeyVaultRoute.Of(request);
        if (!route.IsValid)
            return KeyVaultAnswer.Error(400, "BadParameter", $"The request URI contains an invalid name: {route.Name}");
        return route.Operation switch
        {
            "ListSecrets" => ListSecrets(request, keyVault),
            "ListVersions" => ListVersions(request, keyVault, route.Name),
            "GetSecret" => Get(request, keyVault, route),
            "PutSecret" => Put(request, keyVault, route.Name, clock),
            "PatchSecret" => Patch(request, keyVault, route, clock),
            "DeleteSecret" => Delete(request, keyVault, route, clock),
            "PurgeDeletedSecret" => Purge(keyVault, route),
            "RecoverDeletedSecret" => Recover(request, keyVault, route),
            _ => KeyVaultAnswer.Error(405, "MethodNotAllowed", "The HTTP method is not supported for this resource."),
        };
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        401 => Unauthorized("AKV10032: Invalid issuer."),
        403 => KeyVaultAnswer.Error(403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac"),
        404 => KeyVaultAnswer.Error(404, "SecretNotFound", "A secret with that name or id was not found in this key vault."),
        409 => KeyVaultAnswer.Error(
            409, "Conflict", "The secret is currently being recovered and cannot be re-created; retry later.", "ObjectIsBeingRecovered"),
        429 => KeyVaultAnswer.Error(429, "Throttled", "Request was not processed because too many requests were received.")
            .With("Retry-After", "1"),
        503 => KeyVaultAnswer.Error(503, "ServiceUnavailable", "The service is temporarily unavailable."),
        _ => KeyVaultAnswer.Error(status, "InternalError", "An internal error occurred."),
    };

    /// <summary>A new version's id, in the form that Key Vault uses.</summary>
    public static string NewVersionId(IRandomSource random) => random.Hex(VersionBytes);

    private SandboxAnswer? Unauthorized(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (request.Bearer is not { } token)
            return Unauthorized("AKV10000: Request is missing a Bearer or PoP token.", state);
        return state.Entra.Tokens.TryGetValue(token, out var end) && clock.Real < end
            ? null
            : Unauthorized("AKV10046: The token is expired or was not given out by this tenant.", state);
    }

    private SandboxAnswer Unauthorized(string message, SandboxState? state = null) =>
        KeyVaultAnswer.Error(401, "Unauthorized", message).With(
            "WWW-Authenticate",
            $"Bearer authorization=\"{new Uri(authority(), (state?.Entra ?? new EntraState()).Tenant)}\", resource=\"{Resource}\"");

    private static SandboxAnswer ListSecrets(SandboxRequest request, KeyVaultState keyVault) =>
        Page(request, "secrets", keyVault.Secrets.Where(s => s.Value.DeletedDate is null && s.Value.Versions.Count > 0)
            .OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => (Key: s.Key, Item: KeyVaultAnswer.Item(request.Host, s.Key, s.Value, s.Value.Versions[^1], withVersion: false))));

    // A secret that isn't there has no versions: the real service answers an empty list too.
    private static SandboxAnswer ListVersions(SandboxRequest request, KeyVaultState keyVault, string name) =>
        Page(request, $"secrets/{name}/versions", Living(keyVault, name) is { } secret
            ? secret.Versions.OrderBy(v => v.Id, StringComparer.Ordinal)
                .Select(v => (Key: v.Id, Item: KeyVaultAnswer.Item(request.Host, name, secret, v, withVersion: true)))
            : []);

    private static SandboxAnswer Page(SandboxRequest request, string path, IEnumerable<(string Key, JsonObject Item)> items)
    {
        var size = PageSize;
        if (request.Query.TryGetValue("maxresults", out var asked)
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > PageSize))
            return KeyVaultAnswer.Error(400, "BadParameter", $"maxresults must be from 1 to {PageSize}.");
        var after = request.Query.GetValueOrDefault("$skiptoken", "");
        var rest = items.Where(item => string.CompareOrdinal(item.Key, after) > 0).Take(size + 1).ToList();
        var more = rest.Count > size;
        var page = $"{path}?api-version={request.Query["api-version"]}&maxresults={size}";
        var next = more ? new Uri(request.Host, $"{page}&$skiptoken={Uri.EscapeDataString(rest[size - 1].Key)}") : null;
        return KeyVaultAnswer.Page(rest.Take(size).Select(item => item.Item), next);
    }

    private static SandboxAnswer Get(SandboxRequest request, KeyVaultState keyVault, KeyVaultRoute route)
    {
        if (Living(keyVault, route.Name) is not { } secret || Find(secret, route.Version) is not { } version)
            return KeyVaultAnswer.Missing(route);
        return version.Enabled
            ? KeyVaultAnswer.Bundle(request.Host, route.Name, secret, version, withValue: true)
            : KeyVaultAnswer.Error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
    }

    private SandboxAnswer Put(SandboxRequest request, KeyVaultState keyVault, string name, SandboxClock clock)
    {
        var (body, defect) = KeyVaultBody.Read(request.Body, withValue: true);
        if (body is null)
            return KeyVaultAnswer.Error(400, "BadParameter", defect);
        var secret = keyVault.Secrets.GetOrAdd(name, () => new AzureSecretState());
        if (secret.DeletedDate is not null)
            return KeyVaultAnswer.Error(
                409,
                "Conflict",
                $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the "
                    + "secret can only be recovered or purged.",
                "ObjectIsDeletedButRecoverable");
        if (secret.Managed)
            return KeyVaultAnswer.Error(
                403, "Forbidden", "Operation set is not allowed on a secret that belongs to a certificate.", "AccessDenied");

        var now = WholeSeconds(clock.Now);
        var version = new AzureVersionState { Id = NewVersionId(random), Value = body.Value!, Created = now };
        body.ApplyTo(version, now);
        if (keyVault.WantsExpiry && version.Expires is null)
            return DeniedByPolicy();
        secret.Versions.Add(version);
        return KeyVaultAnswer.Bundle(request.Host, name, secret, version, withValue: true) with { Changed = true };
    }

    private static SandboxAnswer Patch(SandboxRequest request, KeyVaultState keyVault, KeyVaultRoute route, SandboxClock clock)
    {
        var (body, defect) = KeyVaultBody.Read(request.Body, withValue: false);
        if (body is null)
            return KeyVaultAnswer.Error(400, "BadParameter", defect);
        if (Living(keyVault, route.Name) is not { } secret || Find(secret, route.Version) is not { } version)
            return KeyVaultAnswer.Missing(route);
        if (keyVault.WantsExpiry && (body.Expires ?? version.Expires) is null)
            return DeniedByPolicy();
        body.ApplyTo(version, WholeSeconds(clock.Now));
        return KeyVaultAnswer.Bundle(request.Host, route.Name, secret, version, withValue: false) with { Changed = true };
    }

    private static SandboxAnswer DeniedByPolicy() =>
        KeyVaultAnswer.Error(
            403, "Forbidden", "Operation was disallowed by policy: secrets should have an expiration date.", "ForbiddenByPolicy");

    private static SandboxAnswer Delete(SandboxRequest request, KeyVaultState keyVault, KeyVaultRoute route, SandboxClock clock)
    {
        if (Living(keyVault, route.Name) is not { } secret)
            return KeyVaultAnswer.Missing(route);
        secret.DeletedDate = WholeSeconds(clock.Now);
        return KeyVaultAnswer.Deleted(request.Host, route.Name, secret) with { Changed = true };
    }

    private static SandboxAnswer Purge(KeyVaultState keyVault, KeyVaultRoute route)
    {
        if (Gone(keyVault, route.Name) is null)
            return KeyVaultAnswer.Missing(route);
        keyVault.Secrets.Remove(route.Name);
        return SandboxAnswer.Done;
    }

    private static SandboxAnswer Recover(SandboxRequest request, KeyVaultState keyVault, KeyVaultRoute route)
    {
        if (Gone(keyVault, route.Name) is not { } secret)
            return KeyVaultAnswer.Missing(route);
        secret.DeletedDate = null;
        return KeyVaultAnswer.Bundle(request.Host, route.Name, secret, secret.Versions[^1], withValue: false) with { Changed = true };
    }

    private static AzureSecretState? Living(KeyVaultState keyVault, string name) =>
        keyVault.Secrets.TryGetValue(name, out var secret) && secret.DeletedDate is null ? secret : null;

    private static AzureSecretState? Gone(KeyVaultState keyVault, string name) =>
        keyVault.Secrets.TryGetValue(name, out var secret) && secret.DeletedDate is not null ? secret : null;

    /// <summary>The version of that id; without one, the newest, whatever its attributes say.</summary>
    private static AzureVersionState? Find(AzureSecretState secret, string version) =>
        version.Length == 0
            ? secret.Versions.LastOrDefault()
            : secret.Versions.Find(v => string.Equals(v.Id, version, StringComparison.OrdinalIgnoreCase));

    private static DateTimeOffset WholeSeconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
}
