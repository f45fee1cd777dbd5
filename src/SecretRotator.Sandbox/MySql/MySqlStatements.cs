using System.Text.RegularExpressions;
using SecretRotator.Providers.Backends.MySql;

namespace SecretRotator.Sandbox.MySql;

/// <summary>Answers the statements that a rotator sends, and no others.</summary>
/// <param name="isMariaDb">Whether the server is MariaDB.</param>
/// <param name="server">The server's accounts.</param>
/// <param name="login">Who is logged in.</param>
internal sealed partial class MySqlStatements(bool isMariaDb, MySqlServerState server, MySqlAccountState login)
{
    private static readonly byte[][] Done = [MySqlWire.Ok()];

    /// <summary>Whether a statement changes an account, and which one it is about.</summary>
    public static (bool Changes, string User) Identify(string statement, string login) =>
        Alter().Match(statement) is { Success: true } alter ? (true, Unquoted(alter.Groups["user"].Value))
        : statement.StartsWith("SET PASSWORD", StringComparison.Ordinal) ? (true, login)
        : Accounts().Match(statement) is { Success: true } query ? (false, Named(query))
        : (false, login);

    /// <summary>The packets of the answer.</summary>
    public IEnumerable<byte[]> Answer(string statement) => statement switch
    {
        "SET NAMES utf8mb4;" or "SET NAMES utf8mb4" => Done,
        MySqlBackend.ReadOnlyQuery => Cell(server.ReadOnly ? "1" : "0"),
        MySqlBackend.StrictQuery when isMariaDb => Cell("1"),
        MySqlBackend.ValidationQuery => MySqlWire.Result(["PLUGIN_NAME"], server.RefusesHashes ? [["simple_password_check"]] : []),
        MySqlBackend.GrantsQuery => Cell(
            $"GRANT {(login.CreatesUsers ? "CREATE USER" : "USAGE")} ON *.* TO {MySqlAccount.Quote(login.User, login.Host)}"),
        MySqlBackend.OwnAccountQuery when isMariaDb => Cell(
            $"CREATE USER {MySqlAccount.Quote(login.User, login.Host)} "
                + (login.Kept is [var kept] && login.Plugin == PasswordHash.NativePlugin
                ? $"IDENTIFIED BY PASSWORD '{kept}'"
                : $"IDENTIFIED VIA {login.Plugin}")),
        _ when Limits().IsMatch(statement) => Done,
        _ when Accounts().Match(statement) is { Success: true } query => Read(Named(query)),
        _ when Own().Match(statement) is { Success: true } own && isMariaDb => SetOwn(own.Groups["hash"].Value),
        _ when Alter().Match(statement) is { Success: true } alter => Change(alter),
        _ => [MySqlWire.Error(1064, "42000", "You have an error in your SQL syntax")],
    };

    private static IEnumerable<byte[]> Cell(string text) => MySqlWire.Result(["value"], [[text]]);

    private IEnumerable<byte[]> Read(string user)
    {
        if (!login.ReadsAccounts)
            return [MySqlWire.Error(1142, "42000", "SELECT command denied")];
        var found = server.Accounts.Where(account => account.User == user);
        return isMariaDb
            ? MySqlWire.Result(["Host", "Priv"], found.Select(account => new[] { account.Host, Privileges(account) }))
            : MySqlWire.Result(
                ["Host", "plugin", "account_locked", "kept", "additional"],
                found.Select(account => new[]
                {
                    account.Host, account.Plugin, account.Locked ? "Y" : "N", Hex(account.Kept[0]),
                    account.Kept.Count > 1 ? Hex(account.Kept[1]) : null,
                }));
    }

    private byte[][] SetOwn(string hash)
    {
        if (server.RefusesHashes)
            return [MySqlWire.Error(1819, "HY000", "Your password does not satisfy the current policy requirements")];
        login.Kept = [hash];
        return Done;
    }

    private byte[][] Change(Match alter)
    {
        if (!login.CreatesUsers)
            return [MySqlWire.Error(1227, "42000", "Access denied; you need (at least one of) the CREATE USER privilege(s)")];
        if (server.ReadOnly)
            return [MySqlWire.Error(1290, "HY000", "The server is running with the --read-only option")];
        var (user, host) = (Unquoted(alter.Groups["user"].Value), Unquoted(alter.Groups["host"].Value));
        var account = server.Accounts.Find(each => each.User == user && each.Host == host);
        var ways = alter.Groups["way"].Captures.Select(way => way.Value).ToList();
        var hash = alter.Groups["hex"].Value;
        if (account is null || (server.RefusesHashes && ways.Count > 0)
            || (ways.Count > 0) != isMariaDb && (ways.Count > 0 || hash.Length > 0))
            return [MySqlWire.Error(1396, "HY000", "Operation ALTER USER failed")];
        if (ways.Count > 0)
            (account.Plugin, account.Kept) = (alter.Groups["plugin"].Captures[0].Value, ways);
        if (hash.Length > 0)
        {
            var kept = Encoding.Latin1.GetString(Convert.FromHexString(hash));
            account.Plugin = alter.Groups["plugin"].Captures[0].Value;
            account.Kept = [kept, .. alter.Groups["retain"].Success ? account.Kept.Take(1) : account.Kept.Skip(1)];
        }

        if (alter.Groups["discard"].Success)
            account.Kept = [account.Kept[0]];
        account.Locked = alter.Groups["lock"].Value switch { "LOCK" => true, "UNLOCK" => false, _ => account.Locked };
        return Done;
    }

    private static string Privileges(MySqlAccountState account)
    {
        var ways = account.Kept.Select(kept => new JsonObject { ["plugin"] = account.Plugin, ["authentication_string"] = kept }).ToList();
        var all = new JsonObject
        {
            ["access"] = 0,
            ["plugin"] = account.Plugin,
            ["authentication_string"] = account.Kept.FirstOrDefault() ?? "",
            ["account_locked"] = account.Locked,
        };
        if (ways.Count > 1)
            all["auth_or"] = new JsonArray([new JsonObject(), .. ways.Skip(1)]);
        return all.ToJsonString();
    }

    private static string Named(Match query) => Encoding.UTF8.GetString(Convert.FromHexString(query.Groups["user"].Value));

    private static string Unquoted(string name) => name.Replace("``", "`", StringComparison.Ordinal);

    private static string Hex(string kept) => Convert.ToHexString(Encoding.Latin1.GetBytes(kept));

    [GeneratedRegex(
        @"^SET SESSION lock_wait_timeout=[0-9]+, (max_statement_time|innodb_lock_wait_timeout)=[0-9]+\z", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Limits();

    [GeneratedRegex(
        @"^SELECT Host, .* FROM mysql\.(global_priv|user) WHERE User=X'(?<user>([0-9A-F]{2})*)'\z", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Accounts();

    [GeneratedRegex(@"^SET PASSWORD='(?<hash>\*[0-9A-F]{40})'\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Own();

    [GeneratedRegex(
        @"^ALTER USER `(?<user>([^`]|``)+)`@`(?<host>([^`]|``)+)`"
            + @"( IDENTIFIED VIA (?<plugin>\w+) USING '(?<way>\*[0-9A-F]{40})'( OR \w+ USING '(?<way>\*[0-9A-F]{40})')*"
            + @"| IDENTIFIED WITH (?<plugin>\w+) AS 0x(?<hex>([0-9A-F]{2})+)(?<retain> RETAIN CURRENT PASSWORD)?"
            + @"|(?<discard> DISCARD OLD PASSWORD))?( ACCOUNT (?<lock>LOCK|UNLOCK))?\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Alter();
}
