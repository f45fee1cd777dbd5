using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Google.Doctor;

/// <summary>Looks at secrets in Google Secret Manager, and asks it for the permissions on them: so it is known whether they can be
/// changed.</summary>
/// <param name="definition">The vault.</param>
/// <param name="calls">Looks and asks.</param>
/// <param name="vault">Reads.</param>
internal sealed class GoogleSecretInspector(GoogleVaultDefinition definition, SecretManagerCalls calls, ISecretVault vault)
    : ISecretInspector
{
    /// <summary>What a rotation needs on a secret.</summary>
    public static readonly ImmutableArray<string> OnSecret =
    [
        "secretmanager.secrets.get", "secretmanager.secrets.update", "secretmanager.versions.access", "secretmanager.versions.add",
        "secretmanager.versions.disable", "secretmanager.versions.list",
    ];

    /// <summary>What a rotation needs on a secret's companion.</summary>
    public static readonly ImmutableArray<string> OnCompanion = [.. OnSecret.Where(each => each != "secretmanager.secrets.update")];

    /// <inheritdoc />
    public string? Writing => null;

    /// <inheritdoc />
    public async Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var companion = secret.Path + GoogleVaultDefinition.Companion;
        var getting = calls.GetAsync(secret.Path, cancellation);
        var listing = calls.ListAsync(secret.Path, cancellation);
        var onSecret = calls.TestPermissionsAsync(secret.Path, OnSecret, cancellation);
        var onCompanion = calls.TestPermissionsAsync(companion, OnCompanion, cancellation);
        await Task.WhenAll(getting, listing, onSecret, onCompanion);
        var (seen, versions) = (await getting, await listing);
        CheckResult?[] findings =
        [
            versions.IsEmpty ? Empty(secret) : Disabled(secret, versions[0]),
            Ending(secret, seen),
            Missing(secret, secret.Path, OnSecret.Except(await onSecret, StringComparer.Ordinal)),
            await CompanionAsync(secret, companion, await onCompanion, cancellation),
        ];
        return new SecretSight(
            versions is [{ Enabled: true } newest, ..] ? newest.Id : null, [.. findings.OfType<CheckResult>()],
            HasOwnKey(seen) ? "a key of your own" : "keys of Google's own");
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation) =>
        vault.ReadAsync(secret.Path, version, cancellation);

    /// <inheritdoc />
    public string Fix(RemoteFailureException failure, bool reads) => failure.InnerException switch
    {
        GoogleRefusal { Status: 403, Reason: not "SERVICE_DISABLED", Permission: null } =>
            $"Give the identity {(reads ? "secretmanager.versions.access" : "secretmanager.secrets.get and secretmanager.versions.list")} "
                + "on that secret; docs/google.md lists what is needed.",
        _ => failure.Hint ?? "Run doctor again.",
    };

    /// <inheritdoc />
    public bool IsOfIdentity(RemoteFailureException failure) => failure.InnerException
        is RemoteFailureException or GoogleRefusal { Reason: "SERVICE_DISABLED" };

    private string Place => $"--project={definition.Project}{(definition.Location is { } location ? $" --location={location}" : "")}";

    private async Task<CheckResult?> CompanionAsync(
        ManagedSecret secret, string companion, ImmutableHashSet<string> permissions, CancellationToken cancellation)
    {
        if (!permissions.IsEmpty)
            return Missing(secret, companion, OnCompanion.Except(permissions, StringComparer.Ordinal));
        try
        {
            await calls.GetAsync(companion, cancellation);
        }
        catch (RemoteFailureException missing) when (missing.Kind is FailureKind.NotFound)
        {
            return VaultFindings.Warn(
                "staged-companion", secret, $"has no companion {companion} yet, in which a rotation stages the next value",
                "The first rotation makes it, which takes secretmanager.secrets.create on the project.",
                $"Make it once: gcloud secrets create {companion} {Place} "
                    + $"--set-annotations={GoogleMarks.CompanionOf}={secret.Path}");
        }
        catch (RemoteFailureException)
        {
            // What is missing is told.
        }

        return Missing(secret, companion, OnCompanion);
    }

    private static CheckResult? Missing(ManagedSecret secret, string name, IEnumerable<string> permissions) =>
        permissions.ToImmutableArray() is { IsEmpty: false } missing
            ? VaultFindings.Fail(
                "secret-writable", secret, $"can't be rotated by this identity: on {name} it lacks {string.Join(", ", missing)}",
                "Give it the roles that docs/google.md lists; a new role takes some minutes to work.")
            : null;

    private CheckResult Empty(ManagedSecret secret) => VaultFindings.Fail(
        "secret-usable", secret, "has no version",
        $"Give it a first value: gcloud secrets versions add {secret.Path} {Place} --data-file=…");

    private CheckResult? Disabled(ManagedSecret secret, GoogleVersion newest) => newest.Enabled
        ? null
        : VaultFindings.Fail(
            "secret-usable", secret, "has a newest version that is disabled or destroyed, and that is the current one nevertheless",
            $"Enable it (gcloud secrets versions enable {newest.Id} --secret={secret.Path} {Place}), or add a new version.");

    private CheckResult? Ending(ManagedSecret secret, SecretEntry seen) => seen.ExpireTime is { } end
        ? VaultFindings.Warn(
            "secret-usable", secret, $"deletes itself on {end.UtcDateTime:yyyy-MM-dd}, with all its versions",
            "A rotation doesn't change that: then its value is lost.",
            $"Take the expiration off: gcloud secrets update {secret.Path} {Place} --remove-expiration")
        : null;

    private static bool HasOwnKey(SecretEntry seen) => seen.CustomerManagedEncryption is not null
        || seen.Replication?.GetRawText().Contains("kmsKeyName", StringComparison.Ordinal) == true;
}
