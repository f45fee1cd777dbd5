using Amazon.SecretsManager.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>A label, and the version that it is on.</summary>
internal sealed record VersionLabel(string Version, string Label);

/// <summary>Which labels are on which versions of a secret, and what that means.</summary>
internal sealed class StagingLabels
{
    public const string CurrentLabel = "AWSCURRENT";
    public const string PendingLabel = "AWSPENDING";
    public const string PreviousLabel = "AWSPREVIOUS";

    /// <summary>
    /// The lock of a secret that AWS rotates by itself. AWSPENDING is the lock of that rotation there, and what has it counts as
    /// its new value: a copy of the current one must never have it.
    /// </summary>
    public const string OwnLockLabel = "secret-rotator-lock";

    /// <summary>What the labels of a version make it for people.</summary>
    public static VersionPlace PlaceOf(List<string> labels) =>
        labels.Contains(CurrentLabel, StringComparer.Ordinal) ? VersionPlace.Current
        : labels.Contains(PendingLabel, StringComparer.Ordinal) ? VersionPlace.Staged
        : labels.Contains(PreviousLabel, StringComparer.Ordinal) ? VersionPlace.Previous
        : VersionPlace.Older;

    private readonly ImmutableArray<OwnVersion> _own;
    private readonly ImmutableArray<VersionLabel> _holds;

    /// <summary>The labels of deliveries, readable or not.</summary>
    public ImmutableArray<VersionLabel> Deliveries { get; }

    /// <summary>Reads a description.</summary>
    public StagingLabels(DescribeSecretResponse description)
    {
        var stages = description.VersionIdsToStages ?? [];
        Versions = stages.Keys;
        Current = VersionWith(CurrentLabel);
        Pending = VersionWith(PendingLabel);
        Previous = VersionWith(PreviousLabel);
        Locked = VersionWith(OwnLockLabel);
        _own = [.. stages
            .SelectMany(
                version => version.Value, (version, text) => (Version: version.Key, Text: text, Label: OwnLabel.Parse(text, stages.Keys)))
            .Where(own => own.Label is not null)
            .Select(own => new OwnVersion(own.Version, own.Text, own.Label!))
            .OrderBy(own => own.Text, StringComparer.Ordinal)];

        _holds = LabelsThat(HoldLabel.Is);
        Deliveries = LabelsThat(DeliveryLabel.Is);

        ImmutableArray<VersionLabel> LabelsThat(Func<string, bool> are) =>
            [.. stages.SelectMany(version => version.Value.Where(are), (version, text) => new VersionLabel(version.Key, text))];

        string? VersionWith(string label) => stages.FirstOrDefault(version => version.Value.Contains(label, StringComparer.Ordinal)).Key;
    }

    /// <summary>
    /// What a description says that can't be, or null. A label is on one version at a time (UpdateSecretVersionStage: a label that
    /// is attached elsewhere has to be taken off there), and the tool labels versions of its own making only, whose ids are UUIDs.
    /// </summary>
    /// <remarks>Whatever is concluded from such a description may be wrong: who holds the lock, or which version readers get.</remarks>
    public static string? WhyUnclear(DescribeSecretResponse description)
    {
        var stages = description.VersionIdsToStages ?? [];
        var labels = stages.SelectMany(
            version => version.Value.Distinct(StringComparer.Ordinal), (version, label) => (Version: version.Key, Label: label)).ToList();
        if (labels.GroupBy(each => each.Label, StringComparer.Ordinal).FirstOrDefault(versions => versions.Skip(1).Any()) is { } twice)
            return $"{twice.Key} is on {twice.Count()} versions at once "
                + $"({string.Join(", ", twice.Select(each => each.Version).Order(StringComparer.Ordinal))})";
        return labels
            .Where(each => each.Label.StartsWith(OwnLabel.Prefix, StringComparison.Ordinal))
            .Where(each => !Guid.TryParseExact(each.Version, "D", out _) || OwnLabel.Parse(each.Label, stages.Keys) is null)
            .Select(each => $"the label {each.Label} on version {each.Version} is not as SecretRotator writes it")
            .FirstOrDefault();
    }

    /// <summary>The ids of the versions that have a label.</summary>
    public IReadOnlyCollection<string> Versions { get; }

    /// <summary>The version that readers get, or null where there is none.</summary>
    public string? Current { get; }

    /// <summary>The version that has AWSPENDING, the lock of every rotation, AWS's own included.</summary>
    public string? Pending { get; }

    /// <summary>The version that has <see cref="OwnLockLabel"/>, or null.</summary>
    public string? Locked { get; }

