namespace SecretRotator.Audit;

/// <summary>What is known of one secret.</summary>
public sealed record SecretAudit
{
    /// <summary>Its entry in the inventory: owner, place, targets and policy.</summary>
    public required ManagedSecret Secret { get; init; }

    /// <summary>Its state.</summary>
    public required AuditState State { get; init; }

    /// <summary>What a run would do with it now, and why.</summary>
    public required Decision Decision { get; init; }

    /// <summary>Whether it is as fresh as its policy wants.</summary>
    public required AgeVerdict Freshness { get; init; }

    /// <summary>The version that the vault gives its readers, or null where the vault didn't say.</summary>
    public required VersionId? Current { get; init; }

    /// <summary>What its targets are known to hold, or null.</summary>
    public required DeliveryMark? Delivered { get; init; }

    /// <summary>How old its value is, or null where that can't be determined.</summary>
    public required Duration? Age { get; init; }

    /// <summary>When it becomes or became due, or null where that can't be determined.</summary>
    public required Instant? DueAt { get; init; }

    /// <summary>Its targets, in the order of the inventory.</summary>
    public required ImmutableArray<TargetAudit> Targets { get; init; }

    /// <summary>How its values are made: one rule a generated field.</summary>
    public required ImmutableArray<ValueRule> Values { get; init; }

    /// <summary>The last time that all its targets were given a value, or null where that isn't known.</summary>
    public required Delivery? Last { get; init; }

    /// <summary>What runs did with it, the newest first, as far as evidence of them was read; at most <see cref="MostEvents"/>.</summary>
    public required ImmutableArray<PastEvent> History { get; init; }

    /// <summary>How many older events are left out of <see cref="History"/>.</summary>
    public required int OlderEvents { get; init; }

    /// <summary>Where someone departed from the rule, and why.</summary>
    public required ImmutableArray<AuditException> Exceptions { get; init; }

    /// <summary>What needs a look.</summary>
    public required ImmutableArray<AuditFinding> Findings { get; init; }

    /// <summary>How much of its period is used up, 1 when it becomes due; null where its age can't be determined.</summary>
    public double? Used => Age is { } age && DueAt is { } due && Delivered is { } delivered && due > delivered.ValueSince
        ? age.TotalSeconds / (due - delivered.ValueSince).TotalSeconds
        : null;

    /// <summary>More than a person reads.</summary>
    public const int MostEvents = 20;
}

/// <summary>The state of a secret. Each is in exactly one; the order is that of urgency.</summary>
public enum AuditState
{
    /// <summary>The last attempt on it failed, and nothing has succeeded since.</summary>
    Failed,

    /// <summary>It can't be started, or can't be judged.</summary>
    Blocked,

    /// <summary>A rotation of it is open, and its holder is gone.</summary>
    Unfinished,

    /// <summary>It was never delivered by this tool.</summary>
    NotAdopted,

    /// <summary>Its targets aren't known to hold the vault's current version.</summary>
    OutOfStep,

    /// <summary>Due, and free to rotate.</summary>
    Due,

    /// <summary>Due, but not now.</summary>
    Waiting,

    /// <summary>Fresh, and where it should be.</summary>
    Fresh,
}

/// <summary>Whether a value is as fresh as its policy wants.</summary>
public enum AgeVerdict
{
    /// <summary>It is.</summary>
    WithinPolicy,

    /// <summary>It is older.</summary>
    Overdue,

    /// <summary>Its age can't be determined.</summary>
    Unknown,
}

/// <summary>One target as it was seen.</summary>
/// <param name="Target">The target.</param>
/// <param name="State">What was seen of it.</param>
public sealed record TargetAudit(VariableTarget Target, TargetState State);

/// <summary>What was seen of a target.</summary>
public enum TargetState
{
    /// <summary>It is there, once, and secured.</summary>
    Secured,

    /// <summary>It is there and its value can be read.</summary>
    Unsecured,

    /// <summary>It isn't there.</summary>
    Missing,

    /// <summary>Several variables have its key in different case.</summary>
    Ambiguous,

    /// <summary>Its scope could not be listed.</summary>
    Unknown,
}

/// <summary>How one value is made.</summary>
/// <param name="Field">The field of a JSON secret, or null.</param>
/// <param name="Kind">The kind in the inventory's word, such as <c>password</c>.</param>
/// <param name="Bits">Its entropy in bits, rounded down; null where the vault makes it.</param>
/// <param name="WeakBecause">Why less than 128 bits are enough, or null.</param>
public sealed record ValueRule(string? Field, string Kind, int? Bits, string? WeakBecause);

/// <summary>The last time that all targets were given a value.</summary>
/// <param name="At">When.</param>
/// <param name="Version">Which version.</param>
/// <param name="From">The version before, where evidence says so.</param>
/// <param name="Level">How surely the targets hold it.</param>
/// <param name="Rotation">The rotation, redelivery or adoption.</param>
/// <param name="Run">The run that did it, where evidence says so.</param>
public sealed record Delivery(Instant At, VersionId Version, VersionId? From, VerificationLevel Level, RotationId Rotation, string? Run);

/// <summary>A departure from the rule.</summary>
/// <param name="Kind">Which rule.</param>
/// <param name="What">Which rule was overridden, and why, in the words of the person who did so.</param>
/// <param name="At">When; null where it holds permanently.</param>
/// <param name="Run">The run, where evidence records it.</param>
public sealed record AuditException(ExceptionKind Kind, string What, Instant? At, string? Run);

/// <summary>Which rule was departed from.</summary>
public enum ExceptionKind
{
    /// <summary>Rotated because someone asked for it, whatever its age.</summary>
    Forced,

    /// <summary>Rotated though a freeze or its window said no.</summary>
    Override,

    /// <summary>It gets no new value for a while, however old it becomes.</summary>
    Held,

    /// <summary>Its values have less entropy than the rule asks for.</summary>
    LowEntropy,
}
