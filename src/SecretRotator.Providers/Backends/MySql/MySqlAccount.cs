using System.Security.Cryptography;
using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>An account as the server keeps it.</summary>
/// <param name="Plugin">What checks its password, or the first of several that isn't supported.</param>
/// <param name="IsLocked">Whether it refuses every login.</param>
/// <param name="Kept">What is kept of its passwords, in the server's order.</param>
internal sealed record MySqlAccount(string Plugin, bool IsLocked, ImmutableArray<string> Kept)
{
    // Slow on purpose: an id is in evidence, where it must not help anyone to guess an old, weak password.
    private const int IdRounds = 20_000;

    /// <summary>How an account is named in a statement. Identifiers know no escapes but the doubled sign, whatever the SQL mode
    /// is.</summary>
    public static string Quote(string user, string host) => $"{QuoteOne(user)}@{QuoteOne(host)}";

    /// <summary>The accounts of a name, with their hosts.</summary>
    public static string QueryOf(MySqlDefinition server, string user)
    {
        var name = $"X'{Convert.ToHexString(Encoding.UTF8.GetBytes(user))}'";
        return server.IsMariaDb
            ? $"SELECT Host, Priv FROM mysql.global_priv WHERE User={name}"
            : "SELECT Host, plugin, account_locked, HEX(authentication_string), "
                + "HEX(JSON_UNQUOTE(JSON_EXTRACT(User_attributes, '$.additional_password'))) "
                + $"FROM mysql.user WHERE User={name}";
    }

    /// <summary>One row of <see cref="QueryOf"/>.</summary>
    public static MySqlAccount Read(MySqlDefinition server, string?[] row)
    {
        if (server.IsMariaDb)
            return OfPrivileges(row[1]!);
        ImmutableArray<string> kept = [.. row[3..].OfType<string>().Where(hex => hex.Length > 0)
            .Select(hex => Encoding.Latin1.GetString(Convert.FromHexString(hex)))];
        return new MySqlAccount(row[1]!, row[2] == "Y", kept);
    }

    /// <summary>The slot of one of two passwords: the account's name, and what tells passwords apart without giving them away.</summary>
    /// <param name="user">The account's name.</param>
    /// <param name="kept">What the server keeps of the password.</param>
    public static SlotId SlotOf(string user, string kept) => new(
        $"{user}/" + Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(
            Encoding.Latin1.GetBytes(kept), Encoding.UTF8.GetBytes("secret-rotator\0" + user), IdRounds, HashAlgorithmName.SHA256, 4)));

    private static string QuoteOne(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    // {"plugin": P, "authentication_string": H, "auth_or": [{}, {"plugin": …, "authentication_string": …}], "account_locked": true}: the
    // empty one is the outer one.
    private static MySqlAccount OfPrivileges(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var ways = root.TryGetProperty("auth_or", out var all) && all.ValueKind == JsonValueKind.Array
            ? all.EnumerateArray().Select(way => way.TryGetProperty("plugin", out _) ? way : root).ToArray()
            : [root];
        var plugins = ways.Select(way => Text(way, "plugin") is { Length: > 0 } plugin ? plugin : PasswordHash.NativePlugin).ToList();
        return new MySqlAccount(
            plugins.Find(plugin => plugin != PasswordHash.NativePlugin) ?? PasswordHash.NativePlugin,
            root.TryGetProperty("account_locked", out var locked) && locked.ValueKind == JsonValueKind.True,
            [.. ways.Select(way => Text(way, "authentication_string")).Where(kept => kept.Length > 0)]);
    }

    private static string Text(JsonElement way, string name) =>
        way.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
