using SecretRotator.Backends;

namespace SecretRotator.Rotation;

/// <summary>What is known of the one commit of a rotation.</summary>
internal enum CommitState
{
    /// <summary>It wasn't tried, or was refused while nothing had changed.</summary>
    Not,

    /// <summary>The new version is current.</summary>
    Done,

    /// <summary>Whether the new version is current isn't known.</summary>
    Unknown,

    /// <summary>Someone else's version is current.</summary>
    Overtaken,
}

/// <summary>What is done with one secret under its claim. What follows from the case is in the set's properties.</summary>
internal abstract record Attempt : IDisposable
{
    private Attempt(Distribution distribution, SecretValue content, VersionId current, Instant valueSince) =>
        (Distribution, Content, Current, ValueSince) = (distribution, content, current, valueSince);

    /// <summary>A new version, generated or restored, is staged, sent and promoted.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Content">The whole new content.</param>
    /// <param name="ValueSince">When it was created.</param>
    /// <param name="Base">The version that is current. Should it fail, the targets get that one's content again.</param>
    /// <param name="Retires">The old version whose grace is over, or is ended by force; null where none is retired first.</param>
    /// <param name="Restores">Whether the content is an older version's.</param>
    public sealed record NewVersion(
        Distribution Distribution, SecretValue Content, Instant ValueSince, SecretVersion Base, GraceMark? Retires, bool Restores)
        : Attempt(Distribution, Content, Base.Id, ValueSince);

    /// <summary>A new version whose content the backend makes, after CHECK; then it is staged, sent and promoted.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="At">When the rotation began.</param>
    /// <param name="Base">The version that is current. Should it fail, the targets get that one's content again.</param>
    /// <param name="Retires">The old version whose grace is over, or is ended by force; null where none is retired first.</param>
    public sealed record Issuance(Distribution Distribution, Instant At, SecretVersion Base, GraceMark? Retires)
        : Attempt(Distribution, Base.Value, Base.Id, At);

    /// <summary>The version that an interrupted rotation staged is sent and promoted.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Staged">The staged version.</param>
    /// <param name="Base">The version that is current. Should it fail, the targets get that one's content again.</param>
    public sealed record Resumption(Distribution Distribution, SecretVersion Staged, SecretVersion Base)
        : Attempt(Distribution, Staged.Value, Base.Id, Staged.CreatedAt);

    /// <summary>The version that an interrupted rotation has promoted is sent again, and the rotation finished.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Promoted">The version, current already.</param>
    /// <param name="Before">The version that was current when the rotation began.</param>
    public sealed record Completion(Distribution Distribution, SecretVersion Promoted, VersionId Before)
        : Attempt(Distribution, Promoted.Value, Promoted.Id, Promoted.CreatedAt);

    /// <summary>The current version is sent to targets that don't hold it.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Version">The version.</param>
    /// <param name="Before">The version that was current before the vault made this one; else the same.</param>
    /// <param name="IsAdoption">Whether what the targets hold is unknown.</param>
    public sealed record Delivery(Distribution Distribution, SecretVersion Version, VersionId Before, bool IsAdoption)
        : Attempt(Distribution, Version.Value, Version.Id, Version.CreatedAt);

    /// <summary>The current version is sent under the claim of an interrupted rotation whose staged version is of no use.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Version">The version.</param>
    /// <param name="Abandoned">The slot of the staged version, whose credential no version will name; null where it has none.</param>
    /// <param name="Dropped">The rotation, where its staged version is gone: targets may hold what it was promoted to, so its credential is
    /// looked for once they have the current one. Null where the staged version is there.</param>
    public sealed record ResumedDelivery(Distribution Distribution, SecretVersion Version, SlotId? Abandoned, OpenRotation? Dropped)
        : Attempt(Distribution, Version.Value, Version.Id, Version.CreatedAt);

    /// <summary>Nothing is sent: an old version is retired.</summary>
    /// <param name="Distribution">The targets, under the claim.</param>
    /// <param name="Version">The current version.</param>
    /// <param name="Old">The old one.</param>
    public sealed record Retirement(Distribution Distribution, SecretVersion Version, GraceMark Old)
        : Attempt(Distribution, Version.Value, Version.Id, Version.CreatedAt);

    public HeldClaim Held => Distribution.Held;

    public ManagedSecret Secret => Held.Secret;

    public ISecretVault Vault => Held.Vault;

    public Claim Claim => Held.Claim;

    public Lease Lease => Held.Claim.Lease;

    public RotationJournal Journal => Held.Journal;

    public Distribution Distribution { get; }

    /// <summary>The whole content that the targets get; that of the current version where nothing is sent.</summary>
    public SecretValue Content { get; private set; }

    /// <summary>The version that was current under the claim.</summary>
    public VersionId Current { get; }

    /// <summary>When the content was created.</summary>
    public Instant ValueSince { get; }

