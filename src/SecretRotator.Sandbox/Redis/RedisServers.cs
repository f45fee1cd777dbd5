using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SecretRotator.Inventory;
using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Redis;

/// <summary>The Redis servers that an inventory names.</summary>
internal sealed class RedisServers : IEmulatedProvider
{
    private const string Administrator = "secret-rotator";

    private static readonly string[] Rights =
    [
        "info", "config|get", "config|rewrite", "acl|getuser", "acl|setuser", "acl|save", "multi", "exec", "discard",
    ];

    public ImmutableDictionary<string, ImmutableArray<string>> Operations { get; } =
        ImmutableDictionary.CreateRange([KeyValuePair.Create(RedisEmulator.Name, RedisSession.Operations)]);

    public IEnumerable<IEmulator> Emulators(ProviderContext context) => [];

    public IEnumerable<ISocketEmulator> SocketEmulators(ProviderContext context) =>
        context.Inventory.Secrets.Select(secret => secret.Backend).OfType<RedisDefinition>()
            .SelectMany(definition => definition.Servers)
            .Distinct()
            .Select(server => new RedisEmulator(server));

    public void Seed(SandboxSeed seed)
    {
    }

    /// <summary>The old content has the first user; the servers have all of them, and the one who changes them.</summary>
    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not RedisDefinition definition)
            return null;
        var accepted = JsonNode.Parse(content)!.AsObject();
        accepted[definition.UserField] = definition.Users[0];
        var administrator = AdministratorIn(definition, seed);
        foreach (var server in definition.Servers)
        {
            if (!seed.State.Redis.TryGetValue(server.ToString(), out var state))
                seed.State.Redis[server.ToString()] = state = new RedisServerState { HasAclFile = true };
            state.Users.TryAdd(
                administrator["username"]!.GetValue<string>(),
                RedisUserState.Of(administrator["password"]!.GetValue<string>(), Rights));
            foreach (var user in definition.Users)
                state.Users[user] = RedisUserState.Of(
                    user == definition.Users[0] ? Text(accepted, definition.PasswordField) : null, ["@all"]);
            state.Save();
        }

        seed.Changed = true;
        return accepted.ToJsonString();
    }

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock) => [];

    public void WriteState(JsonObject document, SandboxState state) => document["redis"] = StateDocument.List(
        state.Redis.SelectMany(server => server.Value.Users, (server, user) => (Server: server.Key, user.Key, user.Value)),
        each => new JsonObject
        {
            ["server"] = each.Server,
            ["user"] = each.Key,
            ["on"] = each.Value.IsOn,
            ["passwords"] = each.Value.Hashes.Count,
        });

    // The secret that the inventory refers to, made where it isn't there.
    private static JsonObject AdministratorIn(RedisDefinition definition, SandboxSeed seed)
    {
        var (reference, vault) = (definition.AdminCredential, seed.Vault(definition.AdminCredential.Vault));
        if (vault.Find(reference.Path) is { } found)
        {
            var document = JsonNode.Parse(found)!.AsObject();
            return reference.Field is { } field ? JsonNode.Parse(Text(document, field))!.AsObject() : document;
        }

        var made = new JsonObject { ["username"] = Administrator, ["password"] = seed.Values.Text(40) };
        var content = reference.Field is { } inner ? new JsonObject { [inner] = made.ToJsonString() } : made;
        vault.Create(reference.Path, new SeededSecret(content.ToJsonString(), seed.Now, "Changes the users of Redis"));
        return made;
    }

    private static string Text(JsonObject content, string field) => content[field]!.GetValue<string>();
}
