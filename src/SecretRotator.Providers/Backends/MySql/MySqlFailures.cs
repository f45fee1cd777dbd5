using System.Security.Authentication;
using MySqlConnector;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>Says what went wrong in words of our own: a server's message may repeat a part of a statement.</summary>
internal static class MySqlFailures
{
    /// <summary>A wrong name or password: both products.</summary>
    public const int AccessDenied = 1045;

    /// <summary>A locked account: MySQL's <c>ER_ACCOUNT_HAS_BEEN_LOCKED</c>, and MariaDB's.</summary>
    public const int LockedInMySql = 3118, LockedInMariaDb = 4151;

    /// <summary>What a failure means.</summary>
    /// <param name="failure">What the library threw.</param>
    /// <param name="server">The server.</param>
    /// <param name="session">The connection.</param>
    /// <param name="act">What was tried, such as <c>changing payments_b</c>.</param>
    public static RemoteFailureException Of(Exception failure, MySqlDefinition server, MySqlSession session, string act)
    {
        var (place, user) = ($"{server.Product} at {server.Place}", session.Login.User);
        return Told().At(server.Kind, server.Place);

        RemoteFailureException Told() => failure switch
        {
            _ when !session.IsVerified => OfConnecting(failure, server, place, act),
            MySqlException { Number: AccessDenied } =>
                No(FailureKind.Unauthenticated, $"{place} refuses the name or the password of {user}",
                    $"Check that the account exists for the host that this program connects from, and its password."),
            MySqlException { Number: LockedInMySql or LockedInMariaDb } =>
                No(FailureKind.Unauthenticated, $"{place} says that {user} is locked", $"ALTER USER {Name(user)} ACCOUNT UNLOCK"),
            MySqlException { Number: 1862 or 1820 } =>
                No(FailureKind.Unauthenticated, $"{place} says that the password of {user} has expired",
                    $"Set a new one, or take the limit off: ALTER USER {Name(user)} PASSWORD EXPIRE NEVER"),
            // The right password is refused too (FAILED_LOGIN_ATTEMPTS of an account; max_password_errors).
            MySqlException { Number: 3955 or 4150 } =>
                No(FailureKind.Throttled, $"{place} has blocked {user} after several wrong passwords",
                    "Find out who sends them, then let it in again: "
                        + (server.IsMariaDb ? "FLUSH PRIVILEGES" : $"ALTER USER {Name(user)} ACCOUNT UNLOCK, or wait")),
            MySqlException { Number: 1040 or 1203 or 1226 } =>
                No(FailureKind.Throttled, $"{place} has no connection left for {user}", "Wait a few minutes, then run again."),
            MySqlException { Number: 1142 or 1143 or 1044 or 1227 or 1370 or 1410 or 1698 } =>
                No(FailureKind.AccessDenied, $"{place} doesn't allow {user} to do it", RightsHint(server, user)),
            MySqlException { Number: 1146 or 1193 or 1054 } =>
                No(FailureKind.Unsupported, $"{place} is too old",
                    server.IsMariaDb ? "MariaDB 10.4 and later are supported." : "MySQL 8.0.17 and later are supported."),
            MySqlException { Number: 1290 or 1836 or 3032 } =>
                No(FailureKind.Conflict, $"{place} is read-only", ReplicaHint),
            MySqlException { Number: 1396 or 1372 or 1819 or 1827 } =>
                No(FailureKind.Conflict, $"{place} doesn't take the change", HashHint(server)),
            MySqlException { Number: 1205 } =>
                No(FailureKind.Unavailable, $"{place} waited too long for a lock", "Look for a session that holds one, such as a backup."),
            MySqlException { Number: 1969 or 3024 or 1317 } =>
                Unclear($"{place} ended the statement at its time limit", "Look for a session that holds a lock, such as a backup."),
            MySqlException { Number: >= 1000 and not 1042 and not 1053 and not 1152 and not 1158 and not 1159 and not 1160 and not 1161 }
                refused when refused.InnerException is null =>
                No(FailureKind.Other, string.Create(CultureInfo.InvariantCulture, $"{place} refused with error {refused.Number}"),
                    "The server's manual says what that is."),
            NotSupportedException =>
                No(FailureKind.Unsupported, $"{place} asks {user} for a way to log in that isn't supported",
                    $"Supported are {PasswordHash.NativePlugin}, and {PasswordHash.Sha2Plugin} of MySQL."),
            _ => Unclear($"{place} gave no answer", "Check the network and the firewall, then run again."),
        };

        RemoteFailureException No(FailureKind kind, string said, string? hint) =>
            new(kind, Effect.Rejected, $"{said} ({act}).", hint, failure);

        RemoteFailureException Unclear(string said, string hint) =>
            new(FailureKind.Unavailable, session.HasWritten ? Effect.Unknown : Effect.Rejected, $"{said} ({act}).", hint, failure);
    }

    /// <summary>What to do about a replica.</summary>
    public const string ReplicaHint = "A replica takes no changes: name the primary as \"server\", or turn off read_only.";

    /// <summary>What to do about a server that takes no hashes.</summary>
    public static string HashHint(MySqlDefinition server) => server.IsMariaDb
        ? "This program sends a hash, so that no log has the password, and a password-validation plugin refuses hashes while "
            + "strict_password_validation is on: SET GLOBAL strict_password_validation=OFF (and in the server's configuration). The "
            + "inventory's rule makes strong passwords."
        : $"This program sends a hash of {PasswordHash.Sha2Plugin}: check that the account exists and that the plugin is active.";

    /// <summary>The rights that an administrator needs.</summary>
    public static string RightsHint(MySqlDefinition server, string admin) =>
        $"GRANT CREATE USER ON *.* TO {Name(admin)}; GRANT SELECT ON mysql.{(server.IsMariaDb ? "global_priv" : "user")} TO {Name(admin)}"
            + (server.IsMariaDb ? "" : ". Accounts with SYSTEM_USER can be changed only by others with SYSTEM_USER");

    private static RemoteFailureException OfConnecting(Exception failure, MySqlDefinition server, string place, string act)
    {
        var (said, hint) = failure switch
        {
            MySqlException { Number: 1129 } => ("has blocked this machine after several failed connections",
                server.IsMariaDb ? "FLUSH HOSTS" : "TRUNCATE TABLE performance_schema.host_cache"),
            MySqlException { Number: 1130 } => ("takes no connection from this machine", "Create the accounts for its address."),
            MySqlException { Number: 1040 or 1203 or 1226 } => ("has no connection left", "Wait a few minutes, then run again."),
            _ when ExceptionChain.Of(failure).Any(cause => cause is AuthenticationException) =>
                ($"shows a certificate that isn't of {server.Server.Host}, or that no trusted authority has signed, so no password was "
                    + "sent",
                    "Name the authority's file as \"ca\", and the name that is in the certificate as \"server\"."),
            MySqlException when failure.Message.Contains("SSL", StringComparison.Ordinal) =>
                ("offers no TLS, so no password was sent", "Give it a certificate, or find out what answers in its place."),
            _ => ("can't be reached", ServerRoutes.UnreachedHint),
        };
        return new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, $"{place} {said} ({act}).", hint, failure);
    }

    private static string Name(string user) => $"'{user.Replace("'", "''", StringComparison.Ordinal)}'@'…'";
}