    /// <summary>The version that has a lock, or null.</summary>
    public string? HolderOf(string @lock) => @lock == OwnLockLabel ? Locked : Pending;

    /// <summary>Whether a lock may be taken: no version has it, or one that holds nothing by it.</summary>
    public bool IsFree(string @lock) => @lock == OwnLockLabel ? OwnOf(Locked) is null : Pending is null || IsPendingLeftOver;

    /// <summary>The version that AWSCURRENT left last, or null where it is retired or there is none.</summary>
    public string? Previous { get; }

    /// <summary>
    /// Whether the lock is free though it sits somewhere: on the current version without a label of ours, as a finished
    /// rotation of AWS leaves it, or on a version that this tool made and took its label off. No one holds the lock
    /// without a label, so that move landed after its contender had gone.
    /// </summary>
    public bool IsPendingLeftOver => Pending is not null && OwnOf(Pending) is null && (Pending == Current || RotationId.IsOwn(Pending));

    /// <summary>The version with AWSPENDING where it is neither ours nor left over: someone else is rotating, or failed to.</summary>
    public string? ForeignPending => Pending is not null && !IsPendingLeftOver && OwnOf(Pending) is null ? Pending : null;

    /// <summary>
    /// The rotation of this tool that is open: the one that has the lock, or else the one whose version is
    /// current already and still has its label, because its finish was cut short.
    /// </summary>
    /// <remarks>A version with a label of ours that is neither is the trace of a contender that lost or died; it holds nothing.</remarks>
    public OpenRotation? Open => (OwnOf(Pending) ?? OwnOf(Locked) ?? OwnOf(Current)) is not { } own ? null : new OpenRotation(
        RotationOf(own),
        new VersionId(BaseOf(own)),
        own.Label.Holder,
        own.Label.StartedAt,
        Staged: OwnOf(RotationOf(own).Value) is not null,
        HandleOf(own).Format());

    /// <summary>
    /// When the rotation began that made the version before the current one, where its label is left though it isn't open: someone
    /// made another version current before it had finished. Null where there is none.
    /// </summary>
    public Instant? LastTrace => Previous is not null && Previous != Open?.Id.Value ? OwnOf(Previous)?.Label.StartedAt : null;

    /// <summary>The label that holds the current version, readable or not; null where none does.</summary>
    public VersionLabel? Hold => _holds.FirstOrDefault(hold => hold.Version == Current);

    /// <summary>The labels of ours on one version.</summary>
    public IEnumerable<string> OwnLabelsOf(string version) => _own.Where(own => own.Version == version).Select(own => own.Text);

    /// <summary>Labels of ours that hold nothing: those of claims that are older than that, and those of holds whose version isn't current
    /// nor becomes it.</summary>
    public ImmutableArray<VersionLabel> OrphansBefore(Instant limit)
    {
        var open = Open;
        return [.. _own
            .Where(own => own.Label.StartedAt < limit && own.Version != Pending && own.Version != Locked && own.Version != open?.Id.Value
                && own.Version != Current)
            .Select(own => new VersionLabel(own.Version, own.Text)),
            .. _holds.Where(
                hold => hold.Version != Current && hold.Version != open?.Id.Value
                    && !(OwnOf(hold.Version) is { } own
                        && (own.Label.StartedAt >= limit || own.Version == Pending || own.Version == Locked)))];
    }

    private ClaimHandle HandleOf(OwnVersion own) =>
        new(own.Version, own.Text, own.Version == Locked && own.Version != Pending ? OwnLockLabel : PendingLabel);

    private static RotationId RotationOf(OwnVersion own) =>
        own.Label.Purpose is LabelPurpose.Carries carries ? carries.Rotation : new RotationId(own.Version);

    // What carries a claim doesn't repeat the base: it is on the staged version. Where nothing is staged, nothing depends on it.
    private string BaseOf(OwnVersion own)
    {
        if (own.Label.Purpose is LabelPurpose.Stages stages)
            return stages.Base;
        var rotation = RotationOf(own).Value;
        return _own.Where(other => other.Version == rotation).Select(other => (other.Label.Purpose as LabelPurpose.Stages)?.Base)
            .FirstOrDefault(@base => @base is not null)
            ?? (rotation == Current ? Previous : Current) ?? "unknown";
    }

    // A version has one label of ours; if it has more, the oldest counts, because it was there first.
    private OwnVersion? OwnOf(string? version) => version is null ? null : _own.FirstOrDefault(own => own.Version == version);

    private sealed record OwnVersion(string Version, string Text, OwnLabel Label);
}
