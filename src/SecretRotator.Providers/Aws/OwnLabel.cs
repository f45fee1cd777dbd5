using NodaTime.Text;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// The staging label by which a version says who staged it, when, and what for. A version carries it from its first
/// moment, because it comes with the call that makes the version.
/// </summary>
/// <param name="StartedAt">When the claim was taken, to the millisecond.</param>
/// <param name="Purpose">What the version is for.</param>
/// <param name="Holder">Who holds the claim.</param>
/// <remarks>
/// AWS takes labels of up to 256 characters. A base that is a UUID is shortened. Any other id may have any character and up
/// to 64 of them (<c>ClientRequestToken</c> of PutSecretValue has a length and no pattern), so a hash replaces it, and it
/// is found again among the secret's versions.
/// </remarks>
internal sealed record OwnLabel(Instant StartedAt, LabelPurpose Purpose, Holder Holder)
{
    /// <summary>What every label of this tool begins with.</summary>
    public const string Prefix = "secret-rotator:";

    private const int LongestLabel = 256;
    private static readonly InstantPattern Start = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmssfff'Z'");

    /// <summary>The label as text, of at most 256 characters, which <see cref="Parse"/> reads as this one.</summary>
    /// <exception cref="RemoteFailureException">There is no such text. A label that can't be read would leave the claim to
    /// anyone.</exception>
    public string Format()
    {
        var (id, before) = Purpose switch
        {
            LabelPurpose.Stages stages => (stages.Base, ""),
            LabelPurpose.Carries carries => (carries.Rotation.Value, "r"),
            _ => throw new InvalidOperationException("A new purpose needs a format."),
        };
        var label = $"{Prefix}{Start.Format(StartedAt)}:{before}{Shorten(id)}:{Holder.Format()}";
        return label.Length <= LongestLabel && Parse(label, [id]) is { } read && read with { StartedAt = StartedAt } == this
            ? label
            : throw new RemoteFailureException(
                FailureKind.Other, Effect.Rejected,
                $"The staging label by which {Holder} would claim the secret can't be read back, so it was not claimed.",
                "In a pipeline, leave BITBUCKET_WORKSPACE, BITBUCKET_REPO_SLUG and BITBUCKET_BUILD_NUMBER as Bitbucket sets them.");
    }

    /// <summary>Reads what <see cref="Format"/> wrote, and what it wrote before ids that aren't UUIDs were hashed; null where the text is
    /// anything else.</summary>
    /// <param name="text">A staging label.</param>
    /// <param name="versions">The ids of the versions that the secret has, to find a hashed one among.</param>
    public static OwnLabel? Parse(string text, IReadOnlyCollection<string> versions)
    {
        // Only the purpose may hold colons: an id that is written as it is.
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split(':') is not [var start, _, .., var who])
            return null;
        if (Start.Parse(start) is not { Success: true } at || Holder.Parse(who) is not { } holder)
            return null;
        var purpose = text[(Prefix.Length + start.Length + 1)..^(who.Length + 1)];

        // The id of a rotation is a UUID.
        LabelPurpose? read = purpose is ['r', 'u', ..]
            ? Lengthen(purpose[1..], versions) is { } rotation ? new LabelPurpose.Carries(new(rotation)) : null
            : Lengthen(purpose, versions) is { } @base ? new LabelPurpose.Stages(@base) : null;
        return read is null ? null : new OwnLabel(at.Value, read, holder);
    }

    // A UUID in its usual form takes 22 characters instead of 36.
    private static string Shorten(string id) => Guid.TryParseExact(id, "D", out var uuid) && uuid.ToString("D") == id
        ? "u" + ShortUuid.Format(id)
        : "h" + MarkedVersion.Hash(id);

    private static string? Lengthen(string text, IReadOnlyCollection<string> versions) => text switch
    {
        ['t', .. { Length: > 0 } id] => id,

        // Only versions with labels are listed: the base may have lost its last one.
        ['h', .. { Length: > 0 } hash] => versions.FirstOrDefault(version => MarkedVersion.Hash(version) == hash) ?? "unknown",
        ['u', .. { Length: > 0 } uuid] => ShortUuid.Parse(uuid),
        _ => null,
    };
}

/// <summary>What a version of this tool is for.</summary>
internal abstract record LabelPurpose
{
    private LabelPurpose()
    {
    }

    /// <summary>It stages the new value of a rotation, whose id is its own.</summary>
    /// <param name="Base">The version that was current when it began.</param>
    public sealed record Stages(string Base) : LabelPurpose;

    /// <summary>
    /// It only carries the claim. The rotation's value is staged by another version, whose id is the rotation's: by that of the holder
    /// who is resumed, or by one that comes after the claim.
    /// </summary>
    /// <param name="Rotation">The rotation.</param>
    public sealed record Carries(RotationId Rotation) : LabelPurpose;
}
