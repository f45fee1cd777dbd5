namespace SecretRotator.Providers.Azure;

/// <summary>The tags that the tool leaves on versions in Key Vault. <c>docs/azure.md</c> explains them to people.</summary>
internal static class AzureMarks
{
    /// <summary>On a current or staged version: the rotation that made it.</summary>
    public const string Rotation = "secret-rotator-rotation";

    /// <summary>On a current version: the version that it replaced.</summary>
    public const string Replaces = "secret-rotator-replaces";

    /// <summary>On a current version: what was delivered.</summary>
    public const string Delivered = "secret-rotator-delivered";

    /// <summary>On a version that a rotation made: the version that it replaced, which is to be retired.</summary>
    public const string Grace = "secret-rotator-grace";

    /// <summary>On a disabled version of the companion: a delivery that was begun and isn't known to be finished.</summary>
    public const string Delivering = "secret-rotator-delivering";

    /// <summary>On a version that a rollback staged, and on the one that it made: until when that one stays, and why.</summary>
    public const string Hold = "secret-rotator-hold";

    /// <summary>On a staged version: the version that was current when its rotation began.</summary>
    public const string Base = "secret-rotator-base";

    /// <summary>On a staged version: who staged it.</summary>
    public const string Holder = "secret-rotator-holder";

    /// <summary>On a staged version: when its holder took the claim.</summary>
    public const string Start = "secret-rotator-start";

    /// <summary>On a staged version: the repository that keeps the claims of the run that staged it.</summary>
    public const string Home = "secret-rotator-home";

    /// <summary>How many tags a secret may have of its own, so that the tool's five fit among Key Vault's 15.</summary>
    public const int RoomForOthers = 10;

    /// <summary>
    /// What a mark says for its version when value and mark are written in one call: the id isn't known before the
    /// answer, so the mark means the version that its rotation made.
    /// </summary>
    private static readonly VersionId Self = new("self");

    /// <summary>The tags of a version that a rotation makes current: those of the version it replaces, with the tool's own.</summary>
    public static ImmutableSortedDictionary<string, string> OfPromoted(KeyVaultVersion replaced, Claim claim, DeliveryMark mark) =>
        WithGrace(
            WithHold(
                Foreign(replaced)
                    .SetItem(Rotation, claim.Rotation.Value)
                    .SetItem(Replaces, replaced.Id.Value)
                    .SetItem(Delivered, (mark with { Version = Self }).Format()),
                claim),
            mark);

    /// <summary>The tags of a version, with the record of its delivery.</summary>
    public static ImmutableSortedDictionary<string, string> WithDelivery(KeyVaultVersion version, DeliveryMark mark) =>
        WithGrace(version.Tags.SetItem(Delivered, (mark with { Version = version.Id }).Format()), mark);

    /// <summary>The tags of a staged version.</summary>
    public static ImmutableSortedDictionary<string, string> OfStaged(Claim claim, string home) => WithHold(
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal)
            .SetItem(Rotation, claim.Rotation.Value)
            .SetItem(Base, claim.Base.Value)
            .SetItem(Holder, claim.Holder.Format())
            .SetItem(Start, MarkText.Format(claim.At))
            .SetItem(Home, home),
        claim);

    /// <summary>The tags of a version that is the mark of a delivery.</summary>
    public static ImmutableSortedDictionary<string, string> OfDelivering(DeliveringMark mark) =>
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal)
            .SetItem(Rotation, mark.Rotation.Value)
            .SetItem(Delivering, mark.Format());

    /// <summary>The hold that a version has, or null.</summary>
    /// <exception cref="FormatException">The tag wasn't written by the tool.</exception>
    public static HoldMark? HoldOn(KeyVaultVersion version) =>
        version.Tags.TryGetValue(Hold, out var text) ? HoldMark.Parse(text) ?? throw new FormatException() : null;

    /// <summary>The tags that aren't the tool's.</summary>
    public static ImmutableSortedDictionary<string, string> Foreign(KeyVaultVersion version) =>
        version.Tags.RemoveRange([Rotation, Replaces, Delivered, Grace, Hold]);

    // The first mark of a rotation stays: what began after it can't hold the old version, however late the rotation was finished.
    private static ImmutableSortedDictionary<string, string> WithGrace(ImmutableSortedDictionary<string, string> tags, DeliveryMark mark) =>
        GraceMark.Of(mark) is { } grace && !tags.ContainsKey(Grace) ? tags.SetItem(Grace, grace.Format()) : tags;

    private static ImmutableSortedDictionary<string, string> WithHold(ImmutableSortedDictionary<string, string> tags, Claim claim) =>
        claim.Hold is { } hold ? tags.SetItem(Hold, hold.Format()) : tags;

    /// <summary>Whether a mark names no version, but the one that its rotation made.</summary>
    public static bool MeansSelf(DeliveryMark mark) => mark.Version == Self;
}

/// <summary>What the tags of a staged version say.</summary>
/// <param name="Rotation">The rotation that staged it.</param>
/// <param name="Base">The version that was current when it began.</param>
/// <param name="Holder">Who staged it.</param>
/// <param name="At">When its holder took the claim.</param>
internal sealed record StagedMarks(RotationId Rotation, VersionId Base, Holder Holder, Instant At)
{
    /// <summary>Reads the tags; null where one is missing or unreadable.</summary>
    public static StagedMarks? Of(KeyVaultVersion version)
    {
        var tags = version.Tags;
        return version.Rotation is { } rotation
            && tags.TryGetValue(AzureMarks.Base, out var @base) && @base.Length > 0
            && tags.TryGetValue(AzureMarks.Holder, out var who) && Holder.Parse(who) is { } holder
            && tags.TryGetValue(AzureMarks.Start, out var start) && MarkText.ParseInstant(start) is { } at
                ? new StagedMarks(rotation, new(@base), holder, at)
                : null;
    }
}
