using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using NodaTime.Text;
using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>
/// A system that accepts credentials, by way of a program of the user's own: one process for each call, JSON on its standard input and
/// output. docs/backends.md describes what it is asked and what its exit codes mean.
/// </summary>
/// <param name="secret">The secret's name.</param>
/// <param name="definition">The program.</param>
/// <param name="connections">What it is started with.</param>
internal sealed class ProgramBackend(string secret, ProgramDefinition definition, BackendConnections connections) : ICredentialBackend
{
    private const string Service = "program";
    private const string DoAsItSays = "Do as it says; `secret-rotator backend test` asks it everything.";
    private const int LongestId = 256;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _file = connections.FileAt(definition.Command[0]);

    private bool Issues => definition.Traits.Family == BackendFamily.Issue;

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        var slot = IdentityOf(credential);
        return definition.Users.IsEmpty || definition.Users.Contains(slot.Value, StringComparer.Ordinal)
            ? slot
            : throw new SecretContentException(
                $"The field \"{definition.IdentityField}\" names none of the slots {string.Join(" and ", definition.Users)}.",
                "Correct the field in the vault, or \"slots\" in the inventory.");
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        var inUse = SlotOf(current);
        var expected = definition.Users.Select(user => new SlotId(user)).Append(inUse).Distinct().ToImmutableArray();
        using var request = new ProgramRequest("inspect", secret).With("current", current)
            .With("slots", new JsonArray([.. expected.Select(slot => (JsonNode)slot.Value)]));
        using var answer = await CallAsync(request, inUse, ifKilled: Effect.Rejected, cancellation);
        var seen = Parsed(answer, request, ProgramAnswers.Default.InspectAnswer);
        var server = ProgramText.Of(seen.Server, request.Sent, inUse.Value) ?? throw Garbled(request.Verb, Effect.Rejected);
        ImmutableArray<Slot> slots = [.. seen.Slots.Select(slot => SlotOf(slot, request, inUse))];
        foreach (var needed in expected)
            if (slots.All(slot => slot.Id != needed))
                throw Failed(
                    FailureKind.NotFound, Effect.Rejected, $"The program {definition.Place} shows no {needed} at {server}.",
                    "Create it there, or correct \"slots\" in the inventory and the identity in the vault.");
        return new BackendState(slots, server);
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var slot = SlotOf(credential);
        try
        {
            using var request = new ProgramRequest("prove", secret).With("credential", credential);
            using var answer = await CallAsync(request, slot, ifKilled: Effect.Rejected, cancellation);
            var seen = Parsed(answer, request, ProgramAnswers.Default.ProveAnswer);
            var why = string.Join(' ', new[] { seen.Code, seen.Message }
                .Select(part => ProgramText.Of(part, request.Sent, slot.Value)).OfType<string>());
            return (seen.Acceptance, seen.Code) switch
            {
                ("accepted", _) => Proof.Accepted,
                ("refused", { Length: > 0 }) => new Proof(Acceptance.Refused, new Failure(
                    FailureKind.Unauthenticated, $"The program {definition.Place} says that {slot} is refused: {why}", DoAsItSays)
                    .At(Service, definition.Place)),
                ("unknown", _) => new Proof(Acceptance.Unknown, new Failure(
                    FailureKind.Unavailable,
                    $"The program {definition.Place} can't tell whether {slot} is accepted{(why.Length > 0 ? $": {why}" : ".")}",
                    DoAsItSays).At(Service, definition.Place)),
                _ => throw Garbled(request.Verb, Effect.Rejected),
            };
        }
        catch (RemoteFailureException failure)
        {
            return new Proof(Acceptance.Unknown, failure.Failure);
        }
    }

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        var inUse = SlotOf(current);
        return definition.Users.IsEmpty
            ? generated.Copy()
            : PlainField.Replace(generated, definition.IdentityField, definition.Users.Single(user => user != inUse.Value));
    }

    /// <inheritdoc />
    public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) => Issues
        ? throw new NotSupportedException("This backend issues values; none is set.")
        : SetAsync(new ProgramRequest("set", secret).With("rotation", rotation.Value), staged, cancellation);

    /// <inheritdoc />
    public async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        if (!Issues)
            throw new NotSupportedException("This backend takes values; none is issued.");
        var inUse = SlotOf(current);
        using var request = new ProgramRequest("issue", secret).With("rotation", rotation.Value).With("current", current);
        using var answer = await CallAsync(request, inUse, ifKilled: Effect.Unknown, cancellation);
        SecretValue? issued = null;
        try
        {
            issued = JsonSecret.Read(answer, "credential");
            if (IdentityOf(issued) != inUse)
                return issued;
        }
        catch (SecretContentException)
        {
            // It says which field is missing, and nothing of what is there; what matters is that a credential may exist.
        }

        issued?.Dispose();
        throw Garbled(request.Verb, Effect.Unknown);
    }

    /// <inheritdoc />
    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => EndAsync("disable", slot, inUse, cancellation);

    /// <inheritdoc />
    public async Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation)
    {
        if (SlotOf(credential) != slot)
            throw new ArgumentException("The credential is another slot's.", nameof(credential));
        await SetAsync(new ProgramRequest(Issues ? "enable" : "set", secret).With("slot", slot.Value), credential, cancellation);
    }

    /// <inheritdoc />
    public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => Issues
        ? EndAsync("delete", slot, inUse, cancellation)
        : throw new InvalidOperationException("This backend takes values; no slot is deleted.");

    private async Task SetAsync(ProgramRequest request, SecretValue credential, CancellationToken cancellation)
    {
        using (request.With("credential", credential))
        using (await CallAsync(request, SlotOf(credential), ifKilled: Effect.Unknown, cancellation))
        {
        }
    }

    private async Task EndAsync(string verb, SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        using var request = new ProgramRequest(verb, secret).With("slot", slot.Value).With("inUse", inUse.Value);
        using var answer = await CallAsync(request, slot, ifKilled: Effect.Unknown, cancellation);
    }

    private SlotId IdentityOf(SecretValue credential)
    {
        var id = PlainField.Of(credential, definition.IdentityField);
        return IsId(id)
            ? new SlotId(id)
            : throw new SecretContentException(
                $"The field \"{definition.IdentityField}\" can't be an identity: it is empty, too long or has characters that don't print.",
                "Correct the field in the vault, or \"identity-field\" in the inventory.");
    }

    private Slot SlotOf(SlotAnswer seen, ProgramRequest request, SlotId inUse) => new(
        IsId(seen.Id) ? new SlotId(seen.Id) : throw Garbled(request.Verb, Effect.Rejected), seen.Enabled)
    {
        MadeAt = At(seen.MadeAt, request),
        UsedAt = At(seen.UsedAt, request),
        UsedFor = ProgramText.Of(seen.UsedFor, request.Sent, inUse.Value),
        MadeBy = seen.MadeBy is { } rotation && RotationId.IsOwn(rotation) ? new RotationId(rotation) : null,
    };

    private Instant? At(string? text, ProgramRequest request) => text is null ? null
        : InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var instant } ? instant
        : throw Garbled(request.Verb, Effect.Rejected);

    private static bool IsId(string text) => text.Length is > 0 and <= LongestId && PrintableText.Of(text) == text;

    private T Parsed<T>(SecretValue answer, ProgramRequest request, JsonTypeInfo<T> type)
    {
        try
        {
#pragma warning disable RS0030 // An answer that holds no value.
            return answer.Reveal(type, static (type, utf8) => JsonSerializer.Deserialize(utf8.Span, type))
#pragma warning restore RS0030
                ?? throw Garbled(request.Verb, Effect.Rejected);
        }
        catch (JsonException)
        {
            // Without the cause: its text may quote the answer.
            throw Garbled(request.Verb, Effect.Rejected);
        }
    }

    private async Task<SecretValue> CallAsync(ProgramRequest request, SlotId slot, Effect ifKilled, CancellationToken cancellation)
    {
        if (!File.Exists(_file))
            throw Failed(
                FailureKind.InvalidConfiguration, Effect.Rejected, $"There is no program {definition.Place}.",
                "Correct \"command\" in the inventory: a path is from the inventory's folder, and the PATH isn't searched.");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(_file) & AnyExecute) == UnixFileMode.None)
            throw CantStart();
        if (definition.Admin is { } admin)
        {
            using var credential = await connections.ReadAsync(admin, $"What the program {definition.Place} needs,", cancellation);
            request.With("admin", credential);
        }

        using var text = request.End();
        try
        {
            using var end = await ProgramProcess.RunAsync(
                _file, definition.Command[1..], connections.FileAt("."), text, definition.TimeLimit.ToTimeSpan(), connections.Vaults.Time,
                cancellation);
            if (end.KilledBecause is { } because)
            {
                if (ifKilled == Effect.Rejected)
                    cancellation.ThrowIfCancellationRequested();
                throw Failed(
                    FailureKind.Unavailable, ifKilled, $"The program {definition.Place} was killed at {request.Verb}: {because}.",
                    cancellation.IsCancellationRequested
                        ? "Run again."
                        : "Make it quicker and terser, or give it a longer \"time-limit\".");
            }

            return end.ExitCode == 0 ? end.Answer.Copy() : throw Refused(end, request, slot, ifKilled);
        }
        catch (Win32Exception)
        {
            throw CantStart();
        }
    }

    private RemoteFailureException CantStart() => Failed(
        FailureKind.InvalidConfiguration, Effect.Rejected, $"The program {definition.Place} can't be started.",
        "Make it executable for this user; a script needs a first line such as #!/bin/sh.");

    // What an issuing program says may hold what it was given; that can't be looked for, so nothing of it is shown.
    private RemoteFailureException Refused(ProgramEnd end, ProgramRequest request, SlotId slot, Effect ifKilled)
    {
        var said = request.Verb == "issue" ? null : ProgramText.Of(end.Said, request.Sent, slot.Value);
        var (kind, what) = end.ExitCode switch
        {
            10 => (FailureKind.Other, "refused"),
            11 => (FailureKind.AccessDenied, "may not do it"),
            12 => (FailureKind.NotFound, "found nothing of that name"),
            13 => (FailureKind.Throttled, "was told to wait"),
            14 => (FailureKind.Unavailable, "couldn't reach the system"),
            15 => (FailureKind.Conflict, "found it in another state than it expected"),
            _ => (FailureKind.Other, $"failed with exit code {end.ExitCode}"),
        };
        var effect = end.ExitCode is >= 10 and <= 15 ? Effect.Rejected : ifKilled;
        return Failed(
            kind, effect,
            $"The program {definition.Place} {what} at {request.Verb}.{(said is null ? "" : $" It said: {said}")}",
            effect == Effect.Unknown ? "Look at the system: whether it changed something isn't known."
                : kind == FailureKind.Unavailable ? ServerRoutes.UnreachedHint : DoAsItSays);
    }

    private RemoteFailureException Garbled(string verb, Effect effect) => Failed(
        FailureKind.Garbled, effect, $"The program {definition.Place} answered {verb} with something else than its schema says.",
        "Compare its answer with schemas/backend-program.schema.json; `secret-rotator backend test` asks it everything.");

    private RemoteFailureException Failed(FailureKind kind, Effect effect, string message, string? hint) =>
        new RemoteFailureException(kind, effect, message, hint).At(Service, definition.Place);
}
