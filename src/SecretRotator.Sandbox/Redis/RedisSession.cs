using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Redis;

/// <summary>
/// One connection to an emulated server: the commands that the product and its tests send, answered as Redis 7 answers them, in RESP2.
/// </summary>
internal sealed class RedisSession
{
    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
    [
        "auth", "info", "config-get", "config-rewrite", "acl-getuser", "acl-setuser", "acl-save", "multi", "exec", "discard",
    ];

    private const string Ok = "+OK\r\n";
    private const string Nothing = "*-1\r\n";

    private string? _user;
    private List<string[]>? _queued;
    private bool _aborted;

    /// <summary>What a command is, as faults name it, and the user that it is about.</summary>
    public static CallName Identify(string[] command)
    {
        var name = NameOf(command).Replace('|', '-');
        return new(name, name is "auth" or "acl-getuser" or "acl-setuser" ? command.ElementAtOrDefault(name == "auth" ? 1 : 2) ?? "" : "");
    }

    /// <summary>Answers a command, and changes the state as the real server would.</summary>
    public string Answer(string[] command, RedisServerState server)
    {
        var name = NameOf(command);
        if (name == "auth")
            return LogIn(command, server);
        if (_user is null)
            return "-NOAUTH Authentication required.\r\n";
        if (!MayRun(server, name))
        {
            _aborted = true;
            return $"-NOPERM User {_user} has no permissions to run the '{name}' command\r\n";
        }

        if (_queued is null || name is "exec" or "discard" or "multi")
            return Run(name, command, server);
        _queued.Add(command);
        return "+QUEUED\r\n";
    }

    private string Run(string name, string[] command, RedisServerState server)
    {
        switch (name)
        {
            case "multi" when _queued is not null:
                return "-ERR MULTI calls can not be nested\r\n";
            case "multi":
                (_queued, _aborted) = ([], false);
                return Ok;
            case "discard" or "exec" when _queued is null:
                return $"-ERR {name.ToUpperInvariant()} without MULTI\r\n";
            case "discard":
                _queued = null;
                return Ok;
            case "exec":
                var queued = _queued!;
                _queued = null;
                return _aborted
                    ? "-EXECABORT Transaction discarded because of previous errors.\r\n"
                    : $"*{queued.Count}\r\n{string.Concat(queued.Select(each => Run(NameOf(each), each, server)))}";
            case "info":
                return Bulk(Info(server));
            case "config|get" when command is [_, _, "aclfile"]:
                return List(Bulk("aclfile"), Bulk(server.HasAclFile ? "/etc/redis/users.acl" : ""));
            case "config|rewrite" when !server.HasConfiguration:
                return "-ERR The server is running without a config file\r\n";
            case "acl|save" when !server.HasAclFile:
                return "-ERR This Redis instance is not configured to use an ACL file.\r\n";
            case "config|rewrite" or "acl|save":
                // The configuration file has no users where there is an ACL file.
                if (name == "acl|save" || !server.HasAclFile)
                    server.Save();
                return Ok;
            case "acl|getuser" when command is [_, _, var user]:
                return server.Users.TryGetValue(user, out var known) ? Describe(known) : Nothing;
            case "acl|deluser" when command is [_, _, var user]:
                return $":{(server.Users.Remove(user) ? 1 : 0)}\r\n";
            case "acl|whoami":
                return Bulk(_user!);
            case "acl|setuser" when command is [_, _, var user, .. var rules]:
                return SetUser(server, user, rules);
            default:
                return "-ERR unknown command, or wrong number of arguments\r\n";
        }
    }

    private string LogIn(string[] command, RedisServerState server)
    {
        var (name, password) = command is [_, var user, var shown] ? (user, shown) : ("default", command.ElementAtOrDefault(1) ?? "");
        if (!server.Users.TryGetValue(name, out var known)
            || !known.IsOn
            || (!known.TakesAnyPassword && !known.Hashes.Contains(HashOf(password), StringComparer.Ordinal)))
            return "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
        _user = name;
        return Ok;
    }

    private bool MayRun(RedisServerState server, string name) =>
        server.Users.TryGetValue(_user!, out var user)
            && (user.Commands.Contains("@all", StringComparer.Ordinal)
                || user.Commands.Contains(name, StringComparer.Ordinal)
                || user.Commands.Contains(name.Split('|')[0], StringComparer.Ordinal));

    // All or nothing: rules are applied to a copy. A user that doesn't exist is made.
    private static string SetUser(RedisServerState server, string name, string[] rules)
    {
        var user = server.Users.GetValueOrDefault(name)?.Copy() ?? new RedisUserState();
        foreach (var rule in rules)
        {
            switch (rule)
            {
                case "on" or "off":
                    user.IsOn = rule == "on";
                    break;
                case "resetpass":
                    user.Hashes.Clear();
                    user.TakesAnyPassword = false;
                    break;
                case "nopass":
                    user.Hashes.Clear();
                    user.TakesAnyPassword = true;
                    break;
                case ['>', .. var password]:
                    server.PlainPasswords++;
                    AddHash(user, HashOf(password));
                    break;
                case ['#', .. var hash] when IsHash(hash):
                    AddHash(user, hash);
                    break;
                case ['!', .. var hash] when user.Hashes.Remove(hash):
                    break;
                case ['+', .. var command]:
                    user.Commands.Add(command);
                    break;
                case ['-', .. var command]:
                    user.Commands.RemoveAll(each => command == "@all" || each == command);
                    break;
                case ['~', ..] or ['&', ..] or "resetchannels" or "resetkeys":
                    break;
                default:
                    return "-ERR Error in ACL SETUSER modifier: Syntax error\r\n";
            }
        }

        server.Users[name] = user;
        return Ok;
    }

    private static void AddHash(RedisUserState user, string hash)
    {
        user.TakesAnyPassword = false;
        if (!user.Hashes.Contains(hash, StringComparer.Ordinal))
            user.Hashes.Add(hash);
    }

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private static string Describe(RedisUserState user)
    {
        var flags = new[] { user.IsOn ? "on" : "off" }.Concat(user.TakesAnyPassword ? ["nopass"] : []);
        return List(
            Bulk("flags"), List([.. flags.Select(Bulk)]),
            Bulk("passwords"), List([.. user.Hashes.Select(Bulk)]),
            Bulk("commands"), Bulk(string.Join(' ', user.Commands.Select(command => "+" + command).Prepend("-@all"))),
            Bulk("keys"), Bulk("~*"),
            Bulk("channels"), Bulk("&*"),
            Bulk("selectors"), List());
    }

    private static string Info(RedisServerState server) => string.Create(
        CultureInfo.InvariantCulture,
        $"# Server\r\nredis_version:7.0.15\r\nconfig_file:{(server.HasConfiguration ? "/etc/redis/redis.conf" : "")}\r\n\r\n"
            + $"# Replication\r\nrole:{(server.IsReplica ? "slave" : "master")}\r\nconnected_slaves:{server.Replicas}\r\n\r\n"
            + $"# Cluster\r\ncluster_enabled:0\r\n");

    private static string NameOf(string[] command) => command switch
    {
        [var first, var second, ..] when first.ToLowerInvariant() is "acl" or "config" => $"{first}|{second}".ToLowerInvariant(),
        [var first, ..] => first.ToLowerInvariant(),
        [] => "",
    };

    /// <summary>A password as Redis keeps it.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Bulk(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n");

    private static string List(params string[] items) =>
        $"*{items.Length.ToString(CultureInfo.InvariantCulture)}\r\n" + string.Concat(items);
}
