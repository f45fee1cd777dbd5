using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Redis;

/// <summary>The Redis servers that an inventory names.</summary>
internal sealed class RedisServers : IEmulatedProvider
{
    private static readonly string[] Rights =
    [
        "info", "config|get", "config|rewrite", "acl|getuser", "acl|setuser", "acl|save", "multi", "exec", "discard",
    ];

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations => [new(RedisEmulator.Name, RedisSession.Operations)];

    public IEnumerable<ISocketEmulator> SocketEmulators(ProviderContext context) =>
        context.Inventory.Secrets.Select(secret => secret.Backend).OfType<RedisDefinition>()
            .SelectMany(definition => definition.Servers)
            .Distinct()
            .Select(server => new RedisEmulator(server));

    /// <summary>The old content has the first user; the servers have all of them, and the one who changes them.</summary>
    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not RedisDefinition definition)
            return null;
        var accepted = JsonNode.Parse(content)!.AsObject();
        accepted[definition.UserField] = definition.Users[0];
        var (administrator, password) = seed.Administrator(definition.AdminCredential);
        foreach (var server in definition.Servers)
        {
            var state = seed.State.Redis.GetOrAdd(server.ToString(), () => new RedisServerState { HasAclFile = true });
            state.Users.TryAdd(administrator, RedisUserState.Of(password, Rights));
            foreach (var user in definition.Users)
                state.Users[user] = RedisUserState.Of(
                    user == definition.Users[0] ? (string)accepted[definition.PasswordField]! : null, ["@all"]);
            state.Save();
        }

        seed.Changed = true;
        return accepted.ToJsonString();
    }

    public void WriteState(JsonObject document, SandboxState state) => document["redis"] = StateDocument.List(
        state.Redis.SelectMany(server => server.Value.Users, (server, user) => (Server: server.Key, user.Key, user.Value)),
        each => new JsonObject
        {
            ["server"] = each.Server,
            ["user"] = each.Key,
            ["on"] = each.Value.IsOn,
            ["passwords"] = each.Value.Hashes.Count,
        });
}
