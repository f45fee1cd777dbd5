namespace SecretRotator.Inventory;

/// <summary>
/// The system that accepts a credential, as the inventory describes it. Each kind of backend derives a sealed record in its folder.
/// </summary>
public abstract record BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>, such as <c>postgresql</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What people call this kind of backend, such as <c>PostgreSQL</c>.</summary>
    public abstract string Product { get; }

    /// <summary>The system that accepts it, for people, such as <c>db.internal:5432/payments</c>.</summary>
    public abstract string Place { get; }

    /// <summary>What the protocol must know of it.</summary>
    public abstract BackendTraits Traits { get; }

    /// <summary>
    /// What digests are made of. It never changes: digests of earlier releases are compared with those of this one.
    /// </summary>
    public abstract ImmutableArray<string?> Canonical { get; }

    /// <summary>
    /// What no other secret may have as well, since the rotation of one would change what the other one has in use: users, a key's owner.
    /// </summary>
    public virtual ImmutableArray<string> Identities => Traits.Family == BackendFamily.Issue ? [Place] : [];

    /// <summary>
    /// The field that says who logs in, where a rotation changes that as well and a login needs it; null where it stays the same.
    /// </summary>
    public virtual string? ChangingIdentity => null;

    /// <summary>What its values are changed with, or null where the value itself, or the identity of the run, does that.</summary>
    public virtual VaultReference? Admin => null;

    /// <summary>What to do instead, so that no credential is stored at all; null where there is nothing.</summary>
    public virtual string? KeylessWay => null;

    /// <summary>How long a credential is valid from when it is issued; null where it doesn't end, or where that follows from how often it
    /// is rotated.</summary>
    public virtual Duration? Lifetime => null;

    /// <summary>How long a credential stays disabled before it is deleted, where it was issued. Until then a rollback enables it
    /// again.</summary>
    public Duration DeleteAfter { get; init; } = Duration.FromDays(7);
}

/// <summary>Who makes the value.</summary>
public enum BackendFamily
{
    /// <summary>This tool generates it, and the backend takes it.</summary>
    Set,

    /// <summary>The backend makes it, and shows it once.</summary>
    Issue,
}

/// <summary>What the protocol must know of a backend before it calls it.</summary>
/// <param name="Family">Who makes the value.</param>
/// <param name="Overlaps">Whether the old credential stays valid beside the new one. Without it the slot in use is written to.</param>
/// <param name="TellsLastUse">Whether it tells when a credential was used last.</param>
/// <param name="Lag">How long it may refuse what it has accepted, or accept what it has disabled.</param>
/// <param name="Settles">After this long an unanswered write has taken effect or never will.</param>
public sealed record BackendTraits(BackendFamily Family, bool Overlaps, bool TellsLastUse, Duration Lag, Duration Settles);

/// <summary>Who takes a generated value that no backend takes.</summary>
public enum ValueConsumer
{
    /// <summary>Both sides read the vault.</summary>
    ReadsFromVault,

    /// <summary>A person changes it where it is accepted, before or after the rotation.</summary>
    ByHand,
}
