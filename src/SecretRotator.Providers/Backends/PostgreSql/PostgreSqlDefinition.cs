namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>Login roles of a PostgreSQL server.</summary>
/// <param name="Server">The primary, whose certificate must have its name.</param>
/// <param name="Database">The database that logins are proven with.</param>
/// <param name="Users">Two roles that take turns; none where the role that the content names changes its own password.</param>
internal sealed record PostgreSqlDefinition(ServerAddress Server, string Database, ImmutableArray<string> Users) : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "postgresql";

    /// <summary>The usual port.</summary>
    public const int UsualPort = 5432;

    /// <summary>How long the server lets a statement take (<c>statement_timeout</c>), waiting for locks included.</summary>
    public static readonly Duration StatementLimit = Duration.FromSeconds(5);

    /// <summary>The file of the authorities that alone are trusted; null for those of all other calls.</summary>
    public string? Ca { get; init; }

    /// <summary>Where the credential is kept that changes the roles; null where a role changes itself.</summary>
    public VaultReference? AdminAt { get; init; }

    /// <summary>The field of the secret that names the role.</summary>
    public string UserField { get; init; } = "username";

    /// <summary>The field of the secret with the password, which is generated.</summary>
    public string PasswordField { get; init; } = "password";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "PostgreSQL";

    /// <inheritdoc />
    public override string Place => $"{Server}/{Database}";

    /// <summary>A new password counts for the next login at once, and PostgreSQL tells no last use.</summary>
    public override BackendTraits Traits => new(
        BackendFamily.Set,
        Overlaps: !Users.IsEmpty,
        TellsLastUse: false,
        Lag: Duration.Zero,
        Settles: StatementLimit * 3);

    /// <inheritdoc />
    public override VaultReference? Admin => AdminAt;

    /// <inheritdoc />
    public override string? ChangingIdentity => Users.Length > 1 ? UserField : null;

    /// <inheritdoc />
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{Server}, role {user}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [Place, Ca, AdminAt?.ToString(), UserField, .. Users];
}
