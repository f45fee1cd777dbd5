using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>ACL users of Redis and Valkey.</summary>
internal sealed class RedisProvider : IBackendProvider
{
    private const int LongestPath = 500;
    private const int UsualPort = 6379;

    private static readonly Key Server = new("server", "server: cache.internal:6379", Required: true);
    private static readonly Key Nodes = new("nodes", "nodes: [\"cache-2.internal:6379\"]");
    private static readonly Key Authority = new("ca", "ca: certs/redis-ca.pem");
    private static readonly Key Admin = new("admin", "admin: vault://prod/ci/redis-admin", Required: true);
    private static readonly Key Users = new("users", "users: [app_a, app_b]", Required: true);
    private static readonly Key UserField = new("user-field", "user-field: username");

    /// <inheritdoc />
    public KeyTable Keys { get; } = new(
        "a Redis backend", RedisDefinition.KindWord, Grammar.BackendKindKey, Server, Nodes, Authority, Admin, Users, UserField);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var server = mapping.Text(Server) is { } text ? ServerAddress.Read(text, UsualPort, problems) : null;
        var nodes = mapping.Items(Nodes)
            .Select(item => mapping.TextOf(item, Nodes) is { } node ? ServerAddress.Read(node, UsualPort, problems) : null).ToList();
        var authority = mapping.Text(Authority, LongestPath)?.Value;
        var admin = mapping.Text(Admin, LongestPath) is { } written
            ? ReferenceReader.Read(written, Admin, "the credential that changes users", secret.Vaults, problems)
            : null;
        var users = ReadUsers(mapping, problems);
        var userField = mapping.Has(UserField) ? FieldName.Read(mapping, UserField, problems)?.Value : "username";
        var password = ReadPasswordField(mapping, secret.Value, userField, problems);
        return server is null || admin is null || userField is null || password is null || problems.Count > known
            ? null
            : new RedisDefinition(server, [.. nodes.OfType<ServerAddress>()], authority, users, userField, password)
            {
                AdminCredential = admin,
            };
    }

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (RedisDefinition)secret.Backend!;
        return new RedisBackend(
            definition,
            connections.NetworkOf(definition.Authority),
            cancellation => connections.ReadAsync(definition.AdminCredential, "The Redis credential", cancellation),
            connections.Vaults.Time);
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        ((RedisDefinition)definition).Servers.Select(server => new Endpoint($"Redis at {server}", settings.Routes.Of(server).AsUri()));

    private static ImmutableArray<string> ReadUsers(MappingReader mapping, ProblemList problems)
    {
        var users = ImmutableArray.CreateBuilder<string>();
        var items = mapping.Items(Users);
        foreach (var item in items)
        {
            if (mapping.TextOf(item, Users) is not { } text)
                continue;
            if (text.Value.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
                problems.Add(text.At, $"{Quoted.Of(text.Value)} can't be a user: Redis takes no spaces in names", "Write the user's name.");
            else if (users.Contains(text.Value))
                problems.Add(text.At, $"The user {Quoted.Of(text.Value)} appears twice", "Delete one of the two, or name another user.");
            else
                users.Add(text.Value);
        }

        if (items.Length > 2)
            problems.Add(
                mapping.PlaceOf(Users),
                $"A backend has two users that take turns, and these are {items.Length}",
                "Write two users, or one that has two passwords for a while.");
        return users.ToImmutable();
    }

    private static string? ReadPasswordField(MappingReader mapping, ValuePolicy? value, string? userField, ProblemList problems)
    {
        if (value is null)
            return null;
        if (value is ValuePolicy.Json { Fields: [{ Generator: not ValueGenerator.SshKey, Field: var field }] } && field != userField)
            return field;
        problems.Add(
            mapping.At,
            "Redis takes one password, which is one generated field of a JSON secret beside the user's name",
            "Write for example \"value: { kind: password, field: password }\", for a secret like {\"username\": \"app_a\", \"password\": "
                + "\"...\"}.");
        return null;
    }
}
