namespace SecretRotator.Bitbucket;

/// <summary>A variable as Bitbucket lists it. The value of a secured one is never returned, and no other one is kept.</summary>
/// <param name="Uuid">Its identity, in lower case and without braces; of an SSH key pair the public key's fingerprint.</param>
/// <param name="Key">Its key as Bitbucket writes it.</param>
/// <param name="Secured">Whether Bitbucket hides its value.</param>
public sealed record ObservedVariable(string Uuid, string Key, bool Secured);

/// <summary>Lists the variables that exist. A dry run holds this and nothing that writes.</summary>
public interface IVariableReader
{
    /// <summary>All variables of a scope, whatever the number of pages. Each call asks Bitbucket again.</summary>
    /// <exception cref="RemoteFailureException">The listing is not complete for certain.</exception>
    Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation);
}

/// <summary>Whether an answered PUT or POST is the last word.</summary>
public enum PutEnd
{
    /// <summary>Every try before the answered one was refused.</summary>
    Settled,

    /// <summary>
    /// The last try was answered, but an earlier one may have happened: without an answer, or with one such as 504, by which a
    /// gateway gives up waiting and takes nothing back. That request may still land, after whatever is sent next.
    /// </summary>
    MayLandAgain,
}

/// <summary>A variable that was created.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="End">Whether an earlier try of the same call may still land, should the key be free then.</param>
public sealed record CreatedVariable(ObservedVariable Variable, PutEnd End);

/// <summary>Writes variables, always secured. No member returns a value: Bitbucket has none to give.</summary>
/// <remarks>
/// Implementations retry what is idempotent (<see cref="PutAsync"/>, <see cref="DeleteAsync"/>) or explicitly
/// rejected, within bounds, and must never repeat a <see cref="CreateAsync"/> whose answer was lost without listing
/// first. What they throw in the end says the effect: 429 and 503 are <see cref="Effect.Rejected"/>, a lost answer
/// and every other 5xx are <see cref="Effect.Unknown"/>, unless an earlier try of the same call was unknown already.
/// </remarks>
public interface IVariableStore : IVariableReader
{
    /// <summary>The same store for the holder of a claim: before every try of a change it asks the lease.</summary>
    /// <returns>A store whose changes throw <see cref="LeaseOverException"/> once the lease is over.</returns>
    IVariableStore Under(Lease lease);

    /// <summary>Sends key, value and <c>secured: true</c> together.</summary>
    /// <param name="scope">Where the variable lives.</param>
    /// <param name="variable">The variable as it was observed; its key stays.</param>
    /// <param name="value">The value; the caller keeps and wipes it.</param>
    /// <param name="cancellation">Stops waiting, retrying and sending. After a cancellation the effect is unknown.</param>
    /// <returns>Whether an earlier try of the same call may still take effect.</returns>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task<PutEnd> PutAsync(VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation);

    /// <summary>Creates a secured variable. An SSH key pair that exists is changed: Bitbucket has one call for both.</summary>
    /// <returns>The new variable, also where the answer was lost and a listing shows that it was created by this very call.</returns>
    /// <exception cref="RemoteFailureException">Refused (<see cref="FailureKind.Conflict"/>: the key exists), or without an
    /// answer.</exception>
    Task<CreatedVariable> CreateAsync(VariableScope scope, string key, SecretValue value, CancellationToken cancellation);

    /// <summary>Deletes a variable. One that is gone already counts as deleted.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task DeleteAsync(VariableScope scope, string uuid, CancellationToken cancellation);
}
