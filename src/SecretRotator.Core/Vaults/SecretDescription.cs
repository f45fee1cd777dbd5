using System.Text.RegularExpressions;

namespace SecretRotator.Vaults;

/// <summary>A version's identity, as the vault gave it.</summary>
/// <param name="Value">Not empty.</param>
public readonly record struct VersionId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>A rotation's identity: a UUID in its usual form, lower case.</summary>
/// <remarks>
/// The tool's own ids are UUIDs of version 8 (RFC 9562): random bits, and six bytes that follow from them. So a
/// version that bears such an id is known to be the tool's even when every other mark on it is gone.
/// </remarks>
/// <param name="Value">Not empty.</param>
public readonly record struct RotationId(string Value)
{
    /// <summary>A new id of this tool's: 74 random bits.</summary>
    /// <param name="random">Where they come from.</param>
    public static RotationId New(IRandomSource random) => new(OwnUuid.New(random, "secret-rotator"u8));

    /// <summary>Whether an id is one that <see cref="New"/> made.</summary>
    public static bool IsOwn(string id) => OwnUuid.Is(id, "secret-rotator"u8);

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>One readable version of a secret.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Value">Its whole content.</param>
/// <param name="CreatedAt">When the vault says that it was created.</param>
public sealed record SecretVersion(VersionId Id, SecretValue Value, Instant CreatedAt) : IDisposable
{
    /// <summary>Wipes the value.</summary>
    public void Dispose() => Value.Dispose();
}

/// <summary>Everything that a vault reports about a secret without reading a value.</summary>
/// <param name="Current">The version that readers get.</param>
/// <param name="CurrentRotation">The rotation of this tool that made the current version, or null.</param>
/// <param name="Delivered">What this tool delivered last, or null where it never did.</param>
/// <param name="Open">A rotation of this tool that was begun and not ended, or null.</param>
/// <param name="Foreign">Who else rotates or is rotating this secret.</param>
public sealed record SecretDescription(
    VersionId Current,
    RotationId? CurrentRotation,
    DeliveryMark? Delivered,
    OpenRotation? Open,
    ForeignRotation Foreign)
{
    /// <summary>An old version that is valid still and was marked to be retired, the newest where there are several, as after a
    /// rollback; or null. Never the
    /// current one.</summary>
    public GraceMark? Grace { get; init; }

    /// <summary>A delivery that was begun and isn't known to be finished, though it may have deleted variables; or null.</summary>
    public DeliveringMark? Delivering { get; init; }

    /// <summary>
    /// When the rotation of this tool began that made a version current and couldn't finish, because someone else made another one
    /// current; or null. What it sent may still land.
    /// </summary>
    public Instant? LastTrace { get; init; }

    /// <summary>Until when a request that was sent before may still land, as far as the vault shows; <see cref="Instant.MinValue"/> where
    /// none can.</summary>
    /// <param name="limits">The inventory's limits.</param>
    public Instant UnsettledUntil(RunLimits limits)
    {
        var delivered = Delivered is { } mark ? mark.DeliveredAt + limits.MinimumInterval : Instant.MinValue;
        var delivering = Delivering?.UnsettledUntil(limits) ?? Instant.MinValue;
        var trace = LastTrace is { } began ? began + limits.ClaimLimit + limits.MinimumInterval : Instant.MinValue;
        return Instant.Max(delivered, Instant.Max(delivering, trace));
    }

    /// <summary>The hold that the rollback left which made the current version, whether it has ended or not; or null.</summary>
    public HoldMark? Hold { get; init; }
}

/// <summary>Which other party rotates or owns a secret.</summary>
public abstract record ForeignRotation
{
    private ForeignRotation()
    {
    }

    /// <summary>No one.</summary>
    public sealed record None : ForeignRotation;

    /// <summary>The vault rotates it by a function of its own (<c>RotationEnabled</c>): never generate a value, only deliver.</summary>
    public sealed record ByVault : ForeignRotation;

    /// <summary>Another service owns it (<c>OwningService</c>): don't touch it.</summary>
    /// <param name="Service">The service's name.</param>
    public sealed record ByService(string Service) : ForeignRotation;

    /// <summary>Someone else's rotation is open: don't touch the secret until it has ended.</summary>
    /// <param name="Version">Their staged version.</param>
    public sealed record Pending(VersionId Version) : ForeignRotation;
}

/// <summary>How surely a target is known to hold a value that works.</summary>
[Flags]
public enum VerificationLevel
{
    /// <summary>The PUT was answered, and a listing shows the variable in place and secured.</summary>
    Listed = 0,

    /// <summary>A pipeline in the target's repository proved that it sees the value.</summary>
    Attested = 1,

    /// <summary>The backend accepted a login with the value before any target got it.</summary>
    Accepted = 2,
}

/// <summary>What all targets of a secret are known to hold. Kept in the vault as metadata.</summary>
/// <param name="Version">The delivered version.</param>
/// <param name="ValueSince">When the value was created; its age counts from here.</param>
/// <param name="DeliveredAt">When the last target was verified.</param>
/// <param name="TargetsDigest">Which targets (scope, key, field, uuid, encoding) held it: 16 hexadecimal digits.</param>
/// <param name="Level">How surely.</param>
/// <param name="Rotation">The rotation, redelivery or adoption that delivered it.</param>
public sealed partial record DeliveryMark(
    VersionId Version,
    Instant ValueSince,
    Instant DeliveredAt,
    string TargetsDigest,
    VerificationLevel Level,
    RotationId Rotation)
{
    /// <summary>
    /// The version that this delivery replaced and that stays valid for a while, or null. Not part of <see cref="Format"/>:
    /// it has a mark of its own, the <see cref="GraceMark"/>, written together with this one.
    /// </summary>
    public VersionId? InGrace { get; init; }

    /// <summary>
    /// Whether there is a <see cref="DeliveringMark"/>, which is over with this delivery. Not part of <see cref="Format"/>: that mark goes
    /// with the write of this one.
    /// </summary>
    public bool EndsDelivering { get; init; }

    /// <summary>The mark as one metadata value of at most 256 characters that AWS tags and Azure tags both take.</summary>
    public string Format() =>
        $"v={Version} since={MarkText.Format(ValueSince)} at={MarkText.Format(DeliveredAt)} targets={TargetsDigest} "
            + $"level={WireNames.Of(Level)} rotation={Rotation}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static DeliveryMark? Parse(string? text)
    {
        if (text is null || Pattern().Match(text) is not { Success: true } match)
            return null;
        if (MarkText.ParseInstant(match.Groups[2].Value) is not { } since || MarkText.ParseInstant(match.Groups[3].Value) is not { } at)
            return null;
        var level = WireNames.LevelOf(match.Groups[5].Value)!.Value;
        return new DeliveryMark(new(match.Groups[1].Value), since, at, match.Groups[4].Value, level, new(match.Groups[6].Value));
    }

    [GeneratedRegex(
        "^v=([!-~]{1,80}) since=([0-9TZ:.-]{1,40}) at=([0-9TZ:.-]{1,40}) targets=([0-9a-f]{16}) "
            + "level=(listed|attested|accepted|accepted-and-attested) "
            + "rotation=([!-~]{1,64})$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}

/// <summary>A rotation that was begun and not ended, as its marks in the vault show.</summary>
/// <param name="Id">Its identity; resuming it keeps it, and so the staged value.</param>
/// <param name="Base">The version that was current when it began.</param>
/// <param name="Holder">Who holds the claim.</param>
/// <param name="StartedAt">When that holder took it.</param>
/// <param name="Staged">Whether a value is staged for it: where none is, there is nothing to resume.</param>
/// <param name="Handle">What the vault needs to take exactly this claim over: a label, a uuid.</param>
public sealed record OpenRotation(RotationId Id, VersionId Base, Holder Holder, Instant StartedAt, bool Staged, string Handle);

/// <summary>A request for the exclusive right to change a secret.</summary>
/// <param name="Rotation">The rotation's identity; with <paramref name="TakeOver"/> that of the rotation taken over.</param>
/// <param name="Base">The version that is current, as far as is known.</param>
/// <param name="Holder">Who asks.</param>
/// <param name="At">When.</param>
/// <param name="Candidate">
/// The whole content to stage, should the claim be won, or a copy of the current one where there is nothing to stage. The caller keeps
/// and wipes it.
/// </param>
/// <param name="TakeOver">The open rotation to take over, or null to begin a new one.</param>
public sealed record ClaimRequest(
    RotationId Rotation, VersionId Base, Holder Holder, Instant At, SecretValue Candidate, OpenRotation? TakeOver)
{
    /// <summary>How long the holder may act on the claim.</summary>
    public required Lease Lease { get; init; }

    /// <summary>
    /// Whether what is to be staged comes only after the claim, by <see cref="ISecretVault.StageAsync"/>: the claim itself stages nothing
    /// then, and the candidate is a copy of the current content.
    /// </summary>
    public bool StagesLater { get; init; }

    /// <summary>Whether the vault rotates the secret by means of its own. The claim must then leave alone what those use.</summary>
    public bool VaultRotates { get; init; }

    /// <summary>The hold that a rollback asks for, of the same rotation; null for every other claim.</summary>
    public HoldMark? Hold { get; init; }

    /// <summary>The claim that is asked for, once it is held.</summary>
    /// <param name="path">The secret.</param>
    /// <param name="handle">What the vault needs to release exactly this claim.</param>
    public Claim Granted(string path, string handle) => new(path, Rotation, Base, Holder, At, handle) { Lease = Lease, Hold = Hold };
}

/// <summary>The exclusive right to change one secret, until it is finished or discarded.</summary>
/// <param name="Path">The secret.</param>
/// <param name="Rotation">The rotation that holds it.</param>
/// <param name="Base">The version that must be current still when the staged one is promoted.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="At">Since when.</param>
/// <param name="Handle">What the vault needs to release exactly this claim.</param>
public sealed record Claim(string Path, RotationId Rotation, VersionId Base, Holder Holder, Instant At, string Handle)
{
    /// <summary>How long the holder may act on it.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The hold that goes with the staged version, as far as the vault needs to be reminded of it; or null.</summary>
    public HoldMark? Hold { get; init; }
}

/// <summary>How an attempt to claim ended.</summary>
public abstract record ClaimResult
{
    private ClaimResult()
    {
    }

    /// <summary>The claim is held.</summary>
    /// <param name="Claim">The claim.</param>
    public sealed record Won(Claim Claim) : ClaimResult
    {
        /// <summary>The description of the secret under the claim, where taking it showed all of that; null where it has yet to be asked
        /// for.</summary>
        public SecretDescription? Seen { get; init; }
    }

    /// <summary>Someone else holds it; nothing was changed.</summary>
    /// <param name="Why">Who, as far as it is known, for people.</param>
    public sealed record Lost(string Why) : ClaimResult;
}
