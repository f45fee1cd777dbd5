namespace SecretRotator.Vaults;

/// <summary>Observes a vault without reading values or changing anything. A dry run holds this and nothing that writes.</summary>
public interface IVaultReader
{
    /// <summary>How many calls each step costs, so that a plan can say so. Vault calls; claims kept in Bitbucket count as Bitbucket
    /// calls.</summary>
    VaultCosts Costs { get; }

    /// <summary>Everything about a secret but its value. Never reads a value.</summary>
    /// <param name="path">The secret's name or id.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="RemoteFailureException">Missing, forbidden, or without an answer.</exception>
    Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation);

    /// <summary>All versions that the vault still has, staged ones included, the newest first. Never reads a value.</summary>
    /// <param name="path">The secret's name or id.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="RemoteFailureException">Missing, forbidden, or without an answer.</exception>
    Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation);
}

/// <summary>
/// One vault, as the rotation protocol needs it. <c>PROTOCOL.md</c> says why each promise matters; one contract
/// suite runs over every implementation.
/// </summary>
/// <remarks>
/// <para>Implementations must hold no state between calls that another machine would miss: whatever a later run
/// needs to know is in the vault (or, for Azure's claims, in Bitbucket).</para>
/// <para>Before every try of a change under a claim they ask <see cref="Claim.Lease"/>, and throw
/// <see cref="LeaseOverException"/> where it is over: only taking a claim doesn't ask.</para>
/// <para>They throw <see cref="RemoteFailureException"/> for everything that a service can do wrong, and never put a
/// value into a message. Retries are theirs; only idempotent or explicitly rejected calls may be repeated.</para>
/// </remarks>
public interface ISecretVault : IVaultReader
{
    /// <summary>Reads one version. The caller disposes what it gets.</summary>
    /// <exception cref="RemoteFailureException">Missing, disabled, binary, forbidden, or without an answer.</exception>
    Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation);

    /// <summary>
    /// Takes the exclusive right to change a secret. Of any number of contenders on any machines exactly one wins;
    /// a loser must leave nothing behind and change nothing. With <see cref="ClaimRequest.TakeOver"/> the claim of a
    /// holder that is known to be gone is taken over together with its staged version.
    /// </summary>
    /// <remarks>
    /// <para>A vault that can't claim without writing a version (AWS) stages <see cref="ClaimRequest.Candidate"/> by the claim, which
    /// saves a call; any other leaves that to <see cref="StageAsync"/>. With <see cref="ClaimRequest.StagesLater"/> or
    /// <see cref="ClaimRequest.TakeOver"/> no claim stages anything: a version that is written then only carries the claim, and
    /// <see cref="OpenRotation.Staged"/> says whether the rotation has a staged one.</para>
    /// <para>The result is resolved before it is returned: an answer that was lost is looked up, not assumed.
    /// Where taking the claim shows all that a description contains, it comes with the claim (<see cref="ClaimResult.Won.Seen"/>).</para>
    /// </remarks>
    /// <exception cref="RemoteFailureException">Refused or without an answer. What was written is taken back where it can be; otherwise the
    /// effect is unknown.</exception>
    Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation);

    /// <summary>
    /// Writes the candidate as a version that no reader gets, under the rotation's id. Idempotent by that id: a staged version that
    /// exists already, by the claim or by an earlier call, wins, and the candidate is dropped.
    /// </summary>
    /// <remarks>
    /// A hold (<see cref="ClaimRequest.Hold"/>) is written in the same call as the staged version, whichever that is, so that there is
    /// never one without the other: the process that promotes that version, this one or another, holds the secret.
    /// </remarks>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation);

    /// <summary>Reads the staged version of a claim, or null where none was staged. Bounded patience with reads that lag behind one's own
    /// write.</summary>
    /// <exception cref="RemoteFailureException">Forbidden, or without an answer.</exception>
    Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation);

    /// <summary>
    /// Records a delivery that has nothing staged, before it deletes the first variable. It
    /// stays until <see cref="FinishAsync"/> takes it away, no matter what happens to the claim or the current version.
    /// </summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. Nothing may be deleted then.</exception>
    Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation);

    /// <summary>
    /// Makes the staged version current, only if <see cref="Claim.Base"/> is current still. The commit point.
    /// A vault that writes value and metadata in one call writes <paramref name="mark"/> with it; the mark's version
    /// is filled in by the vault. The mark of an old version in grace goes with it, as in <see cref="FinishAsync"/>.
    /// </summary>
    /// <returns>The version that is current now.</returns>
    /// <exception cref="RemoteFailureException"><see cref="FailureKind.Superseded"/>: something else is current than
    /// <see cref="Claim.Base"/>, and not by this rotation. <see cref="Effect.Unknown"/>: look with <see cref="IVaultReader.DescribeAsync"/>
    /// and compare <see cref="SecretDescription.CurrentRotation"/>.</exception>
    Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation);

    /// <summary>
    /// Records the delivered version, clears the staging marks and releases the claim, so that at every instant the delivery
    /// is recorded or <see cref="SecretDescription.Open"/> names the rotation. Idempotent.
    /// </summary>
    /// <param name="claim">The claim to end.</param>
    /// <param name="mark">What was delivered. Where it leaves a version in grace, that one's mark is recorded
    /// with it; where it ends a <see cref="DeliveringMark"/>, that goes.</param>
    /// <param name="promoted">Whether this claim's staged version became current; false for a mere delivery of the current version.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. The next run finishes it.</exception>
    Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation);

    /// <summary>
    /// Records that the credential of an old version in grace is disabled where it was accepted, in place of that version's mark. The
    /// version itself stays readable, so that a rollback can enable it again. Idempotent.
    /// </summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer; it may be repeated.</exception>
    Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation);

    /// <summary>
    /// Makes an old version unusable for readers, and never deletes it. Does nothing where it is retired or gone already.
    /// A version that is current or staged must never be touched.
    /// </summary>
    /// <param name="claim">The claim under which it is done.</param>
    /// <param name="version">The old version.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="RemoteFailureException"><see cref="FailureKind.Conflict"/>: it is current. Otherwise refused, or without an answer;
    /// it may be repeated.</exception>
    Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation);

    /// <summary>Drops the staged version, if there is one, and releases the claim; current stays. Idempotent.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task DiscardAsync(Claim claim, CancellationToken cancellation);
}

