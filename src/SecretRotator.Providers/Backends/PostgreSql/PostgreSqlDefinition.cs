namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>Login roles of a PostgreSQL server.</summary>
/// <param name="Server">The primary, whose certificate must have its name.</param>
/// <param name="Database">The database that logins are proven with.</param>
/// <param name="Users">Two roles that take turns; none where the role that the content names changes its own password.</param>
internal sealed record PostgreSqlDefinition(ServerAddress Server, string Database, ImmutableArray<string> Users)
    : DatabaseDefinition(Server, Users, StatementLimit: Duration.FromSeconds(5)) // statement_timeout, which waiting for locks counts in
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "postgresql";

    /// <summary>The usual port.</summary>
    public const int UsualPort = 5432;

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "PostgreSQL";

    /// <inheritdoc />
    public override string Place => $"{Server}/{Database}";

    /// <inheritdoc />
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{Server}, role {user}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [Place, Ca, AdminAt?.ToString(), UserField, .. Users];
}
