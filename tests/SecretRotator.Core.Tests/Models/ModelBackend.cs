using SecretRotator.Backends;

namespace SecretRotator.Tests.Models;

/// <summary>A backend of the model: two users, one user whose value changes in place, or two issued keys.</summary>
/// <param name="Family">Who makes the value.</param>
/// <param name="Overlaps">Whether the old one stays valid.</param>
internal sealed record ModelBackendDefinition(BackendFamily Family, bool Overlaps) : BackendDefinition
{
    public override string Kind => "model";

    public override string Product => "The model";

    public override string Place => "model.internal";

    public bool TellsLastUse { get; init; }

    public Duration Lag { get; init; }

    public override BackendTraits Traits => new(
        Family, Overlaps, TellsLastUse, Lag, Settles: Duration.FromSeconds(30));

    public override ImmutableArray<string?> Canonical => [Family.ToString()];
}

/// <summary>One credential that the model keeps.</summary>
internal sealed class ModelCredential
{
    public required string Value { get; set; }

    public bool Enabled { get; set; } = true;

    public Instant MadeAt { get; init; }

    public RotationId? MadeBy { get; init; }

    public Instant? UsedAt { get; set; }
}

/// <summary>What the model keeps of one secret's credentials, by user or id.</summary>
internal sealed class ModelCredentials
{
    public SortedDictionary<string, ModelCredential> Slots { get; } = new(StringComparer.Ordinal);

    /// <summary>How many more logins are refused although they are right.</summary>
    public int LaggingLogins { get; set; }

    /// <summary>Whether logins have no answer.</summary>
    public bool IsDown { get; set; }

    public bool Accepts(string content)
    {
        using var value = SecretValue.FromText(content);
        return Slots.TryGetValue(ModelBackend.Field(value, "user"), out var slot)
            && slot.Enabled && slot.Value == ModelBackend.Field(value, "password");
    }
}

/// <summary>A backend in memory that keeps the promises of the contract.</summary>
internal sealed class ModelBackend(
    ModelBackendDefinition definition, ModelCredentials kept, ModelCloud cloud, ModelMachine machine) : ICredentialBackend
{
    public static string Content(string user, string password) => $"{{\"user\":\"{user}\",\"password\":\"{password}\"}}";

    public static string Field(SecretValue content, string name)
    {
        using var field = JsonSecret.Read(content, name);
        return field.RevealText();
    }

    public SlotId SlotOf(SecretValue credential) => new(Field(credential, "user"));

    public Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation) =>
        machine.CallAsync("inspect", () => new BackendState(
            [
                .. kept.Slots.Select(slot => new Slot(new(slot.Key), slot.Value.Enabled)
                {
                    MadeAt = slot.Value.MadeAt,
                    MadeBy = slot.Value.MadeBy,
                    UsedAt = slot.Value.UsedAt,
                }),
            ],
            "model.internal"));

    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var content = Content(Field(credential, "user"), Field(credential, "password"));
        try
        {
            return await machine.CallAsync($"prove {SlotOf(credential)}", () =>
            {
                if (kept.IsDown)
                    return new Proof(Acceptance.Unknown, new Failure(FailureKind.Unavailable, "It doesn't answer."));
                if (kept.Accepts(content) && kept.LaggingLogins-- <= 0)
                    return Proof.Accepted;
                return new Proof(Acceptance.Refused, new Failure(FailureKind.CredentialRefused, "The login failed (28P01)."));
            });
        }
        catch (RemoteFailureException lost)
        {
            return new Proof(Acceptance.Unknown, lost.Failure);
        }
    }

    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        var user = Field(current, "user");
        var idle = definition.Overlaps ? user == "a" ? "b" : "a" : user;
        return SecretValue.FromText(Content(idle, Field(generated, "password")));
    }

    public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) =>
        definition.Family == BackendFamily.Set ? PutAsync("set", staged) : throw new InvalidOperationException("It makes the values.");

    public async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        var made = await machine.CallAsync("issue", () =>
        {
            if (kept.Slots.Count >= 2)
                throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "LimitExceeded");
            var id = cloud.NewUuid();
            kept.Slots.Add(id, new ModelCredential { Value = "issued-" + id, MadeAt = cloud.Clock.GetCurrentInstant() });
            return Content(id, "issued-" + id);
        });
        var value = SecretValue.FromText(made);
        machine.Values.Add(value);
        return value;
    }

    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => EndAsync("disable", slot, inUse, () =>
    {
        if (kept.Slots.TryGetValue(slot.Value, out var credential))
            credential.Enabled = false;
    });

    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
        definition.Family == BackendFamily.Set ? PutAsync("enable", credential) : machine.CallAsync($"enable {slot}", () =>
        {
            if (!kept.Slots.TryGetValue(slot.Value, out var found))
                throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"{slot} was deleted.");
            return found.Enabled = true;
        });

    public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) =>
        EndAsync("delete", slot, inUse, () => kept.Slots.Remove(slot.Value));

    private Task PutAsync(string verb, SecretValue content)
    {
        var (slot, value) = (Field(content, "user"), Field(content, "password"));
        return machine.CallAsync($"{verb} {slot}", () =>
        {
            if (!kept.Slots.TryGetValue(slot, out var credential))
                throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"There is no user {slot}.");
            (credential.Value, credential.Enabled) = (value, true);
            return 0;
        });
    }

    private Task EndAsync(string verb, SlotId slot, SlotId inUse, Action act) => slot == inUse
        ? throw new InvalidOperationException($"{slot} is in use.")
        : machine.CallAsync($"{verb} {(definition.Family == BackendFamily.Set ? slot.Value : "key")}", () =>
        {
            act();
            return 0;
        });
}
