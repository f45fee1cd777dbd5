using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>
/// Passwords of login roles of PostgreSQL 13 and later. Two roles take turns, and an administrator changes them; or the role that the
/// secret names changes its own.
/// </summary>
/// <param name="server">The server and its roles.</param>
/// <param name="network">How it is reached.</param>
/// <param name="admin">Reads the administrator's credential, which is wiped after use; null where a role changes its own.</param>
/// <param name="contents">
/// Reads what the role may have as its password now, which is wiped after use: the current version of the secret, then the staged one.
/// </param>
internal sealed class PostgreSqlBackend(
    PostgreSqlDefinition server,
    ServerNetwork network,
    Func<CancellationToken, Task<SecretValue>>? admin,
    Func<CancellationToken, Task<ImmutableArray<SecretValue>>> contents)
    : DatabaseBackend<PostgreSqlDefinition, PostgreSqlSession>(server, admin, contents, "a role")
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

    /// <summary>A name as it stands in a statement.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <inheritdoc />
    public override async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        using var login = LoginIn(current);
        using var changer = IsOwn ? login : await AdminAsync(cancellation);
        return await InSessionAsync(
            changer, IsOwn ? "looking at its role" : "looking at its roles", session => InspectAsync(session, login, cancellation),
            cancellation);
    }

    /// <inheritdoc />
    public override async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
    {
        using var login = LoginIn(staged);
        var verifier = ScramVerifier.Of(login.Password);
        if (IsOwn)
            await SetOwnAsync(
                login, session => session.WriteAsync($"{OwnRole}; ALTER ROLE CURRENT_USER WITH PASSWORD '{verifier}'", cancellation),
                "Name two \"users\" and an \"admin\".", cancellation);
        else
            await ChangeAsync($"setting the password of {login.User}", login.User, $"LOGIN PASSWORD '{verifier}'", cancellation);
    }

    /// <summary>Sessions that are logged in already stay so.</summary>
    /// <inheritdoc />
    public override async Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        if (!Server.Users.Contains(slot.Value, StringComparer.Ordinal))
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

    /// <inheritdoc />
    protected override SlotId SlotOf(ServerLogin login) => new(login.User);

    /// <inheritdoc />
    protected override PostgreSqlSession Connect(ServerLogin login) => new(Server, login, network);

    private async Task<BackendState> InspectAsync(PostgreSqlSession session, ServerLogin inUse, CancellationToken cancellation)
    {
        if (await session.ReadAsync(ServerQuery, cancellation) is not [["false", "off", var version]])
            throw Server.Rejected(
                FailureKind.Conflict, $"PostgreSQL at {Server.Place} is a replica, or read-only.", PostgreSqlFailures.ReplicaHint);
        ImmutableArray<string> users = IsOwn ? [inUse.User] : Server.Users;
        var roles = (await session.ReadAsync(RolesQuery, cancellation, users[0], users[^1])).ConvertAll(Role.Of);
        if (!IsOwn)
            CheckRights(
                roles.Single(role => role.IsCurrent),
                roles.FindAll(role => users.Contains(role.Name, StringComparer.Ordinal)),
                int.Parse(version, CultureInfo.InvariantCulture) / 10_000);
        foreach (var user in users)
        {
            var role = roles.Find(role => role.Name == user) ?? throw Server.Rejected(
                FailureKind.NotFound, $"PostgreSQL at {Server.Place} has no role {user}.",
                $"CREATE ROLE {Quote(user)} NOLOGIN, and give it what {inUse.User} has: docs/backends.md has the script.");
            if (user == inUse.User)
                continue;
            if (role.HasEnded)
                throw Server.Rejected(
                    FailureKind.Conflict, $"The role {user} of {Server.Place} has ended (VALID UNTIL), so it would refuse every password.",
                    $"ALTER ROLE {Quote(user)} VALID UNTIL 'infinity'");
            if (role.IsFull)
                throw Server.Rejected(
                    FailureKind.Conflict, $"The role {user} of {Server.Place} may have no connection (CONNECTION LIMIT 0).",
                    $"ALTER ROLE {Quote(user)} CONNECTION LIMIT -1");
        }

        return new BackendState(
            [.. users.Select(user => roles.Find(role => role.Name == user)!).Select(
                role => new Slot(new SlotId(role.Name), role is { MayLogIn: true, HasEnded: false, IsFull: false }))],
            Server.Place);
    }

    // As AlterRole in the server's src/backend/commands/user.c decides.
    private void CheckRights(Role admin, List<Role> users, int version)
    {
        if (admin.IsSuper)
            return;
        if (!admin.MayCreateRoles)
            throw Server.Rejected(
                FailureKind.AccessDenied, $"{admin.Name} may not change roles of PostgreSQL at {Server.Place}: it lacks CREATEROLE.",
                PostgreSqlFailures.RightsHint(Server, admin.Name));
        if (users.Find(role => role.IsSuper || (version < 16 && role.Replicates)) is { } strong)
            throw Server.Rejected(
                FailureKind.AccessDenied,
                $"{admin.Name} may not change {strong.Name} of PostgreSQL at {Server.Place}: it is "
                    + $"{(strong.IsSuper ? "SUPERUSER" : "REPLICATION")}.",
                $"ALTER ROLE {Quote(strong.Name)} {(strong.IsSuper ? "NOSUPERUSER" : "NOREPLICATION")}: an application needs neither.");
        if (version >= 16 && users.Find(role => !role.IsAdministered) is { } foreign)
            throw Server.Rejected(
                FailureKind.AccessDenied,
                $"{admin.Name} may not change {foreign.Name} of PostgreSQL at {Server.Place}: it lacks the ADMIN OPTION on it.",
                $"GRANT {Quote(foreign.Name)} TO {Quote(admin.Name)} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE");
    }

    private async Task ChangeAsync(string act, string user, string change, CancellationToken cancellation)
    {
        using var changer = await AdminAsync(cancellation);
        await InSessionAsync(
            changer, act, session => session.WriteAsync($"ALTER ROLE {Quote(user)} WITH {change}", cancellation), cancellation);
    }

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
