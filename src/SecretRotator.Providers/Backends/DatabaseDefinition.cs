namespace SecretRotator.Providers.Backends;

/// <summary>Users of a database server, whose passwords are set.</summary>
/// <param name="Server">The server that is written to, whose certificate must have the name.</param>
/// <param name="Users">The users that are rotated; none where the user that the content names changes its own password.</param>
/// <param name="StatementLimit">How long the server lets a statement take, as far as it can limit that.</param>
internal abstract record DatabaseDefinition(ServerAddress Server, ImmutableArray<string> Users, Duration StatementLimit)
    : BackendDefinition
{
    /// <summary>The file of the authorities that alone are trusted; null for those of all other calls.</summary>
    public string? Ca { get; init; }

    /// <summary>Where the credential is kept that changes the passwords; null where a user changes its own.</summary>
    public VaultReference? AdminAt { get; init; }

    /// <summary>The field of the secret that names the user.</summary>
    public string UserField { get; init; } = "username";

    /// <summary>The field of the secret with the password, which is generated.</summary>
    public string PasswordField { get; init; } = "password";

    /// <summary>A new password counts for the next login at once, and no server tells a last use.</summary>
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
}
