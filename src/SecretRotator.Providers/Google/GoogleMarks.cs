using System.Text.RegularExpressions;

namespace SecretRotator.Providers.Google;

/// <summary>
/// What the tool keeps in the annotations of a secret: everything but values. All of it is written together, by a compare-and-set on the
/// secret's etag. <c>docs/google.md</c> explains the annotations to people.
/// </summary>
/// <remarks>
/// A key has 1 to 63 characters, letters and digits at both ends and <c>-_.</c> between them; all keys and values of a secret together
/// have less than 16 KiB (https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets#Secret).
/// </remarks>
internal sealed partial record GoogleMarks
{
    /// <summary>How many bytes the annotations of others may have, so that the tool's fit beside them.</summary>
    public const int RoomForOthers = 12 * 1024;

    /// <summary>On a companion: the secret whose staged values it holds.</summary>
    public const string CompanionOf = Prefix + "companion-of";

    private const string Prefix = "secret-rotator-";
    private const string ClaimKey = Prefix + "claim";
    private const string StagedKey = Prefix + "staged";
    private const string MadeKey = Prefix + "made";
    /// <summary>On a secret: what was delivered.</summary>
    public const string DeliveredKey = Prefix + "delivered";
    private const string DeliveringKey = Prefix + "delivering";
    /// <summary>On a secret: how far its companion was dealt with.</summary>
    public const string CompanionKey = Prefix + "companion";
    private const string GracePrefix = Prefix + "grace-";
    private const string HoldPrefix = Prefix + "hold-";

    /// <summary>Who holds the secret, or null.</summary>
    public ClaimText? Claim { get; init; }

    /// <summary>The version of the companion that the claim's rotation has staged, or null.</summary>
    public StagedMark? Staged { get; init; }

    /// <summary>The last version that a rotation made, or null.</summary>
    public MadeMark? Made { get; init; }

    /// <summary>What was delivered last, or null.</summary>
    public DeliveryMark? Delivered { get; init; }

    /// <summary>The deliveries that were begun and aren't known to be finished, as one; or null.</summary>
    public DeliveringMark? Delivering { get; init; }

    /// <summary>Old versions that are to be retired; one that is disabled already means nothing.</summary>
    public ImmutableArray<GraceMark> Graces { get; init; } = [];

    /// <summary>The holds of rollbacks. One counts while the version that its rotation made is current.</summary>
    public ImmutableArray<HoldMark> Holds { get; init; } = [];

    /// <summary>The newest version of the companion that a rotation of this secret dealt with: all up to it are disabled, unless it is
    /// staged now. Null where the companion wasn't used yet.</summary>
    public int? Companion { get; init; }

    /// <summary>The annotations that aren't the tool's.</summary>
    public ImmutableSortedDictionary<string, string> Others { get; init; } = None;