/// <summary>A vault that can be asked to rotate a secret by means of its own.</summary>
public interface ISelfRotatingVault
{
    /// <summary>
    /// Asks for a rotation. Idempotent by <paramref name="rotation"/>: contenders that saw the same current version
    /// use the same id, so that the secret rotates once. Returns when the vault has accepted, not when it is done.
    /// </summary>
    /// <exception cref="RemoteFailureException">Refused (no rotation function, or it can't be invoked), or without an answer.</exception>
    Task RequestRotationAsync(string path, RotationId rotation, CancellationToken cancellation);
}

/// <summary>What the steps of one rotation cost in calls.</summary>
/// <param name="Describe">Vault calls of one description.</param>
/// <param name="Rotate">Vault calls of a rotation from claim to finish, without the first description.</param>
/// <param name="Deliver">Vault calls of a redelivery or an adoption, without the first description.</param>
/// <param name="Resume">Vault calls of taking over and finishing an interrupted rotation, at most, without the first description.</param>
/// <param name="ClaimBitbucketCalls">Bitbucket calls that taking and releasing the claim costs; taking it over costs one more.</param>
public sealed record VaultCosts(int Describe, int Rotate, int Deliver, int Resume, int ClaimBitbucketCalls)
{
    /// <summary>Vault calls of retiring an old version under a claim that is held. With a claim of its own it costs no more than a
    /// delivery.</summary>
    public int Retire { get; init; }

    /// <summary>Vault calls of a rotation that the vault itself makes (<see cref="ISelfRotatingVault"/>), where the first look shows
    /// that it is done; null where it costs no more than any other.</summary>
    public int? RotateByVault { get; init; }

    /// <summary>Vault calls of <see cref="ISecretVault.MarkDeliveringAsync"/>, and at most those of taking such a mark away in the
    /// end.</summary>
    public int MarkDelivering { get; init; }

    /// <summary>Vault calls besides, where the write that records a delivery can't take its mark away.</summary>
    public int EndDelivering { get; init; }

    /// <summary>Vault calls that a rotation costs besides where its claim stages nothing
    /// (<see cref="ClaimRequest.StagesLater"/>).</summary>
    public int StagesLater { get; init; }

    /// <summary>Vault calls of <see cref="IVaultReader.ListVersionsAsync"/>.</summary>
    public int ListVersions { get; init; } = 1;

    /// <summary>Vault calls of taking the hold off a version that isn't current any more; none where it stays there and means
    /// nothing.</summary>
    public int Lift { get; init; }
}
