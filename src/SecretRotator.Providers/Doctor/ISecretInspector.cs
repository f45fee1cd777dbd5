namespace SecretRotator.Providers.Doctor;

/// <summary>What a kind of vault lets one know of a secret without changing it.</summary>
internal interface ISecretInspector
{
    /// <summary>What changing a secret needs, where that can't be tried without changing one: the actions, for people; null where
    /// <see cref="LookAsync"/> tells what is missing (<c>secret-writable</c>).</summary>
    string? Writing { get; }

    /// <summary>Looks at everything but the value.</summary>
    /// <exception cref="RemoteFailureException">It can't be described.</exception>
    /// <exception cref="UsageException">The settings don't suffice for this vault.</exception>
    Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation);

    /// <summary>Reads a version; the caller wipes it.</summary>
    /// <exception cref="RemoteFailureException">It can't be read.</exception>
    Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation);

    /// <summary>The refusal of a call, with the permission that is missing where the vault names it.</summary>
    /// <param name="failure">The refusal.</param>
    /// <param name="reads">Whether the value was asked for.</param>
    string Fix(RemoteFailureException failure, bool reads);

    /// <summary>Whether a refusal is of the identity itself, so that every secret of the vault would be refused alike.</summary>
    bool IsOfIdentity(RemoteFailureException failure);
}

/// <summary>What was seen of a secret without its value.</summary>
/// <param name="Current">The version that readers get, or null where there is none that could be read.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Key">What encrypts it, for people; secrets with the same are told together.</param>
internal sealed record SecretSight(VersionId? Current, ImmutableArray<CheckResult> Findings, string? Key);