    private static ImmutableSortedDictionary<string, string> None { get; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>How many bytes the annotations of others have.</summary>
    public int BytesOfOthers => Others.Sum(each => Encoding.UTF8.GetByteCount(each.Key) + Encoding.UTF8.GetByteCount(each.Value));

    /// <summary>Reads annotations.</summary>
    /// <exception cref="FormatException">One of the tool's is not as the tool wrote it: the message is its key.</exception>
    public static GoogleMarks Read(IReadOnlyDictionary<string, string>? annotations)
    {
        var all = None.AddRange(annotations ?? None);
        return new GoogleMarks
        {
            Claim = One(ClaimKey, ClaimText.Parse),
            Staged = One(StagedKey, StagedMark.Parse),
            Made = One(MadeKey, MadeMark.Parse),
            Delivered = One(DeliveredKey, DeliveryMark.Parse),
            Delivering = One(DeliveringKey, DeliveringMark.Parse),
            Graces = Many(GracePrefix, GraceMark.Parse),
            Holds = Many(HoldPrefix, HoldMark.Parse),
            Companion = all.TryGetValue(CompanionKey, out var number)
                ? int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known)
                    ? known
                    : throw new FormatException(CompanionKey)
                : null,
            Others = all.RemoveRange(all.Keys.Where(IsOwn)),
        };

        T? One<T>(string key, Func<string?, T?> parse)
            where T : class =>
            all.TryGetValue(key, out var text) ? parse(text) ?? throw new FormatException(key) : null;

        ImmutableArray<T> Many<T>(string prefix, Func<string?, T?> parse)
            where T : class =>
            [.. all.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => One(key, parse)!)];
    }

    /// <summary>The annotations, those of others included.</summary>
    public ImmutableSortedDictionary<string, string> Format()
    {
        var all = Others.ToBuilder();
        Set(ClaimKey, Claim?.Format());
        Set(StagedKey, Staged?.Format());
        Set(MadeKey, Made?.Format());
        Set(DeliveredKey, Delivered?.Format());
        Set(DeliveringKey, Delivering?.Format());
        Set(CompanionKey, Companion?.ToString(CultureInfo.InvariantCulture));
        foreach (var grace in Graces)
            Set(GracePrefix + grace.Version, grace.Format());
        foreach (var hold in Holds)
            Set(HoldPrefix + hold.Rotation, hold.Format());
        return all.ToImmutable();

        void Set(string key, string? text)
        {
            if (text is not null)
                all[key] = text;
        }
    }

    /// <summary>Whether a claim is the one that is held.</summary>
    public bool IsHeldBy(Claim claim) => Claim?.Format() == claim.Handle;

    /// <summary>The same, with a delivery that was begun; more than a mark can name becomes "all".</summary>
    public GoogleMarks Beginning(DeliveringMark mark)
    {
        var both = DeliveringMark.Together(Delivering is { } before && before.Rotation != mark.Rotation ? [before, mark] : [mark])!;
        return this with { Delivering = DeliveringMark.Parse(both.Format()) is null ? both with { Deleted = DeliveringMark.All } : both };
    }

    /// <summary>The same after a delivery, without the claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="mark">What was delivered.</param>
    /// <param name="versions">The versions as far as they are known.</param>
    public GoogleMarks Finished(Claim claim, DeliveryMark mark, ImmutableArray<GoogleVersion> versions)
    {
        // The first mark of an old version stays: what began after it can't hold that version, however late the rotation was finished.
        var grace = GraceMark.Of(mark) is { } old && Graces.All(each => each.Version != old.Version) ? Graces.Add(old) : Graces;
        return Released(claim, versions) with
        {
            Delivered = mark with { InGrace = null, EndsDelivering = false },
            Delivering = mark.EndsDelivering ? null : Delivering,
            Graces = Living(grace, versions),
        };
    }

    /// <summary>The same without the claim and what goes with it.</summary>
    public GoogleMarks Released(Claim claim, ImmutableArray<GoogleVersion> versions) => this with
    {
        Claim = null,
        Staged = null,
        Graces = Living(Graces, versions),
        Holds = [.. Holds.Where(hold => hold.Rotation == Made?.Rotation)],
    };

    private static ImmutableArray<GraceMark> Living(ImmutableArray<GraceMark> graces, ImmutableArray<GoogleVersion> versions) =>
        versions.IsDefault
            ? graces
            : [.. graces.Where(grace => versions.FirstOrDefault(version => version.Id == grace.Version) is { Enabled: true })];

    private static bool IsOwn(string key) =>
        key is ClaimKey or StagedKey or MadeKey or DeliveredKey or DeliveringKey or CompanionKey
        || key.StartsWith(GracePrefix, StringComparison.Ordinal) || key.StartsWith(HoldPrefix, StringComparison.Ordinal);
}

/// <summary>A staged value.</summary>
/// <param name="Number">The companion's version.</param>
/// <param name="Created">When it was made.</param>
internal sealed partial record StagedMark(int Number, Instant Created)
{
    /// <summary>The mark as the value of an annotation.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"v={Number} at={MarkText.Format(Created)}");

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static StagedMark? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match && MarkText.ParseInstant(match.Groups[2].Value) is { } created
        && GoogleVersion.NumberOf(new VersionId(match.Groups[1].Value)) is { } number
            ? new StagedMark(number, created)
            : null;

    [GeneratedRegex("^v=([0-9]{1,10}) at=([0-9TZ:.-]{1,40})$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}

/// <summary>A version that a rotation made.</summary>
/// <param name="Version">The version.</param>
/// <param name="Rotation">The rotation.</param>
/// <param name="Base">The version that it replaced.</param>
internal sealed partial record MadeMark(VersionId Version, RotationId Rotation, VersionId Base)
{
    /// <summary>The mark as the value of an annotation.</summary>
    public string Format() => $"v={Version} rotation={Rotation} base={Base}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static MadeMark? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match
            ? new MadeMark(new(match.Groups[1].Value), new(match.Groups[2].Value), new(match.Groups[3].Value))
            : null;

    [GeneratedRegex(
        "^v=([0-9]{1,10}) rotation=([!-~]{1,64}) base=([!-~]{1,80})$", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}
