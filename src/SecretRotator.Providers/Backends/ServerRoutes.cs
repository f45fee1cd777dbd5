namespace SecretRotator.Providers.Backends;

/// <summary>
/// Where to connect to instead of a server's own address: the end of a tunnel, or a sandbox. TLS verifies the server's own name all the
/// same.
/// </summary>
/// <param name="Ways">The address that is connected to, by the server's own.</param>
internal sealed record ServerRoutes(ImmutableDictionary<ServerAddress, ServerAddress> Ways)
{
    /// <summary>The setting.</summary>
    public const string Key = "connectTo";

    /// <summary>What to do about a server that can't be reached.</summary>
    public const string UnreachedHint =
        "Check its name, the network and the firewall, then run again. Steps on Bitbucket's own machines can't reach a private network: "
            + "use a self-hosted runner, or let in the addresses that `secret-rotator doctor allowlist` prints and give the step "
            + "`atlassian-ip-ranges: true`, or name the end of a tunnel in the setting connectTo.";

    /// <summary>No server is reached elsewhere.</summary>
    public static ServerRoutes None { get; } = new(ImmutableDictionary<ServerAddress, ServerAddress>.Empty);

    /// <summary>The address to connect to for a server.</summary>
    public ServerAddress Of(ServerAddress server) => Ways.GetValueOrDefault(server, server);

    /// <summary>Reads the setting: <c>db.internal:5432=127.0.0.1:41234</c>, several with commas between them.</summary>
    public static ServerRoutes Read(SettingsValues values)
    {
        var ways = None.Ways;
        foreach (var entry in (values.Text(Key) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = entry.Split('=', StringSplitOptions.TrimEntries);
            if (parts is [var from, var to] && ServerAddress.Parse(from, usualPort: null) is { } server
                && ServerAddress.Parse(to, usualPort: null) is { } way && !ways.ContainsKey(server))
            {
                ways = ways.Add(server, way);
                continue;
            }

            values.Refuse(Key, "is no list of servers, each once, and of where to connect to instead",
                "Write for example db.internal:5432=127.0.0.1:41234, both with their port, and a comma before the next.");
            return None;
        }

        return new(ways);
    }
}
