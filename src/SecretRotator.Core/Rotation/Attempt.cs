using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>What a claimed attempt is about.</summary>
internal enum AttemptKind
{
    /// <summary>A new value, a restored one, or one that an interrupted rotation staged.</summary>
    Rotate,

    /// <summary>The current value to targets that don't hold it.</summary>
    Redeliver,

    /// <summary>The current value to targets whose content nobody knows.</summary>
    Adopt,

    /// <summary>Nothing to the targets: an old version is retired.</summary>
    Retire,
}

/// <summary>What is known of the one commit of a rotation.</summary>
internal enum CommitState
{
    /// <summary>It wasn't tried, or was refused while nothing had changed.</summary>
    Not,

    /// <summary>The new version is current.</summary>
    Done,

    /// <summary>Whether the new version is current isn't known.</summary>
    Unknown,

    /// <summary>Somebody else's version is current.</summary>
    Overtaken,
}

/// <summary>One secret under its claim: what is sent, and what can be put back.</summary>
internal sealed record Attempt : IDisposable
{
    public required ManagedSecret Secret { get; init; }

    public required AttemptKind Kind { get; init; }

    public required ISecretVault Vault { get; init; }

    public required Claim Claim { get; init; }

    public required RotationJournal Journal { get; init; }

    public required Distribution Distribution { get; init; }

    public Lease Lease => Claim.Lease;

    /// <summary>The whole content that the targets get.</summary>
    public required SecretValue Content { get; init; }

    /// <summary>The whole content that they had, or null where the only way is forward.</summary>
    public required SecretValue? Undo { get; init; }

    /// <summary>The version that was current before the rotation.</summary>
    public required VersionId From { get; init; }

    /// <summary>The version that is current now.</summary>
    public required VersionId Current { get; init; }

    /// <summary>When the content came to be.</summary>
    public required NodaTime.Instant ValueSince { get; init; }

    /// <summary>The old version whose grace is over, or is ended by force; null where none is retired.</summary>
    public VersionId? Retires { get; init; }

    /// <summary>Whether the content is to be staged by this attempt, not by the one that it resumes.</summary>
    public bool IsNewValue { get; init; }

    /// <summary>Whether the staged version is still to become current.</summary>
    public bool Promotes { get; init; }

    /// <summary>Whether the staged version is or becomes current by this rotation.</summary>
    public bool HasNewVersion { get; init; }

    /// <summary>Whether the rotation is to stay open when it fails: its value is current already, so it can only be finished.</summary>
    public bool MustStayOpen { get; init; }

    /// <summary>A delivery that stands open in the vault without a claim: an earlier one, or this one once it is marked; or null.</summary>
    public DeliveringMark? Delivering { get; set; }

    /// <summary>Whether nothing but a <see cref="DeliveringMark"/> would tell of it, should its claim be released half-way.</summary>
    public bool LeavesNothingStaged => Undo is null && !MustStayOpen;

    /// <summary>What became of the commit, as far as it is known.</summary>
    public CommitState Commit { get; set; }

    /// <summary>Whether what was staged is dropped and the claim is released.</summary>
    public bool IsReleased { get; set; }

    /// <summary>What the vault and each target hold now, for people.</summary>
    public IEnumerable<string> TellState() => [TellVault(), .. Distribution.Tell(Undo is null)];

    private string TellVault()
    {
        if (Lease.IsOver)
            return $"The vault's current version was {Current} when this run last looked: another run may have taken the rotation over since.";
        var claim = IsReleased ? "The claim is released." : "The claim stays.";
        return Commit switch
        {
            CommitState.Done => $"The vault's current version is {Claim.Rotation}'s, the new one.",
            CommitState.Unknown => $"The vault's current version is {From} or the one that {Claim.Rotation} staged: which of them isn't known. {claim}",
            CommitState.Overtaken => $"The vault's current version is somebody else's. The new value stays staged. {claim}",
            _ when Promotes => $"The vault's current version is {Current}, the old one. {(IsReleased ? "What was staged is dropped." : "The new value stays staged.")} {claim}",
            _ => $"The vault's current version is {Current}. {claim}",
        };
    }

    /// <summary>Why the content can't be sent, or put back, before anything is sent.</summary>
    public Decision.Blocked? FindObjection(VaultDefinition vault)
    {
        try
        {
            SizeLimits.CheckContent(vault, Content);
        }
        catch (SecretContentException wrong)
        {
            return new Decision.Blocked(FailureMessages.Of(wrong));
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