    /// <summary>The whole content that the targets had, or null where the only way is forward.</summary>
    public SecretValue? Undo => this switch
    {
        NewVersion made => made.Base.Value,
        Issuance issued => issued.Base.Value,
        Resumption resumed => resumed.Base.Value,
        _ => null,
    };

    /// <summary>The version that was current before the rotation.</summary>
    public VersionId From => this switch
    {
        Completion completed => completed.Before,
        Delivery delivery => delivery.Before,
        _ => Current,
    };

    /// <summary>Whether the staged version is still to become current.</summary>
    public bool Promotes => this is NewVersion or Issuance or Resumption;

    /// <summary>The old version that is retired before a new one is made, or null.</summary>
    public GraceMark? RetiresFirst => this switch
    {
        NewVersion made => made.Retires,
        Issuance issued => issued.Retires,
        _ => null,
    };

    /// <summary>The credential that is in use until the commit point; that of the current version.</summary>
    public SecretValue InUse => Undo ?? Content;

    /// <summary>Whether the staged version is or becomes current by this rotation.</summary>
    public bool HasNewVersion => Promotes || this is Completion;

    /// <summary>A delivery that is open in the vault without a claim: an earlier one, or this one once it is marked; or null.</summary>
    public DeliveringMark? Delivering { get; set; }

    /// <summary>An old version that is valid still, or null.</summary>
    public GraceMark? Grace { get; init; }

    /// <summary>What became of the commit, as far as it is known.</summary>
    public CommitState Commit { get; set; }

    /// <summary>Whether what was staged is dropped and the claim is released.</summary>
    public bool IsReleased { get; set; }

    /// <summary>Takes the content that the backend has made, in place of the copy of the current one. It is wiped with this
    /// attempt.</summary>
    public void Receive(SecretValue issued) => Content = issued;

    /// <summary>Whether a value is wiped with this attempt.</summary>
    public bool Holds(SecretValue value) => ReferenceEquals(value, Content) || ReferenceEquals(value, Undo);

    /// <summary>What the vault and each target hold now, for people.</summary>
    public IEnumerable<string> DescribeState() => [DescribeVault(), .. Distribution.Describe(Undo is null)];

    private string DescribeVault()
    {
        if (Lease.IsOver)
            return $"The vault's current version was {Current} when this run last looked: another run may have taken the rotation over "
                + "since.";
        var claim = IsReleased ? "The claim is released." : "The claim stays.";
        return Commit switch
        {
            CommitState.Done => $"The vault's current version is {Claim.Rotation}'s, the new one.",
            CommitState.Unknown =>
                $"The vault's current version is {From} or the one that {Claim.Rotation} staged: which of them isn't known. {claim}",
            CommitState.Overtaken => $"The vault's current version is someone else's. The new value stays staged. {claim}",
            _ when Promotes => $"The vault's current version is {Current}, the old one. The new value stays staged. {claim}",
            _ => $"The vault's current version is {Current}. {claim}",
        };
    }

    // Whether the dead holder, if it sent anything, sent the same content: where its base is current still, it was delivering that.
    private bool RepeatsItself => this is Resumption or Completion || (this is ResumedDelivery && Current == Claim.Base);

    /// <summary>
    /// Names in the vault what is deleted to be created again: the next run then knows that it is to be created, and that what was
    /// sent may still land. What an earlier delivery deleted stays named until it is there again.
    /// </summary>
    public Task MarkDeliveringAsync(Instant now)
    {
        var deleted = Distribution.Replaced;
        var mark = DeliveringMark.Of(
            Claim.Rotation, now, Secret.Targets.Where(target => deleted.Contains(target) || Delivering?.Deletes(target) == true));
        return Journal.DoAsync(RotationStep.Stage, null, async () =>
        {
            await Vault.MarkDeliveringAsync(Claim, mark, CancellationToken.None).ConfigureAwait(false);
            Delivering = mark;
        });
    }

    /// <summary>Why the content can't be sent, or put back, before anything is sent.</summary>
    public Decision.Blocked? FindObjection()
    {
        try
        {
            SizeLimits.CheckContent(Held.VaultDefinition, Content);
        }
        catch (SecretContentException wrong)
        {
            return new Decision.Blocked(FailureMessages.Of(wrong));
        }

        if (!RepeatsItself && Distribution.Exposed is { } pair)
        {
            return new Decision.Blocked(new Failure(
                FailureKind.ClaimHeld,
                $"What an earlier run sent to {pair} may still land there, and nothing keeps it from replacing what this run would send.",
                "Run again once limits.claim-limit and limits.minimum-interval have passed since that run."));
        }

        foreach (var target in Secret.Targets)
        {
            try
            {
                using var value = TargetValue.Of(target, Content);
                SizeLimits.CheckVariable(target, value);
                using var old = Undo is null ? null : TargetValue.Of(target, Undo);
            }
            catch (SecretContentException wrong)
            {
                return new Decision.Blocked(FailureMessages.Of(wrong).After($"{target}:"));
            }
        }

        return null;
    }

    public void Dispose()
    {
        Content.Dispose();
        Undo?.Dispose();
    }
}
