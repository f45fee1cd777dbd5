using System.Net.Sockets;
using Npgsql;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>Says what went wrong in words of our own: a server's message may repeat a part of a statement.</summary>
internal static class PostgreSqlFailures
{
    /// <summary>What to do about a replica.</summary>
    public const string ReplicaHint = "A replica takes no changes: name the primary as \"server\".";

    /// <summary>What a failure means.</summary>
    /// <param name="failure">What the library threw.</param>
    /// <param name="server">The server.</param>
    /// <param name="session">The connection.</param>
    /// <param name="act">What was tried, such as <c>changing payments_b</c>.</param>
    public static RemoteFailureException Of(Exception failure, PostgreSqlDefinition server, PostgreSqlSession session, string act)
    {
        var (place, user) = ($"PostgreSQL at {server.Place}", session.Login.User);
        return Told().At(server.Kind, server.Place);

        RemoteFailureException Told() => failure switch
        {
            _ when session.IsTrusted != true => OfConnecting(failure, server, session, place, act),
            PostgresException { SqlState: "28P01" } =>
                No(FailureKind.Unauthenticated, $"{place} refuses the password of {user}",
                    "Check that the role exists, that its password is this one, and that it hasn't ended (VALID UNTIL)."),
            PostgresException { SqlState: "28000", Routine: "InitializeSessionUserId" } =>
                No(FailureKind.Unauthenticated, $"{place} has no role {user}, or it may not log in",
                    $"ALTER ROLE {PostgreSqlBackend.Quote(user)} LOGIN"),
            PostgresException { SqlState: "28000" } =>
                No(FailureKind.AccessDenied, $"{place} lets {user} not in from this machine",
                    "Add a line to pg_hba.conf: hostssl, the database, the role, this machine's address, scram-sha-256."),
            PostgresException { SqlState: "3D000" } =>
                No(FailureKind.NotFound, $"{place} has no such database", "Correct \"database\" in the inventory."),
            // What an extension that watches logins says, credcheck among them; the right password is refused too.
            PostgresException { SqlState: "XX000" } when !session.IsOpen =>
                No(FailureKind.AccessDenied, $"{place} lets {user} not in (XX000)",
                    "The server's log says why. An extension may have banned the role after several wrong passwords; credcheck lets it in "
                        + "again with SELECT pg_banned_role_reset('ROLE')."),
            PostgresException { SqlState: "42501" } when !session.IsOpen =>
                No(FailureKind.AccessDenied, $"{place} lets {user} not into the database",
                    $"GRANT CONNECT ON DATABASE {PostgreSqlBackend.Quote(server.Database)} TO {PostgreSqlBackend.Quote(user)}"),
            PostgresException { SqlState: "42501" } =>
                No(FailureKind.AccessDenied, $"{place} doesn't allow {user} to do it", RightsHint(server, user)),
            PostgresException { SqlState: "42704" } =>
                No(FailureKind.NotFound, $"{place} has no such role", "Create it: docs/backends.md has the script."),
            PostgresException { SqlState: "25006" } =>
                No(FailureKind.Conflict, $"{place} is read-only", ReplicaHint),
            PostgresException { SqlState: "53300" } =>
                No(FailureKind.Throttled, $"{place} has no connection left for {user}", "Wait a few minutes, then run again."),
            PostgresException { SqlState: "57014" or "55P03" } =>
                No(FailureKind.Unavailable, $"{place} ended the statement at its time limit", "Look for a session that holds a lock."),
            PostgresException { SqlState: ['5', '7', ..], InvariantSeverity: not "ERROR" } =>
                Unclear($"{place} is starting, stopping or too busy", "Wait a few minutes, then run again."),
            PostgresException { InvariantSeverity: "ERROR" } or PostgresException when !session.HasWritten =>
                No(FailureKind.Other, $"{place} refused with {((PostgresException)failure).SqlState}",
                    "The server's log says why; an extension that checks passwords may refuse one that comes hashed."),
            _ when !session.IsOpen && failure is not OperationCanceledException
                && !ExceptionChain.Of(failure).Any(cause => cause is IOException or SocketException or TimeoutException) =>
                No(FailureKind.Unsupported, $"{place} asks {user} for another way to log in than SCRAM-SHA-256 with channel binding",
                    "Set \"scram-sha-256\" in pg_hba.conf, and the password anew with password_encryption = 'scram-sha-256'. Name the "
                        + "server "
                    + "itself: a pooler in between, such as PgBouncer, has no channel binding."),
            _ => Unclear($"{place} gave no answer", "Check the network and the firewall, then run again."),
        };

        RemoteFailureException No(FailureKind kind, string said, string hint) =>
            new(kind, Effect.Rejected, $"{said} ({act}).", hint, failure);

        RemoteFailureException Unclear(string said, string hint) =>
            new(FailureKind.Unavailable, session.HasWritten ? Effect.Unknown : Effect.Rejected, $"{said} ({act}).", hint, failure);
    }

    /// <summary>The rights that change the roles.</summary>
    public static string RightsHint(PostgreSqlDefinition server, string admin)
    {
        var (name, users) = (PostgreSqlBackend.Quote(admin), string.Join(", ", server.Users.Select(PostgreSqlBackend.Quote)));
        return server.AdminAt is null
            ? "A role may always change its own password; an extension or a managed service may forbid it."
            : $"ALTER ROLE {name} CREATEROLE; from PostgreSQL 16 on also: GRANT {users} TO {name} WITH ADMIN OPTION, INHERIT FALSE, SET "
                + "FALSE. A role that is SUPERUSER can be changed by a superuser alone, up to PostgreSQL 15 also one with REPLICATION.";
    }

    private static RemoteFailureException OfConnecting(
        Exception failure, PostgreSqlDefinition server, PostgreSqlSession session, string place, string act)
    {
        var (said, hint) = failure switch
        {
            _ when session.IsTrusted == false =>
                ($"shows a certificate that isn't of {server.Server.Host}, or that no trusted authority has signed, so no password was "
                    + "sent",
                    "Name the authority's file as \"ca\", and the name that is in the certificate as \"server\"."),
            _ when ExceptionChain.Of(failure).Any(cause => cause is SocketException
            { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }) =>
                ("can't be found: its name isn't known here", "Correct \"server\", or run where that name is known."),
            NpgsqlException { InnerException: null } and not PostgresException =>
                ("offers no TLS, so no password was sent", "Set ssl = on in postgresql.conf, or find out what answers in its place."),
            _ => ("can't be reached", ServerRoutes.UnreachedHint),
        };
        return new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, $"{place} {said} ({act}).", hint, failure);
    }
}
