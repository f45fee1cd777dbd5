using SecretRotator.Rotation;

namespace SecretRotator;

/// <summary>The words that evidence, JSON results and logs use for the closed sets of the domain. They are a promise to programs that read
/// them.</summary>
public static class WireNames
{
    /// <summary>The word of a member of an enumeration: its name in kebab case, such as <c>access-denied</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has no such member.</exception>
    public static string Of<T>(T member)
        where T : struct, Enum =>
        JsonNamingPolicy.KebabCaseLower.ConvertName(Enum.GetName(member) ?? throw new ArgumentOutOfRangeException(nameof(member)));

    /// <summary>A decision's word, such as <c>not-due</c>.</summary>
    public static string Of(Decision decision) => decision switch
    {
        Decision.Unfinished => "unfinished",
        Decision.Redeliver => "redeliver",
        Decision.Adopt => "adopt",
        Decision.Due => "due",
        Decision.NotDue => "not-due",
        Decision.Retire => "retire",
        Decision.Forced => "forced",
        Decision.Waiting => "waiting",
        Decision.Blocked => "blocked",
        _ => throw new ArgumentOutOfRangeException(nameof(decision)),
    };

    /// <summary>An outcome's word, such as <c>rolled-back</c>.</summary>
    public static string Of(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated => "rotated",
        RotationOutcome.Redelivered => "redelivered",
        RotationOutcome.Adopted => "adopted",
        RotationOutcome.Retired => "retired",
        RotationOutcome.RolledBack => "rolled-back",
        RotationOutcome.NeedsOperator => "needs-operator",
        RotationOutcome.Untouched => "untouched",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>A verification level's word: <c>listed</c>, <c>attested</c>, <c>accepted</c> or <c>accepted-and-attested</c>.</summary>
    public static string Of(VerificationLevel level) => level switch
    {
        VerificationLevel.Listed => "listed",
        VerificationLevel.Attested => "attested",
        VerificationLevel.Accepted => "accepted",
        VerificationLevel.Accepted | VerificationLevel.Attested => "accepted-and-attested",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    /// <summary>The level of a word; null where it is none.</summary>
    public static VerificationLevel? LevelOf(string? word) => word switch
    {
        "listed" => VerificationLevel.Listed,
        "attested" => VerificationLevel.Attested,
        "accepted" => VerificationLevel.Accepted,
        "accepted-and-attested" => VerificationLevel.Accepted | VerificationLevel.Attested,
        _ => null,
    };

    /// <summary>A decision's reason in one sentence, for people; empty where the word says it all.</summary>
    public static string WhyOf(Decision decision) => decision switch
    {
        Decision.Unfinished d => d.Why,
        Decision.Redeliver d => d.Why,
        Decision.Adopt { Approved: true } => "It was never delivered by this tool; the operator approved.",
        Decision.Adopt =>
            "It was never delivered by this tool, so what its targets hold can't be put back. --adopt delivers the vault's current value.",
        Decision.Due => "",
        Decision.NotDue => "",
        Decision.Retire d => $"{d.Version}: {d.Why}",
        Decision.Forced d => $"{d.By}: {d.Reason}",
        Decision.Waiting d => d.Why,
        Decision.Blocked d => d.Why,
        _ => throw new ArgumentOutOfRangeException(nameof(decision)),
    };
}
