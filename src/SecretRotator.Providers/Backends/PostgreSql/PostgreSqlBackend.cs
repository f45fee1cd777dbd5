using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>
/// Passwords of login roles of PostgreSQL 13 and later. Two roles take turns, and an administrator changes them; or the role that the
/// secret names changes its own.
/// </summary>
/// <param name="server">The server and its roles.</param>
/// <param name="network">How it is reached.</param>
/// <param name="changers">
/// Reads what logs in to change passwords: the administrator's credential; or what the role may have as its password now, the current
/// version of the secret before the staged one. They are wiped after use.
/// </param>
internal sealed class PostgreSqlBackend(
    PostgreSqlDefinition server,
    ServerNetwork network,
    Func<CancellationToken, Task<ImmutableArray<SecretValue>>> changers) : ICredentialBackend
{
    // All columns are texts: the types of a server aren't looked up.
    internal const string ServerQuery =
        "SELECT pg_catalog.pg_is_in_recovery()::text, pg_catalog.current_setting('transaction_read_only'), "
        + "pg_catalog.current_setting('server_version_num')";

    internal const string RolesQuery =
        "SELECT rolname::text, (rolname = current_user)::text, rolsuper::text, rolcreaterole::text, rolreplication::text, "
        + "rolcanlogin::text, COALESCE(rolvaliduntil <= pg_catalog.now(), false)::text, (rolconnlimit = 0)::text, "
        + "pg_catalog.pg_has_role(oid, 'MEMBER WITH ADMIN OPTION')::text "
        + "FROM pg_catalog.pg_roles WHERE rolname IN ($1, $2) OR rolname = current_user";

    /// <summary>What a role's own statement needs first, where the role becomes another one at login (<c>ALTER ROLE … SET
    /// role</c>).</summary>
    internal const string OwnRole = "SET ROLE NONE";

    private bool IsOwn => server.AdminAt is null;

    /// <summary>A name as it stands in a statement.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        using var login = LoginIn(credential);
        return new(login.User);
    }

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        using var login = LoginIn(current);
        if (IsOwn)
            return generated.Copy();
        using var idle = SecretValue.FromText(IdleBeside(login.User));
        return JsonSecret.Replace(
            generated, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [server.UserField] = idle });
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        using var login = LoginIn(credential);
        return await LogInAsync(login, cancellation);
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        using var login = LoginIn(current);
        if (IsOwn)
            return await InSessionAsync(login, "looking at its role", session => InspectAsync(session, login, cancellation), cancellation);
        using var admin = await AdminAsync(cancellation);
        return await InSessionAsync(admin, "looking at its roles", session => InspectAsync(session, login, cancellation), cancellation);
    }

    /// <inheritdoc />
    public async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
    {
        using var login = LoginIn(staged);
        var verifier = ScramVerifier.Of(login.Password);
        if (IsOwn)
            await SetOwnAsync(login, verifier, cancellation);
        else
            await ChangeAsync($"setting the password of {login.User}", login.User, $"LOGIN PASSWORD '{verifier}'", cancellation);
    }

    /// <inheritdoc />
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) => SlotOf(credential) == slot
        ? SetAsync(default, credential, cancellation)
        : throw new ArgumentException($"The credential isn't of {slot}.", nameof(credential));

    /// <summary>Sessions that are logged in already stay so.</summary>
    /// <inheritdoc />
    public async Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        if (!server.Users.Contains(slot.Value, StringComparer.Ordinal))
            throw new ArgumentException($"{slot} is none of the users.", nameof(slot));
        try
        {
            await ChangeAsync($"disabling {slot}", slot.Value, "NOLOGIN PASSWORD NULL", cancellation);
        }
        catch (RemoteFailureException gone) when (gone.Kind == FailureKind.NotFound && gone.InnerException is Npgsql.PostgresException
        { SqlState: "42704" })
        {
            // It has no login then.
        }
    }

    private async Task<BackendState> InspectAsync(PostgreSqlSession session, PostgreSqlLogin inUse, CancellationToken cancellation)
    {
        if (await session.ReadAsync(ServerQuery, cancellation) is not [["false", "off", var version]])
            throw PostgreSqlFailures.ReadOnly(server);
        ImmutableArray<string> users = IsOwn ? [inUse.User] : server.Users;
        var roles = (await session.ReadAsync(RolesQuery, cancellation, users[0], users[^1])).ConvertAll(Role.Of);
        if (!IsOwn)
            CheckRights(
                roles.Single(role => role.IsCurrent),
                roles.FindAll(role => users.Contains(role.Name, StringComparer.Ordinal)),
                int.Parse(version, CultureInfo.InvariantCulture) / 10_000);
        foreach (var user in users)
        {
            var role = roles.Find(role => role.Name == user) ?? throw No(
                FailureKind.NotFound, $"PostgreSQL at {server.Place} has no role {user}.",
                $"CREATE ROLE {Quote(user)} NOLOGIN, and give it what {inUse.User} has: docs/backends.md has the script.");
            if (user == inUse.User)
                continue;
            if (role.HasEnded)
                throw No(
                    FailureKind.Conflict, $"The role {user} of {server.Place} has ended (VALID UNTIL), so it would refuse every password.",
                    $"ALTER ROLE {Quote(user)} VALID UNTIL 'infinity'");
            if (role.IsFull)
                throw No(
                    FailureKind.Conflict, $"The role {user} of {server.Place} may have no connection (CONNECTION LIMIT 0).",
                    $"ALTER ROLE {Quote(user)} CONNECTION LIMIT -1");
        }

        return new BackendState(
            [.. users.Select(user => roles.Find(role => role.Name == user)!).Select(
                role => new Slot(new SlotId(role.Name), role is { MayLogIn: true, HasEnded: false, IsFull: false }))],
            server.Place);
    }

    // As AlterRole in the server's src/backend/commands/user.c decides.
    private void CheckRights(Role admin, List<Role> users, int version)
    {
        if (admin.IsSuper)
            return;
        if (!admin.MayCreateRoles)
            throw No(
                FailureKind.AccessDenied, $"{admin.Name} may not change roles of PostgreSQL at {server.Place}: it lacks CREATEROLE.",
                PostgreSqlFailures.RightsHint(server, admin.Name));
        if (users.Find(role => role.IsSuper || (version < 16 && role.Replicates)) is { } strong)
            throw No(
                FailureKind.AccessDenied,
                $"{admin.Name} may not change {strong.Name} of PostgreSQL at {server.Place}: it is "
                    + $"{(strong.IsSuper ? "SUPERUSER" : "REPLICATION")}.",
                $"ALTER ROLE {Quote(strong.Name)} {(strong.IsSuper ? "NOSUPERUSER" : "NOREPLICATION")}: an application needs neither.");
        if (version >= 16 && users.Find(role => !role.IsAdministered) is { } foreign)
            throw No(
                FailureKind.AccessDenied,
                $"{admin.Name} may not change {foreign.Name} of PostgreSQL at {server.Place}: it lacks the ADMIN OPTION on it.",
                $"GRANT {Quote(foreign.Name)} TO {Quote(admin.Name)} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE");
    }

    private async Task ChangeAsync(string act, string user, string change, CancellationToken cancellation)
    {
        using var admin = await AdminAsync(cancellation);
        await InSessionAsync(
            admin, act, session => session.WriteAsync($"ALTER ROLE {Quote(user)} WITH {change}", cancellation), cancellation);
    }

    // It logs in with what is the password now: that of the current version or, in an undo, that of the staged one.
    private async Task SetOwnAsync(PostgreSqlLogin login, string verifier, CancellationToken cancellation)
    {
        var act = $"changing the password of {login.User}";
        var contents = await changers(cancellation);
        try
        {
            RemoteFailureException? refusal = null;
            foreach (var content in contents)
            {
                using var known = LoginIn(content);
                if (known.User != login.User)
                    continue;
                try
                {
                    await InSessionAsync(
                        known, act,
                        session => session.WriteAsync($"{OwnRole}; ALTER ROLE CURRENT_USER WITH PASSWORD '{verifier}'", cancellation),
                        cancellation);
                    return;
                }
                catch (RemoteFailureException refused) when (refused is { Kind: FailureKind.Unauthenticated, Effect: Effect.Rejected })
                {
                    refusal = refused;
                }
            }

            // Set already, by a call whose answer was lost.
            if ((await LogInAsync(login, cancellation)).Acceptance == Acceptance.Accepted)
                return;
            throw refusal ?? No(
                FailureKind.Conflict, $"No version in the vault is of {login.User}, who alone can change that password.",
                "Name two \"users\" and an \"admin\".");
        }
        finally
        {
            foreach (var content in contents)
                content.Dispose();
        }
    }

    private async Task<Proof> LogInAsync(PostgreSqlLogin login, CancellationToken cancellation)
    {
        await using var session = new PostgreSqlSession(server, login, network);
        try
        {
            await session.OpenAsync(cancellation);
            return Proof.Accepted;
        }
        catch (Exception failure) when (PostgreSqlFailures.IsRemote(failure) && !cancellation.IsCancellationRequested)
        {
            return new Proof(
                PostgreSqlFailures.IsRefusal(failure, session) ? Acceptance.Refused : Acceptance.Unknown,
                PostgreSqlFailures.Of(failure, server, session, $"logging in as {login.User}").Failure);
        }
    }

    private async Task<T> InSessionAsync<T>(
        PostgreSqlLogin login, string act, Func<PostgreSqlSession, Task<T>> use, CancellationToken cancellation)
    {
        await using var session = new PostgreSqlSession(server, login, network);
        try
        {
            await session.OpenAsync(cancellation);
            return await use(session);
        }
        catch (Exception failure) when (
            PostgreSqlFailures.IsRemote(failure) && (session.HasWritten || !cancellation.IsCancellationRequested))
        {
            throw PostgreSqlFailures.Of(failure, server, session, act);
        }
    }

    private async Task<PostgreSqlLogin> AdminAsync(CancellationToken cancellation)
    {
        var contents = await changers(cancellation);
        try
        {
            var admin = PostgreSqlLogin.Of(contents[0], "username", "password");
            if (!server.Users.Contains(admin.User, StringComparer.Ordinal))
                return admin;
            admin.Dispose();
            throw new UsageException(
                $"{server.Admin} is the credential of {admin.User}, whose password is rotated with it.",
                "Name a role of its own as \"admin\": docs/backends.md has the script.");
        }
        catch (SecretContentException exception)
        {
            throw new UsageException($"{server.Admin} is no administrator's credential: {exception.Message}", exception.Hint);
        }
        finally
        {
            foreach (var content in contents)
                content.Dispose();
        }
    }

    private PostgreSqlLogin LoginIn(SecretValue content)
    {
        var login = PostgreSqlLogin.Of(content, server.UserField, server.PasswordField);
        if (IsOwn || server.Users.Contains(login.User, StringComparer.Ordinal))
            return login;
        login.Dispose();
        throw new SecretContentException(
            $"The field \"{server.UserField}\" of the secret names none of the users of the inventory ({string.Join(", ", server.Users)}).",
            "Correct \"users\" in the inventory, or the field in the vault.");
    }

    private string IdleBeside(string user) => server.Users[0] == user ? server.Users[1] : server.Users[0];

    private RemoteFailureException No(FailureKind kind, string message, string hint) =>
        PostgreSqlFailures.No(server, kind, message, hint);

    // A row of RolesQuery.
    private sealed record Role(
        string Name, bool IsCurrent, bool IsSuper, bool MayCreateRoles, bool Replicates, bool MayLogIn, bool HasEnded, bool IsFull,
        bool IsAdministered)
    {
        public static Role Of(string[] row) =>
            new(row[0], Is(row[1]), Is(row[2]), Is(row[3]), Is(row[4]), Is(row[5]), Is(row[6]), Is(row[7]), Is(row[8]));

        private static bool Is(string text) => text == "true";
    }
}
