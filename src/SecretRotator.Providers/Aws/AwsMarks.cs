using Amazon.SecretsManager.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>The tags that the tool leaves on a secret, and what labels besides those of claims say.</summary>
/// <param name="path">The secret.</param>
/// <param name="tags">Its tags.</param>
/// <param name="labels">The labels of its versions.</param>
internal sealed class AwsMarks(string path, List<Tag> tags, StagingLabels labels)
{
    /// <summary>Says what was delivered.</summary>
    public const string DeliveredTag = "secret-rotator:delivered";

    /// <summary>Names an old version which is to be retired.</summary>
    public const string GraceTag = "secret-rotator:grace";

    /// <summary>The tags that record a delivery, with the old version that it leaves valid.</summary>
    public static ImmutableArray<(string Key, string Value)> TagsOf(DeliveryMark mark)
    {
        var tags = ImmutableArray.Create((DeliveredTag, (mark with { Version = MarkedVersion.InTag(mark.Version) }).Format()));
        return GraceMark.Of(mark) is { } grace ? tags.Add(TagOf(grace)) : tags;
    }

    /// <summary>The tag that records an old version which is to be retired.</summary>
    public static (string Key, string Value) TagOf(GraceMark grace) =>
        (GraceTag, (grace with { Version = MarkedVersion.InTag(grace.Version) }).Format());

    /// <summary>What was delivered last, or null.</summary>
    /// <exception cref="RemoteFailureException">Unreadable. Taken for none, it would let an adoption overwrite what is known.</exception>
    public DeliveryMark? Delivered
    {
        get
        {
            if (Find(DeliveredTag) is not { } record)
                return null;
            var mark = DeliveryMark.Parse(record) ?? throw Unreadable(
                $"The tag {DeliveredTag} on {path} is not as SecretRotator wrote it, so what was delivered can't be determined.",
                $"Take it off (aws secretsmanager untag-resource --secret-id {path} --tag-keys {DeliveredTag}); "
                + "then rotate --adopt delivers the current value.");
            return mark with { Version = MarkedVersion.FromTag(mark.Version, labels.Versions) };
        }
    }

    /// <summary>
    /// The old version that is to be retired, or null. The tag outlives what it records. It counts while the rotation that left the
    /// version is the last one, and the version still has its label.
    /// </summary>
    /// <exception cref="RemoteFailureException">Unreadable.</exception>
    public GraceMark? Grace
    {
        get
        {
            if (Find(GraceTag) is not { } record)
                return null;
            var mark = GraceMark.Parse(record) ?? throw Unreadable(
                $"The tag {GraceTag} on {path} is not as SecretRotator wrote it, so which old version is to be retired can't be "
                    + "determined.",
                $"Take it off (aws secretsmanager untag-resource --secret-id {path} --tag-keys {GraceTag}); "
                + "then no version is retired before the next rotation.");
            mark = mark with { Version = MarkedVersion.FromTag(mark.Version, labels.Versions) };
            var old = mark.Version.Value;
            return mark.Rotation.Value == labels.Current && old == labels.Previous && old != labels.Pending ? mark : null;
        }
    }

    /// <summary>
    /// The delivery that was begun and isn't known to be finished, or null; where there are several, one that names what all of them do.
    /// Once a delivery is recorded its label says nothing any more.
    /// </summary>
    /// <exception cref="RemoteFailureException">Unreadable.</exception>
    public DeliveringMark? Delivering => DeliveringMark.Together(labels.Deliveries
        .Select(label => DeliveryLabel.Parse(label.Label) ?? throw Unreadable(
            $"The staging label {label.Label} on {path} is not as SecretRotator wrote it, so which variables were deleted can't be "
                + "determined.",
            "Create those that are missing by hand, as secured variables, and take it off: aws secretsmanager update-secret-version-stage "
                + $"--secret-id {path} --version-stage '{label.Label}' --remove-from-version-id {label.Version}; then the next run "
                + "delivers."))
        .Where(mark => mark.Rotation != Delivered?.Rotation));

    /// <summary>The hold on the current version, or null.</summary>
    /// <exception cref="RemoteFailureException">Unreadable.</exception>
    public HoldMark? Hold => labels.Hold is not { } label ? null : HoldLabel.Parse(label.Label, label.Version) ?? throw Unreadable(
        $"The staging label {label.Label} on {path} is not as SecretRotator wrote it, "
        + "so the end of the rollback's hold on the secret is unknown.",
        $"Take it off: aws secretsmanager update-secret-version-stage --secret-id {path} --version-stage '{label.Label}' "
        + $"--remove-from-version-id {label.Version}");

    private string? Find(string key) => tags.Find(tag => tag.Key == key)?.Value;

    private static RemoteFailureException Unreadable(string message, string hint) =>
        new(FailureKind.Garbled, Effect.Rejected, message, MarkText.MayBeNewer + hint);
}
