namespace SecretRotator.Providers.Azure;

/// <summary>
/// All versions of the companion <c>NAME-staged</c>. An enabled one is a staged value; one whose rotation has ended
/// is disabled, never deleted, because a deleted name stays taken. One that was made disabled is the mark of a delivery.
/// </summary>
internal sealed class StagedHistory(ImmutableArray<KeyVaultVersion> versions)
{
    /// <summary>
    /// Whether the companion is someone's own secret: a version can be read that the tool didn't stage, or no version
    /// is the tool's.
    /// </summary>
    public bool IsForeign =>
        !versions.IsEmpty && (versions.Any(v => v.Enabled && v.Rotation is null) || versions.All(v => v.Rotation is null));

    /// <summary>The staged value of the rotation that is open, or null. Of several, the one that was staged last.</summary>
    public KeyVaultVersion? Open() =>
        versions.Where(v => v.Enabled)
            .OrderByDescending(v => v.Created)
            .ThenBy(v => v.Id.Value, StringComparer.Ordinal)
            .FirstOrDefault() is { Rotation: { } rotation }
            ? Of(rotation)
            : null;

    /// <summary>The staged value of a rotation, or null. Should a lost answer have staged it twice, the first one counts.</summary>
    public KeyVaultVersion? Of(RotationId rotation) => AllOf(rotation).FirstOrDefault();

    /// <summary>Every enabled version of a rotation, the first one first.</summary>
    public ImmutableArray<KeyVaultVersion> AllOf(RotationId rotation) =>
        [.. versions.Where(v => v.Enabled && v.Rotation == rotation).OrderBy(v => v.Created)
            .ThenBy(v => v.Id.Value, StringComparer.Ordinal)];

    /// <summary>
    /// The staged value of another rotation that is open, or null. What was staged before the one that is open
    /// landed late, after its rotation had ended: it is resumed, and so dropped, in its turn.
    /// </summary>
    public KeyVaultVersion? OfAnother(RotationId rotation) => Open() is { } open && open.Rotation != rotation ? open : null;

    /// <summary>The mark of the deliveries that were begun and aren't known to be finished, or null.</summary>
    /// <param name="recorded">The delivery that is recorded: a mark of it landed late, and says nothing.</param>
    /// <exception cref="FormatException">A mark wasn't written by the tool.</exception>
    public DeliveringMark? Delivering(RotationId? recorded) => DeliveringMark.Together(MarkedAsDelivering
        .Select(version => DeliveringMark.Parse(version.Tags[AzureMarks.Delivering]) ?? throw new FormatException())
        .Where(mark => mark.Rotation != recorded));

    /// <summary>The versions that are such marks.</summary>
    public IEnumerable<KeyVaultVersion> MarkedAsDelivering => versions.Where(version => version.Tags.ContainsKey(AzureMarks.Delivering));
}
