using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>Looks at secrets in a KV engine of HashiCorp Vault or OpenBao.</summary>
/// <param name="definition">The engine.</param>
/// <param name="calls">Asks what the token may do.</param>
/// <param name="engine">Reads secrets.</param>
/// <param name="database">Reads database roles.</param>
/// <param name="formOf">The form of a secret's content, by its path.</param>
/// <param name="clock">Tells which versions have deleted themselves.</param>
internal sealed class HashiCorpSecretInspector(
    HashiCorpVaultDefinition definition, HashiCorpCalls calls, KvEngine engine, DatabaseEngine database, Func<string, KvForm> formOf,
    IClock clock)
    : ISecretInspector
{
    private const string Never = "0s";

    private readonly Lazy<Task<MountConfig?>> _mount = new(async () =>
    {
        try
        {
            return await engine.ConfigAsync(CancellationToken.None);
        }
        catch (RemoteFailureException)
        {
            // It isn't among the least rights: what the mount says is seen from the versions then.
            return null;
        }
    });

    /// <inheritdoc />
    public string? Writing => null;

    /// <inheritdoc />
    public async Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var sight = await SeeAsync(secret, cancellation);
        return await WritableAsync(secret, cancellation) is { } finding
            ? sight with { Findings = sight.Findings.Add(finding) }
            : sight;
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation)
    {
        var number = long.Parse(version.Value, System.Globalization.CultureInfo.InvariantCulture);
        return StaticRole.In(secret.Path) is { } role
            ? database.ReadAsync(role, number, cancellation)
            : engine.ReadAsync(secret.Path, number, formOf(secret.Path), cancellation);
    }

    /// <inheritdoc />
    public string Fix(RemoteFailureException failure, bool reads)
    {
        if (failure.Kind != FailureKind.AccessDenied)
            return failure.Hint ?? "Run doctor again.";
        var path = StaticRole.In(failure.Failure.Resource ?? "") is { } role
            ? (reads ? role.Credential : role.Definition)
            : $"{definition.Mount}/{(reads ? "data" : "metadata")}/{failure.Failure.Resource ?? "NAME"}";
        return $"Give the token's policy read on {path}: secret-rotator doctor trust --for hashicorp-vault writes it.";
    }

    /// <inheritdoc />
    public bool IsOfIdentity(RemoteFailureException failure) => failure.Kind == FailureKind.Unauthenticated;

    private async Task<SecretSight> SeeAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        if (StaticRole.In(secret.Path) is { } role)
            return await SeeAsync(secret, role, cancellation);
        if (await engine.FindAsync(secret.Path, cancellation) is not { Current: > 0 } metadata)
        {
            var mount = await engine.MountAsync(cancellation);
            return new SecretSight(null, [mount is null or { Type: "kv", Options.Version: "2" }
                ? VaultFindings.Fail(
                    "secret-described", secret, $"doesn't exist in {definition.Name}",
                    $"Correct the path in the inventory, or set a first value: vault kv put -mount={definition.Mount} {secret.Path} …")
                : VaultFindings.Fail(
                    "secret-described", secret, $"is in the mount {definition.Mount}, which is no KV engine of version 2",
                    $"Enable version 2: vault kv enable-versioning {definition.Mount}")], null);
        }

        var newest = metadata.Find(metadata.Current)!;
        var isReadable = newest.IsReadable(clock.GetCurrentInstant());
        var config = await _mount.Value;
        var kept = metadata.MaxVersions > 0 ? metadata.MaxVersions : config?.MaxVersions ?? 0;
        CheckResult?[] findings =
        [
            secret.Value is ValuePolicy.VaultManaged
                ? VaultFindings.Fail(
                    "other-rotation", secret, "is in the KV engine, which makes no values, but the inventory says `kind: vault-managed`",
                    "Write the kind of value that this tool shall make, or the path of a database role: database/static-creds/ROLE.")
                : null,
            isReadable
                ? null
                : VaultFindings.Fail(
                    "secret-usable", secret, "has a current version that was deleted",
                    $"Bring it back (vault kv undelete -mount={definition.Mount} -versions={metadata.Current} {secret.Path}), or write "
                        + "a new value."),
            kept == 1 || (kept == 0 && metadata is { Current: > 1, Versions.Length: 1 })
                ? VaultFindings.Fail(
                    "versions-kept", secret, "keeps one version only (max_versions), so a rotation could not be undone",
                    $"Keep more: vault kv metadata put -mount={definition.Mount} -max-versions=10 {secret.Path}")
                : null,
            isReadable && DeletesItself(metadata, config)
                ? VaultFindings.Fail(
                    "versions-kept", secret, "has versions that delete themselves after a while (delete_version_after)",
                    "Its value would vanish from the vault while the targets hold it. Set delete_version_after to 0s, on the secret and on "
                        + "the mount.")
                : null,
        ];
        return new SecretSight(isReadable ? IdOf(metadata.Current) : null, [.. findings.OfType<CheckResult>()], null);
    }

    private async Task<SecretSight> SeeAsync(ManagedSecret secret, StaticRole role, CancellationToken cancellation)
    {
        if (await database.FindAsync(role, cancellation) is not { } seen)
            return new SecretSight(null, [VaultFindings.Fail(
                "secret-described", secret, $"is a database role that doesn't exist in {definition.Name}",
                $"Correct the path in the inventory, or make the role: vault write {role.Definition} …")], null);
        return new SecretSight(
            IdOf(seen.Current),
            secret.Value is ValuePolicy.VaultManaged ? [] : [VaultFindings.Fail(
                "other-rotation", secret,
                "is a database role, whose password the vault sets, but the inventory says that this tool makes it",
                "Write `value: { kind: vault-managed }`.")],
            null);
    }

    private async Task<CheckResult?> WritableAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        const string id = "secret-writable";
        try
        {
            var needed = HashiCorpPolicy.Of([definition], [secret], []).Rules.Where(rule => rule.For != HashiCorpPolicy.ForDoctor);
            var lacking = await TokenCapabilities.LackingAsync(calls, definition, needed, cancellation);
            return lacking.IsEmpty
                ? null
                : VaultFindings.Fail(
                    id, secret, $"can't be rotated with this token: it lacks {string.Join(", ", lacking)}",
                    TokenCapabilities.Fix);
        }
        catch (RemoteFailureException failure)
        {
            return CheckResult.Unknown(
                CheckArea.Vaults, id, $"{secret.Name}: {failure.Message}", "A right that is missing shows up in a rotation then.") with
            { Secret = secret, Failure = failure.Failure };
        }
    }

    private static VersionId IdOf(long number) => new(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static bool DeletesItself(KvMetadata metadata, MountConfig? config) =>
        metadata.Find(metadata.Current) is { Deletion: not null }
        || metadata.DeleteVersionAfter is not (null or Never)
        || config?.DeleteVersionAfter is not (null or Never);
}
