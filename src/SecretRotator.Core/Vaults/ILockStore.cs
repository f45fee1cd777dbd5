namespace SecretRotator.Vaults;

/// <summary>
/// Claims for vaults that have no compare-and-set of their own: one variable a secret in the tool's home repository,
/// not secured, whose creation answers 409 when it exists. That answer is the compare-and-set.
/// </summary>
public interface ILockStore
{
    /// <summary>The repository that keeps them, as <c>workspace/repository</c>. An inventory with another home doesn't see these.</summary>
    string Home { get; }

    /// <summary>What Bitbucket calls a claim that is taken and released again costs.</summary>
    int Calls { get; }

    /// <summary>The claim of that key, or null. The first call of a run lists the home repository; later calls use that listing.</summary>
    /// <exception cref="RemoteFailureException">The listing failed.</exception>
    Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>Posts a claim, and reads it again to be sure. A lost answer is resolved by looking.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer that a listing could replace.</exception>
    Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation);

    /// <summary>Removes exactly the claim with that uuid. One that is gone already counts as removed.</summary>
    /// <param name="uuid">The claim.</param>
    /// <param name="lease">The lease of a holder that gives its own claim back, asked before every try; null where another's is
    /// removed.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="LeaseOverException">The lease is over: someone else may have removed it, and gone on.</exception>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task RemoveAsync(string uuid, Lease? lease, CancellationToken cancellation);
}

/// <summary>What a posted claim says.</summary>
/// <param name="Rotation">The rotation that claims.</param>
/// <param name="Base">The version that it began from.</param>
/// <param name="At">When it was posted.</param>
/// <param name="Holder">Who posted it.</param>
public sealed record ClaimText(RotationId Rotation, VersionId Base, Instant At, Holder Holder)
{
    /// <summary>The claim as one line without spaces at its ends.</summary>
    public string Format() => $"{Rotation} {Base} {MarkText.Format(At)} {Holder.Format()}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static ClaimText? Parse(string? text)
    {
        var parts = (text ?? "").Split(' ');
        return parts.Length == 4 && parts[0].Length > 0 && parts[1].Length > 0
            && MarkText.ParseInstant(parts[2]) is { } at && Holder.Parse(parts[3]) is { } holder
            ? new ClaimText(new(parts[0]), new(parts[1]), at, holder)
            : null;
    }
}

/// <summary>A claim as it is in the home repository.</summary>
/// <param name="Uuid">The variable's uuid, in lower case and without braces.</param>
/// <param name="Text">What it says, or null where someone wrote something else there.</param>
public sealed record PostedClaim(string Uuid, ClaimText? Text);

/// <summary>How posting a claim ended.</summary>
/// <param name="Mine">Whether the claim that is there now is the posted one.</param>
/// <param name="Standing">The claim that is there now.</param>
public sealed record PostResult(bool Mine, PostedClaim Standing);
