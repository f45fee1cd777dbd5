namespace SecretRotator.Providers.Azure;

/// <summary>
/// All versions of one secret, and what can be concluded from them. Key Vault lists them in no order, counts time in
/// whole seconds, and names none of them current.
/// </summary>
/// <remarks>
/// A person or a program that sets a new value may copy the tags of the version before, the tool's own included. So a
/// rotation's tag counts on the oldest version that has it, and on no other.
/// </remarks>
internal sealed class KeyVaultHistory(ImmutableArray<KeyVaultVersion> versions)
{
    /// <summary>Whether the secret has no version, which means that it doesn't exist.</summary>
    public bool IsEmpty => versions.IsEmpty;

    /// <summary>
    /// The versions that may be the newest one: a single one, unless several were made in the same second and the
    /// tags don't tell their order either. A version that another one replaced is never the newest.
    /// </summary>
    public ImmutableArray<KeyVaultVersion> NewestCandidates()
    {
        var replaced = versions.Select(v => v.Tags.GetValueOrDefault(AzureMarks.Replaces)).OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var remaining = versions.Where(v => !replaced.Contains(v.Id.Value)).ToList();
        if (remaining.Count == 0)
            return versions;
        var last = remaining.Max(v => v.Created);
        return [.. remaining.Where(v => v.Created == last)];
    }

    /// <summary>The version of that id, or null.</summary>
    public KeyVaultVersion? Find(VersionId id) => versions.FirstOrDefault(v => v.Id == id);

    /// <summary>The version that a rotation made, or null.</summary>
    /// <param name="rotation">The rotation.</param>
    /// <param name="current">The newest version, where it is known: a copy made in the same second is the newer one.</param>
    public KeyVaultVersion? MadeBy(RotationId rotation, KeyVaultVersion? current = null) =>
        versions.Where(v => v.Rotation == rotation)
            .OrderBy(v => v.Created)
            .ThenBy(v => v.Id == current?.Id)
            .ThenBy(v => v.Id.Value, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>The rotation that made the current version, or null where something else did.</summary>
    public RotationId? RotationOf(KeyVaultVersion current) =>
        current.Rotation is { } rotation && MadeBy(rotation, current) == current ? rotation : null;

    /// <summary>The record of the last delivery: the one on the current version, or else on the newest older one that has one; null where
    /// none does.</summary>
    /// <exception cref="FormatException">The record on the current version wasn't written by the tool.</exception>
    public DeliveryMark? DeliveredAt(KeyVaultVersion current)
    {
        if (current.Tags.TryGetValue(AzureMarks.Delivered, out var text) && DeliveryMark.Parse(text) is null)
            throw new FormatException();
        return NewestFirst(current).Select(version => MarkOn(version, current)).FirstOrDefault(mark => mark is not null);
    }

    /// <summary>The newest mark of an old version that is valid still and to be retired, with the version that bears it; or null.</summary>
    /// <remarks>A mark counts on the version that its rotation made, and so on no copy of it.</remarks>
    /// <exception cref="FormatException">A mark wasn't written by the tool.</exception>
    public (KeyVaultVersion Version, GraceMark Mark)? GraceBefore(KeyVaultVersion current) => versions
        .Where(version => version.Tags.ContainsKey(AzureMarks.Grace))
        .Select(version => (Version: version, Mark: GraceMark.Parse(version.Tags[AzureMarks.Grace]) ?? throw new FormatException()))
        .Where(each => each.Version.Rotation == each.Mark.Rotation && MadeBy(each.Mark.Rotation, current) == each.Version)
        .Where(each => each.Mark.Version != current.Id && Find(each.Mark.Version) is { Enabled: true })
        .OrderByDescending(each => each.Mark.Since)
        .Select(each => ((KeyVaultVersion, GraceMark)?)each)
        .FirstOrDefault();

    /// <summary>The hold of the rollback that made the current version, or null. Like every mark it counts on no copy.</summary>
    /// <exception cref="FormatException">The mark wasn't written by the tool.</exception>
    public HoldMark? HoldOf(KeyVaultVersion current) =>
        AzureMarks.HoldOn(current) is { } hold && RotationOf(current) == hold.Rotation ? hold : null;

    /// <summary>Every version as people choose among them, the newest first.</summary>
    public ImmutableArray<ListedVersion> Listed(KeyVaultVersion current)
    {
        var replaced = current.Tags.GetValueOrDefault(AzureMarks.Replaces) is { } id ? Find(new VersionId(id)) : null;
        var previous = RotationOf(current) is not null && replaced is not null
            ? replaced
            : NewestFirst(current).Skip(1).FirstOrDefault();
        return
        [
            .. NewestFirst(current)
                .Select(v => new ListedVersion(
                    v.Id,
                    v.Created,
                    !v.Enabled
                        ? VersionPlace.Disabled
                        : v.Id == current.Id ? VersionPlace.Current : v.Id == previous?.Id ? VersionPlace.Previous : VersionPlace.Older)
                {
                    Rotation = v.Rotation is { } rotation && MadeBy(rotation, current) == v ? rotation : null,
                    DeliveredAt = MarkOn(v, current) is { } mark && mark.Version == v.Id ? mark.DeliveredAt : null,
                }),
        ];
    }

    /// <summary>The record on one version with the id that it means, or null where it is unreadable or means no version of this
    /// secret.</summary>
    public DeliveryMark? MarkOn(KeyVaultVersion version, KeyVaultVersion? current = null)
    {
        if (DeliveryMark.Parse(version.Tags.GetValueOrDefault(AzureMarks.Delivered)) is not { } mark)
            return null;
        if (!AzureMarks.MeansSelf(mark))
            return mark;
        return version.Rotation is { } rotation && MadeBy(rotation, current) is { } made ? mark with { Version = made.Id } : null;
    }

    private IOrderedEnumerable<KeyVaultVersion> NewestFirst(KeyVaultVersion current) => versions
        .OrderByDescending(v => v.Id == current.Id)
        .ThenByDescending(v => v.Created)
        .ThenBy(v => v.Id.Value, StringComparer.Ordinal);
}
