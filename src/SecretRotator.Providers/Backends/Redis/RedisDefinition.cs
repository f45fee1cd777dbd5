namespace SecretRotator.Providers.Backends.Redis;

/// <summary>The ACL users of a Redis server, or of several that keep the same ones.</summary>
/// <param name="Server">The server that is written to, a primary.</param>
/// <param name="Nodes">Further servers with ACLs of their own, which Redis doesn't replicate: replicas, the other nodes of a
/// cluster.</param>
/// <param name="Authority">The file with the authorities that signed their certificates, or null for those that the machine trusts.</param>
/// <param name="Users">Two users, which take turns, or one, which has two passwords for a while.</param>
/// <param name="UserField">The field of the secret with the user's name.</param>
/// <param name="PasswordField">The field of the secret with the password.</param>
internal sealed record RedisDefinition(
    ServerAddress Server,
    ImmutableArray<ServerAddress> Nodes,
    string? Authority,
    ImmutableArray<string> Users,
    string UserField,
    string PasswordField) : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "redis";

    // A command is executed as soon as it is read. What may lie between is a server that is busy with another one.
    private static readonly Duration Settles = Duration.FromSeconds(30);

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "Redis";

    /// <inheritdoc />
    public override string Place => Server.ToString();

    /// <summary>Two users, or two passwords of one. Redis tells no last use.</summary>
    public override BackendTraits Traits =>
        new(BackendFamily.Set, Overlaps: true, TellsLastUse: false, Lag: Duration.Zero, Settles);

    /// <summary>All servers, the one that is written to first.</summary>
    public ImmutableArray<ServerAddress> Servers => Nodes.Insert(0, Server);

    /// <inheritdoc />
    public override VaultReference? Admin => AdminCredential;

    /// <summary>Where the credential is kept that changes users: JSON with <c>username</c> and <c>password</c>.</summary>
    public required VaultReference AdminCredential { get; init; }

    /// <inheritdoc />
    public override string? ChangingIdentity => Users.Length > 1 ? UserField : null;

    /// <inheritdoc />
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{Server}, user {user}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical =>
    [
        string.Join(' ', Servers), Authority, AdminCredential.ToString(), UserField, .. Users,
    ];
}
