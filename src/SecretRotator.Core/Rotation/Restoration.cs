namespace SecretRotator.Rotation;

/// <summary>The older version that a rollback brings back, and the hold that keeps it.</summary>
/// <param name="Version">The version whose value is wanted.</param>
/// <param name="HeldUntil">Until when no run gives the secret a new value.</param>
/// <param name="Reason">Why, as the mark takes it.</param>
internal sealed record Restoration(VersionId Version, Instant HeldUntil, string Reason)
{
    /// <summary>Whether an older version may be brought back in place of what a secret would get otherwise.</summary>
    /// <param name="otherwise">What is decided without the rollback.</param>
    public static bool MayFollow(Decision otherwise) => otherwise is not (Decision.Blocked or Decision.Unfinished or Decision.Adopt);

    /// <summary>What a rollback does, before the version is looked for: it is forced, or blocked.</summary>
    /// <param name="planned">What is planned for the secret without the rollback.</param>
    /// <param name="wanted">What the operator asks for.</param>
    public static Decision Decide(PlanItem planned, RollbackRequest wanted)
    {
        var name = planned.Secret.Name;
        if (planned.Secret.Value is ValuePolicy.VaultManaged)
        {
            return new Decision.Blocked(
                FailureKind.Unsupported,
                "The vault's own rotation also changed the value where it is used; an older one would not work there.",
                "Undo the change at the service that uses it, or ask the vault for another rotation.");
        }

        return planned.Decision switch
        {
            Decision.Unfinished => new Decision.Blocked(
                FailureKind.RotationOpen, "A rotation is open.", $"Finish it first: secret-rotator rotate --only {name}"),
            Decision.Adopt => new Decision.Blocked(
                FailureKind.NeverDelivered, "It was never delivered by this tool.",
                $"Adopt it first: secret-rotator rotate --only {name} --adopt"),
            var otherwise => MayFollow(otherwise) ? new Decision.Forced(wanted.By, wanted.Reason) : otherwise,
        };
    }
}
