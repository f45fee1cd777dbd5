using System.Text.RegularExpressions;
using SecretRotator.Providers.Backends.PostgreSql;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>The statements that the product sends, as PostgreSQL answers them.</summary>
/// <param name="server">The server.</param>
/// <param name="user">Who is logged in.</param>
/// <param name="now">The time.</param>
internal sealed partial class PostgreSqlStatements(PostgreSqlState server, string user, DateTimeOffset now)
{
    private PostgreSqlRoleState Self => server.Roles[user];

    /// <summary>What a statement is, as faults name it.</summary>
    public static CallName Identify(string statement) => AlterPattern().Match(statement) is { Success: true } alter
        ? new("alter-role", NameIn(alter))
        : new("select", "");

    /// <summary>Runs a statement.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="rows">Takes the rows of a query.</param>
    /// <returns>How many columns it has, its tag, and whether something was changed; or an error.</returns>
    public (int Columns, string Tag, bool Changed, PostgreSqlError? Error) Run(string statement, string[] arguments, List<string[]> rows)
    {
        switch (statement)
        {
            case PostgreSqlBackend.ServerQuery:
                rows.Add(
                [
                    Text(server.IsReplica), server.IsReplica ? "on" : "off", server.Version.ToString(CultureInfo.InvariantCulture),
                ]);
                return (3, "SELECT 1", false, null);
            case PostgreSqlBackend.RolesQuery:
                rows.AddRange(server.Roles.Where(role => role.Key == user || arguments.Contains(role.Key)).Select(Describe));
                return (9, $"SELECT {rows.Count}", false, null);
            case PostgreSqlBackend.OwnRole:
                return (0, "SET", false, null);
        }

        return AlterPattern().Match(statement) is { Success: true } alter
            ? Alter(alter)
            : (0, "", false, new("ERROR", "42601", "syntax error", "scanner_yyerror"));
    }

    private (int Columns, string Tag, bool Changed, PostgreSqlError? Error) Alter(Match alter)
    {
        var name = alter.Groups["own"].Success ? user : NameIn(alter);
        if (server.IsReplica)
            return Error("25006", "cannot execute ALTER ROLE in a read-only transaction", "PreventCommandIfReadOnly");
        if (!server.Roles.TryGetValue(name, out var role))
            return Error("42704", $"role \"{name}\" does not exist", "AlterRole");
        var isOwn = name == user && alter.Groups["login"].Length == 0;
        if (!isOwn && !MayAlter(name, role))
            return Error("42501", "permission denied", "AlterRole");
        if (alter.Groups["login"].Success)
            role.MayLogIn = alter.Groups["login"].Value == "LOGIN";
        role.Verifier = alter.Groups["verifier"] is { Success: true, Value: var verifier } ? verifier : null;
        return (0, "ALTER ROLE", true, null);
    }

    private bool MayAlter(string name, PostgreSqlRoleState role) =>
        Self.IsSuper
        || (Self.MayCreateRoles && !role.IsSuper && (server.Version >= 160_000 ? Self.Administers.Contains(name) : !role.Replicates));

    private string[] Describe(KeyValuePair<string, PostgreSqlRoleState> each)
    {
        var (name, role) = each;
        return
        [
            name, Text(name == user), Text(role.IsSuper), Text(role.MayCreateRoles), Text(role.Replicates), Text(role.MayLogIn),
            Text(role.ValidUntil <= now), Text(role.ConnectionLimit == 0), Text(Self.IsSuper || Self.Administers.Contains(name)),
        ];
    }

    private static (int Columns, string Tag, bool Changed, PostgreSqlError? Error) Error(string code, string message, string routine) =>
        (0, "", false, new("ERROR", code, message, routine));

    private static string NameIn(Match alter) => alter.Groups["name"].Value.Replace("\"\"", "\"", StringComparison.Ordinal);

    private static string Text(bool value) => value ? "true" : "false";

    [GeneratedRegex(
        """^ALTER ROLE ("(?<name>([^"]|"")+)"|(?<own>CURRENT_USER)) WITH ((?<login>LOGIN|NOLOGIN) )?PASSWORD """
            + @"(NULL|'(?<verifier>SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+)')$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex AlterPattern();
}
