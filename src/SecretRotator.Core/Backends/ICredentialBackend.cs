namespace SecretRotator.Backends;

/// <summary>What a login with a credential came to.</summary>
public enum Acceptance
{
    /// <summary>The backend let it in. Only this proves a credential.</summary>
    Accepted,

    /// <summary>The backend refused it, in its own code for a wrong or disabled credential. Only this disproves one.</summary>
    Refused,

    /// <summary>Anything else: no answer, a name or certificate that is wrong, too many tries, a server that isn't ready.</summary>
    Unknown,
}

/// <summary>What identifies a credential at its backend: a user, a key's id. Never a secret.</summary>
/// <param name="Value">Not empty.</param>
public readonly record struct SlotId(string Value)
{
    /// <summary>Guards what takes a slot away.</summary>
    /// <param name="inUse">The slot that the current version names.</param>
    /// <exception cref="InvalidOperationException">They are the same.</exception>
    public void ThrowIfInUse(SlotId inUse)
    {
        if (this == inUse)
            throw new InvalidOperationException($"{this} is in use.");
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>One credential that a backend keeps, or a place for one.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Enabled">Whether a login with it can succeed.</param>
public sealed record Slot(SlotId Id, bool Enabled)
{
    /// <summary>When the backend says that it was made, or null where it doesn't say.</summary>
    public Instant? MadeAt { get; init; }

    /// <summary>When it was used last, or null where the backend doesn't tell or it never was.</summary>
    public Instant? UsedAt { get; init; }

    /// <summary>Where it was used last and for what, for people; or null.</summary>
    public string? UsedFor { get; init; }

    /// <summary>The rotation of this tool that made it, where the backend shows that; or null.</summary>
    public RotationId? MadeBy { get; init; }
}

/// <summary>What a look at a backend shows.</summary>
/// <param name="Slots">Its slots for this secret: those that it keeps or, for users of a fixed name, those that it should keep.</param>
/// <param name="Server">Who answered, as TLS proved it, for evidence.</param>
public sealed record BackendState(ImmutableArray<Slot> Slots, string Server)
{
    /// <summary>The slot of an identity, or null where the backend has none.</summary>
    public Slot? Find(SlotId id) => Slots.FirstOrDefault(slot => slot.Id == id);
}

/// <summary>Looks at the system that accepts a credential, and proves credentials; changes nothing. A dry run and doctor hold
/// this.</summary>
/// <remarks>
/// Implementations keep no state between calls, repeat nothing that failed, send no credential before TLS has proven the server, and put
/// no value into a message, a log, an argument or an environment.
/// </remarks>
public interface ICredentialBackendReader
{
    /// <summary>The slot that a credential belongs to. Pure.</summary>
    /// <param name="credential">The secret's whole content.</param>
    /// <exception cref="SecretContentException">The content names none.</exception>
    SlotId SlotOf(SecretValue credential);

    /// <summary>
    /// Looks whether a rotation can be done: the server is the right one and can be written to, what changes credentials works and has the
    /// rights, the slots are there, and nothing would refuse a new value.
    /// </summary>
    /// <param name="current">The current content.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <exception cref="RemoteFailureException">It can't be done; the hint names the missing right or thing.</exception>
    /// <exception cref="SecretContentException">The content isn't a credential of this backend.</exception>
    Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation);

    /// <summary>One login with a credential, over verified TLS.</summary>
    /// <param name="credential">The secret's whole content, as it was read from the vault.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <returns>Never an exception for what a service does: that is <see cref="Acceptance.Unknown"/>, with the reason in
    /// <see cref="Proof.Why"/>.</returns>
    /// <exception cref="SecretContentException">The content isn't a credential of this backend.</exception>
    Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation);
}

/// <summary>What a login showed.</summary>
/// <param name="Acceptance">How it ended.</param>
/// <param name="Why">Why it isn't accepted, with the backend's own code and never a value; null where it is.</param>
public sealed record Proof(Acceptance Acceptance, Failure? Why = null)
{
    /// <summary>The login worked.</summary>
    public static Proof Accepted { get; } = new(Acceptance.Accepted);
}

/// <summary>
/// The system that accepts a credential, as the rotation protocol needs it (P8 to P10 in <c>PROTOCOL.md</c>). One contract suite runs over
/// every implementation.
/// </summary>
/// <remarks>
/// <para>Writes are bounded on the server or end within <see cref="Inventory.BackendTraits.Settles"/>: after that an unanswered one has
/// taken
/// effect or never will.</para>
/// <para>A kind that only issues leaves out what sets values, and one that only sets them leaves out what issues.</para>
/// <para>They throw <see cref="RemoteFailureException"/> for everything that a service can do wrong; a call that was sent and has no answer
/// has <see cref="Effect.Unknown"/>.</para>
/// </remarks>
public interface ICredentialBackend : ICredentialBackendReader
{
    /// <summary>Where values are set: the content for the idle slot, with that slot's identity and the new value. Pure.</summary>
    /// <param name="current">The current content.</param>
    /// <param name="generated">The same content with the generated fields replaced.</param>
    /// <exception cref="SecretContentException">The current content names none of the slots.</exception>
    SecretValue Prepare(SecretValue current, SecretValue generated) => throw new NotSupportedException();

    /// <summary>Where values are set: makes the backend accept a staged content in its slot, and enables that. Idempotent by
    /// value.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Where values are issued: has the backend make a credential, which it shows once. Never repeated.</summary>
    /// <param name="rotation">The rotation, which the credential is marked with where the backend can.</param>
    /// <param name="current">The current content, which the fields that aren't issued are taken from.</param>
    /// <param name="cancellation">Stops what hasn't been sent.</param>
    /// <returns>The whole new content. The caller wipes it.</returns>
    /// <exception cref="RemoteFailureException">Refused, or without an answer: then a credential may exist that no one knows.</exception>
    Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Makes a slot refuse logins. Idempotent: what is gone or disabled is done.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="inUse">The slot that the current version names.</param>
    /// <param name="cancellation">Stops what hasn't been sent.</param>
    /// <exception cref="InvalidOperationException">They are the same. Nothing was sent.</exception>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation);

    /// <summary>Makes a slot accept a credential again that it had before. Idempotent.</summary>
    /// <exception cref="RemoteFailureException">Refused, without an answer, or <see cref="FailureKind.NotFound"/>: an issued credential was
    /// deleted.</exception>
    Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation);

    /// <summary>Where values are issued: removes a credential for good. Idempotent: gone is done.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="inUse">The slot that the current version names.</param>
    /// <param name="cancellation">Stops what hasn't been sent.</param>
    /// <exception cref="InvalidOperationException">They are the same. Nothing was sent.</exception>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        throw new NotSupportedException();
    }
}
