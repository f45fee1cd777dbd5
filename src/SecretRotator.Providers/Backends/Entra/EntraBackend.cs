using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using SecretRotator.Backends;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>Issues the client secrets of one application, and proves them by asking Entra for a token.</summary>
/// <remarks>
/// A secret's name tells the rotation that made it. A secret can't be disabled: <see cref="DisableAsync"/> removes it for good, and
/// <see cref="EnableAsync"/> of one that was removed fails.
/// </remarks>
/// <param name="definition">The application.</param>
/// <param name="reach">How Entra and Graph are reached.</param>
/// <param name="lifetime">How long a new secret is valid.</param>
/// <param name="calls">Makes the calls of Graph.</param>
/// <param name="clock">The time in which secrets live.</param>
internal sealed class EntraBackend(
    EntraDefinition definition, EntraReach reach, Duration lifetime, GraphCalls calls, IClock clock) : ICredentialBackend
{
    private const string Entra = "Microsoft Entra";
    private const string Id = "microsoft-entra";

    // What a secret's name begins with; the rotation's id follows.
    private const string Mark = "secret-rotator ";

    private (string Id, string Secret) Fields => (definition.IdField, definition.SecretField);

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        var text = PlainField.Of(credential, definition.IdField);
        return Guid.TryParseExact(text, "D", out var key)
            ? SlotOf(key)
            : throw new SecretContentException(
                $"The field \"{definition.IdField}\" of the secret holds no id of a client secret.",
                $"Write the secret's id (keyId) into the field in the vault: az ad app credential list --id {definition.Application}");
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        SlotOf(current);
        IssuedFields.Rehearse(current, Fields);
        return new BackendState(await ListAsync(cancellation), reach.GraphAddress.Authority);
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var slot = SlotOf(credential);
        using var secret = JsonSecret.Read(credential, definition.SecretField);
        var what = $"The secret {slot} of the application {definition.Application} could not be proven";
        try
        {
            using var form = SecretForm.Of(
                [("grant_type", "client_credentials"), ("client_id", definition.Application), ("scope", reach.Scope)],
                ("client_secret", secret));
            using var answer = await reach.Entra.PostAsync($"{reach.Tenant}/oauth2/v2.0/token", form, cancellation);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
            try
            {
                return Read((int)answer.StatusCode, body, what);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(body);
            }
        }
        catch (Exception failure) when (IsOfCall(failure, cancellation))
        {
            return Unknown(SilentCall.Failure(failure, what, writes: false, Entra));
        }
    }

    /// <inheritdoc />
    public async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        IssuedFields.Rehearse(current, Fields);
        var end = (clock.GetCurrentInstant() + lifetime).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var order = new PasswordOrder(new PasswordWish(Mark + rotation.Value, end));
        try
        {
            // What was sent isn't given up: a change of whose answer nothing is known is worse than a moment's wait.
            return await calls.RunAsync(
                new GraphCall("No client secret could be added to", Writes: true, Once: true),
                async token =>
                {
                    using var answer = await reach.Graph.AddPasswordAsync(
                        definition.Application, Json(order, GraphJson.Default.PasswordOrder), token, CancellationToken.None);
                    return await IssuedAsync(answer, current);
                },
                cancellation);
        }
        catch (RemoteFailureException full) when (full.InnerException is GraphRefusal { Code: GraphRefusal.TooMany })
        {
            throw await FullAsync(full, cancellation);
        }
    }

    /// <inheritdoc />
    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => DeleteAsync(slot, inUse, cancellation);

    /// <inheritdoc />
    /// <remarks>What is there is enabled; what isn't can't come back.</remarks>
    public async Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation)
    {
        if (!await IsThereAsync(slot, cancellation))
            throw new RemoteFailureException(
                FailureKind.NotFound,
                Effect.Rejected,
                $"The secret {slot} of the application {definition.Application} was removed, and Entra can't bring one back.",
                "Rotate the secret to get a new one, or roll back to a version whose secret is still there.").At(Id, definition.Place);
    }

    /// <inheritdoc />
    public async Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        try
        {
            await calls.RunAsync(
                new GraphCall("The client secret could not be removed from", Writes: true),
                async token =>
                {
                    using var answer = await reach.Graph.RemovePasswordAsync(
                        definition.Application, Json(new RemovalOrder(slot.Value), GraphJson.Default.RemovalOrder), token,
                        CancellationToken.None);
                    return answer.StatusCode == HttpStatusCode.NoContent ? true : throw await GraphRefusal.OfAsync(answer);
                },
                cancellation);
        }
        catch (RemoteFailureException refused) when (refused.InnerException is GraphRefusal { Status: 400 or 404 })
        {
            // Of what isn't there Graph says different things; the list tells.
            if (await IsThereAsync(slot, cancellation))
                throw;
        }
    }

    private static SlotId SlotOf(Guid key) => new(key.ToString("D"));

    private static bool IsOfCall(Exception failure, CancellationToken cancellation) =>
        failure is ProxyRefusedException or AuthenticationException or HttpRequestException or IOException
        || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static StringContent Json<T>(T order, JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(order, type), Encoding.UTF8, "application/json");

    private async Task<bool> IsThereAsync(SlotId slot, CancellationToken cancellation) =>
        (await ListAsync(cancellation)).Any(each => each.Id == slot);

    private Task<ImmutableArray<Slot>> ListAsync(CancellationToken cancellation) => calls.RunAsync(
        new GraphCall("The client secrets could not be listed for"),
        async token =>
        {
            using var answer = await reach.Graph.GetApplicationAsync(definition.Application, token, cancellation);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw await GraphRefusal.OfAsync(answer);
            var seen = JsonSerializer.Deserialize(
                await answer.Content.ReadAsByteArrayAsync(cancellation), GraphJson.Default.ApplicationEntry);
            return seen is { AppId: { } id, PasswordCredentials: { } passwords } && SlotOf(id).Value == definition.Application
                ? passwords.Select(Seen).ToImmutableArray()
                : throw new JsonException();
        },
        cancellation);

    private Slot Seen(PasswordEntry? password) => password is { KeyId: { } key }
        ? new Slot(SlotOf(key), password.EndDateTime is not { } end || clock.GetCurrentInstant() < Instant.FromDateTimeOffset(end))
        {
            MadeAt = password.StartDateTime is { } start ? Instant.FromDateTimeOffset(start) : null,
            MadeBy = password.DisplayName is { } name && name.StartsWith(Mark, StringComparison.Ordinal) && name.Length > Mark.Length
                ? new RotationId(name[Mark.Length..])
                : null,
        }
        : throw new JsonException();

    private async Task<SecretValue> IssuedAsync(HttpResponseMessage answer, SecretValue current)
    {
        if (answer.StatusCode != HttpStatusCode.OK)
            throw await GraphRefusal.OfAsync(answer);
        var body = await answer.Content.ReadAsByteArrayAsync();
        using var content = SecretValue.FromUtf8(body);
        CryptographicOperations.ZeroMemory(body);
        using var id = JsonSecret.Read(content, "keyId");
        using var secret = JsonSecret.Read(content, "secretText");
        var made = IssuedFields.Filled(current, Fields, id, secret);
        try
        {
            SlotOf(made);
            return made;
        }
        catch (SecretContentException)
        {
            made.Dispose();
            throw;
        }
    }

    private async Task<RemoteFailureException> FullAsync(RemoteFailureException full, CancellationToken cancellation)
    {
        var secrets = "";
        try
        {
            secrets = " It has " + string.Join(
                " and ", (await ListAsync(cancellation)).Select(slot => string.Create(
                    CultureInfo.InvariantCulture, $"{slot.Id} ({(slot.Enabled ? "" : "expired, ")}made {slot.MadeAt:uuuu-MM-dd})"))) + ".";
        }
        catch (RemoteFailureException)
        {
            // The refusal is what counts.
        }

        var failure = full.Failure with
        {
            Message = $"The application {definition.Application} takes no more client secrets, so none was made.",
            Hint = $"An application that personal accounts may sign in to has two at most.{secrets} Remove the one that nothing uses: "
                + $"az ad app credential delete --id {definition.Application} --key-id ID",
        };
        return new RemoteFailureException(failure, full.InnerException);
    }

    private Proof Read(int status, byte[] body, string what)
    {
        using var content = SecretValue.FromUtf8(body);
        string? code;
        string said;
        try
        {
            if (status == 200)
            {
                JsonSecret.Read(content, "access_token").Dispose();
                return Proof.Accepted;
            }

            using var description = JsonSecret.Read(content, "error_description");
#pragma warning disable RS0030 // Entra's own words about a refusal, of which only the code is taken.
            code = KeyVaultFailure.EntraCodeIn(description.RevealText());
#pragma warning restore RS0030
            said = $"{what}: {Entra} answered {code ?? $"status {status}"}.";
        }
        catch (SecretContentException) when (status is 408 or 429 or >= 500)
        {
            (code, said) = (null, $"{what}: {Entra} answered {status}.");
        }
        catch (SecretContentException)
        {
            return Unknown(new(
                FailureKind.Garbled, Effect.Rejected, $"{what}: the answer is not one that {Entra} gives.",
                "Look for a proxy in between that answers in its place."));
        }

        return (status, code) switch
        {
            (400 or 401, "AADSTS7000215") => Refused(said, "The secret was removed, is too new, or isn't the one of this id."),
            (400 or 401, "AADSTS7000222") => Refused(said, "The secret has expired."),
            (400 or 401, "AADSTS700016" or "AADSTS90002") => Unknown(new(
                FailureKind.NotFound, Effect.Rejected, said, "Check application and tenant in the inventory.")),
            (400 or 401, "AADSTS7000112") => Unknown(new(
                FailureKind.AccessDenied, Effect.Rejected, said,
                $"Sign-ins of the application are switched off: az ad sp update --id {definition.Application} --set accountEnabled=true")),
            (400 or 401, "AADSTS53003") => Unknown(new(
                FailureKind.AccessDenied, Effect.Rejected, said,
                "A Conditional Access policy for workload identities keeps the application out from here: let this address in.")),
            (429, _) or (400 or 401, "AADSTS50053" or "AADSTS50196") => Unknown(new(
                FailureKind.Throttled, Effect.Rejected, said, "Wait a few minutes, then run again.")),
            (408 or >= 500, _) => Unknown(new(FailureKind.Unavailable, Effect.Rejected, said, "Run again later.")),
            _ => Unknown(new(FailureKind.Other, Effect.Rejected, said, "Look the code up at https://login.microsoftonline.com/error")),
        };
    }

    private Proof Refused(string said, string hint) => new(
        Acceptance.Refused, new Failure(FailureKind.Unauthenticated, said, hint).At(Id, definition.Place));

    private Proof Unknown(RemoteFailureException why) => new(Acceptance.Unknown, why.At(Id, definition.Place).Failure);
}
