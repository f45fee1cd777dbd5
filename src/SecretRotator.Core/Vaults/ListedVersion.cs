namespace SecretRotator.Vaults;

/// <summary>One version of a secret, as the vault lists it: everything but the value.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="CreatedAt">When the vault says that it was created; some vaults count in whole seconds.</param>
/// <param name="Place">Its place among the others.</param>
public sealed record ListedVersion(VersionId Id, Instant CreatedAt, VersionPlace Place)
{
    /// <summary>The rotation of this tool that made it, or null.</summary>
    public RotationId? Rotation { get; init; }

    /// <summary>When all targets were last known to hold it; null where the vault keeps no record of that.</summary>
    public Instant? DeliveredAt { get; init; }

    /// <summary>Whether a rollback may bring it back, for what the vault shows of it.</summary>
    public bool IsRestorable => Place is VersionPlace.Older or VersionPlace.Previous;
}

/// <summary>The place of a version among the others.</summary>
public enum VersionPlace
{
    /// <summary>It can be read by its id.</summary>
    Older,

    /// <summary>Readers get it.</summary>
    Current,

    /// <summary>It was current before the current one.</summary>
    Previous,

    /// <summary>A rotation has staged it, and hasn't ended.</summary>
    Staged,

    /// <summary>It can't be read: it was disabled.</summary>
    Disabled,
}
