using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends;

/// <summary>
/// Passwords of users of a database server, as far as all kinds of servers are alike. An administrator changes them; or the user that the
/// secret names changes its own.
/// </summary>
/// <param name="server">The server and its users.</param>
/// <param name="admin">Reads the credential that changes passwords, which is wiped after use; null where a user changes its own.</param>
/// <param name="contents">
/// Reads what users may hold of the secret, which is wiped after use: its current version, then what is staged for it.
/// </param>
/// <param name="oneUser">What a user is called there, such as <c>a role</c>.</param>
internal abstract class DatabaseBackend<TServer, TSession>(
    TServer server,
    Func<CancellationToken, Task<SecretValue>>? admin,
    Func<CancellationToken, Task<ImmutableArray<SecretValue>>> contents,
    string oneUser) : ICredentialBackend
    where TServer : DatabaseDefinition
    where TSession : DatabaseSession
{
    /// <summary>The server and its users.</summary>
    protected TServer Server => server;

    /// <summary>Whether a user changes its own password.</summary>
    protected bool IsOwn => admin is null;

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        using var login = LoginIn(credential);
        return SlotOf(login);
    }

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        using var login = LoginIn(current);
        return server.Users is [var one, var other]
            ? PlainField.Replace(generated, server.UserField, login.User == one ? other : one)
            : generated.Copy();
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        using var login = LoginIn(credential);
        return await LogInAsync(login, cancellation);
    }

    /// <inheritdoc />
    public abstract Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation);

    /// <inheritdoc />
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) => SlotOf(credential) == slot
        ? SetAsync(default, credential, cancellation)
        : throw new ArgumentException($"The credential isn't of {slot}.", nameof(credential));

    /// <inheritdoc />
    public abstract Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation);

    /// <summary>The slot of a login.</summary>
    protected abstract SlotId SlotOf(ServerLogin login);

    /// <summary>A connection that isn't open yet.</summary>
    protected abstract TSession Connect(ServerLogin login);

    /// <summary>The login in a content.</summary>
    /// <exception cref="SecretContentException">It has none, or no server would take it.</exception>
    protected virtual ServerLogin Read(SecretValue content, string userField, string passwordField) =>
        ServerLogin.Of(content, userField, passwordField);

    /// <summary>The login in a content of the secret.</summary>
    /// <exception cref="SecretContentException">It has none, or is of none of the users.</exception>
    protected ServerLogin LoginIn(SecretValue content)
    {
        var login = Read(content, server.UserField, server.PasswordField);
        if (server.Users.IsEmpty || server.Users.Contains(login.User, StringComparer.Ordinal))
            return login;
        login.Dispose();
        throw new SecretContentException(
            $"The field \"{server.UserField}\" of the secret names none of the users of the inventory ({string.Join(", ", server.Users)}).",
            "Correct \"users\" in the inventory, or the field in the vault.");
    }

    /// <summary>The login that changes passwords.</summary>
    protected async Task<ServerLogin> AdminAsync(CancellationToken cancellation)
    {
        using var content = await admin!(cancellation);
        try
        {
            var login = Read(content, "username", "password");
            if (!server.Users.Contains(login.User, StringComparer.Ordinal))
                return login;
            login.Dispose();
            throw new UsageException(
                $"{server.Admin} is the credential of {login.User}, whose password is rotated with it.",
                $"Name {oneUser} of its own as \"admin\": docs/backends.md has the script.");
        }
        catch (SecretContentException exception)
        {
            throw new UsageException($"{server.Admin} is no administrator's credential: {exception.Message}", exception.Hint);
        }
    }

    /// <summary>Reads what users may hold of the secret, which the caller wipes: its current version, then what is staged for it.</summary>
    protected Task<ImmutableArray<SecretValue>> ContentsAsync(CancellationToken cancellation) => contents(cancellation);

    /// <summary>A user sets its own password. It logs in with what is the password now: that of the current version or, in an undo, that of
    /// the staged one.</summary>
    /// <param name="login">The user and the new password.</param>
    /// <param name="write">Sets it.</param>
    /// <param name="otherwise">What to do where no version is of that user.</param>
    /// <param name="cancellation">Stops what hasn't been sent.</param>
    protected async Task SetOwnAsync(
        ServerLogin login, Func<TSession, Task> write, string otherwise, CancellationToken cancellation)
    {
        var all = await contents(cancellation);
        try
        {
            RemoteFailureException? refusal = null;
            foreach (var content in all)
            {
                using var known = LoginIn(content);
                if (known.User != login.User)
                    continue;
                try
                {
                    await InSessionAsync(
                        known,
                        $"changing the password of {login.User}",
                        async session =>
                        {
                            await write(session);
                            return true;
                        },
                        cancellation);
                    return;
                }
                catch (RemoteFailureException refused) when (refused is { Kind: FailureKind.Unauthenticated, Effect: Effect.Rejected })
                {
                    refusal = refused;
                }
            }

            // Set already, by a call whose answer was lost.
            if ((await LogInAsync(login, cancellation)).Acceptance != Acceptance.Accepted)
                throw refusal ?? server.Rejected(
                    FailureKind.Conflict, $"No version in the vault is of {login.User}, who alone can change that password.", otherwise);
        }
        finally
        {
            foreach (var content in all)
                content.Dispose();
        }
    }

    /// <summary>Does something over a connection of its own.</summary>
    /// <param name="login">Who logs in.</param>
    /// <param name="act">What is done, such as <c>changing payments_b</c>.</param>
    /// <param name="use">Does it.</param>
    /// <param name="cancellation">Stops what hasn't been sent.</param>
    /// <exception cref="RemoteFailureException">It failed.</exception>
    protected async Task<T> InSessionAsync<T>(
        ServerLogin login, string act, Func<TSession, Task<T>> use, CancellationToken cancellation)
    {
        await using var session = Connect(login);
        try
        {
            await session.OpenAsync(cancellation);
            return await use(session);
        }
        catch (Exception failure) when (session.IsRemote(failure) && (session.HasWritten || !cancellation.IsCancellationRequested))
        {
            throw session.FailureOf(failure, act);
        }
    }

    private async Task<Proof> LogInAsync(ServerLogin login, CancellationToken cancellation)
    {
        await using var session = Connect(login);
        try
        {
            await session.OpenAsync(cancellation);
            return Proof.Accepted;
        }
        catch (Exception failure) when (session.IsRemote(failure) && !cancellation.IsCancellationRequested)
        {
            return new Proof(
                session.IsRefusal(failure) ? Acceptance.Refused : Acceptance.Unknown,
                session.FailureOf(failure, $"logging in as {SlotOf(login)}").Failure);
        }
    }
}
