using SecretRotator.Backends;

namespace SecretRotator.Reliability.World;

/// <summary>A secret's backend as a machine reaches it: over the same wire as everything else, and with no try of its own.</summary>
internal sealed class ModelBackend(Cloud cloud, Machine machine, ManagedSecret secret) : ICredentialBackend
{
    private static readonly Duration Patience = Duration.FromSeconds(15);

    private readonly CredentialStore _store = cloud.Credentials(secret)!;

    public SlotId SlotOf(SecretValue credential)
    {
        using var user = JsonSecret.Read(credential, "user");
        return new(user.RevealText());
    }

    public Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation) =>
        CallAsync("inspect", _store.Look, Effect.Rejected, cancellation);

    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var content = credential.RevealText();
        try
        {
            return await CallAsync("prove", () => _store.LogIn(content), Effect.Rejected, cancellation) switch
            {
                Acceptance.Accepted => Proof.Accepted,
                Acceptance.Refused => new(Acceptance.Refused, new Failure(FailureKind.CredentialRefused, "The login failed (28P01).")),
                var unknown => new(unknown, new Failure(FailureKind.Unavailable, "The account is locked.")),
            };
        }
        catch (RemoteFailureException failed)
        {
            return new(Acceptance.Unknown, failed.Failure);
        }
    }

    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        using var password = JsonSecret.Read(generated, "password");
        var user = SlotOf(current).Value;
        return SecretValue.FromText(
            CredentialStore.Content(!_store.Overlaps ? user : user == "a" ? "b" : "a", password.RevealText()));
    }

    public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) => PutAsync("set", staged, cancellation);

    public async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation) =>
        SecretValue.FromText(await CallAsync(
            "issue",
            () => cloud.Issue(_store, rotation)
                ?? throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "There are as many as it takes."),
            Effect.Unknown, cancellation));

    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) =>
        EndAsync("disable", slot, inUse, _store.Disable, cancellation);

    public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) =>
        EndAsync("delete", slot, inUse, _store.Delete, cancellation);

    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) => _store.Issues
        ? CallAsync(
            "enable",
            () => _store.Enable(slot.Value) ? true : throw Missing(slot),
            Effect.Unknown, cancellation)
        : PutAsync("enable", credential, cancellation);

    private Task PutAsync(string verb, SecretValue content, CancellationToken cancellation)
    {
        var (text, slot) = (content.RevealText(), SlotOf(content));
        return CallAsync(verb, () => _store.Set(text, verb) ? true : throw Missing(slot), Effect.Unknown, cancellation);
    }

    private Task EndAsync(string verb, SlotId slot, SlotId inUse, Action<string> act, CancellationToken cancellation) => slot == inUse
        ? throw new InvalidOperationException($"{slot} is in use.")
        : CallAsync(
            verb,
            () =>
            {
                act(slot.Value);
                return true;
            },
            Effect.Unknown, cancellation);

    private static RemoteFailureException Missing(SlotId slot) =>
        new(FailureKind.NotFound, Effect.Rejected, $"There is no {slot}.");

    private Task<T> CallAsync<T>(string verb, Func<T> act, Effect unanswered, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return cloud.Wire.SendAsync(
            new Request(machine, "backend", verb, secret.Path) { Settles = ModelBackendDefinition.LongestWrite },
            act,
            fate => throw (fate switch
            {
                Fate.Busy => new RemoteFailureException(FailureKind.Throttled, Effect.Rejected, "Too many connections."),
                Fate.Held => new RemoteFailureException(FailureKind.Unavailable, unanswered, "The gateway has no answer (504)."),
                _ => new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, "Not allowed."),
            }),
            () => new RemoteFailureException(FailureKind.Unavailable, unanswered, "The connection dropped."),
            Patience,
            cancellation);
    }
}
