namespace SecretRotator.Providers.Backends.MySql;

/// <summary>Accounts of a MySQL or MariaDB server.</summary>
/// <param name="IsMariaDb">Whether it is MariaDB: the two keep passwords, and change them, in different ways.</param>
/// <param name="Server">The server, whose certificate must have the name.</param>
/// <param name="Users">
/// Two names: two accounts that take turns. One: an account with two passwords. None: the account that the content names, whose only
/// password is replaced.
/// </param>
internal sealed record MySqlDefinition(bool IsMariaDb, ServerAddress Server, ImmutableArray<string> Users) : BackendDefinition
{
    /// <summary>The words for the kinds in <c>rotation.yaml</c>.</summary>
    public const string MySqlWord = "mysql", MariaDbWord = "mariadb";

    /// <summary>The usual port.</summary>
    public const int UsualPort = 3306;

    /// <summary>
    /// How long the server lets a change wait for another session. MariaDB ends every statement after so long
    /// (<c>max_statement_time</c>). MySQL has such a limit for SELECT only (<c>max_execution_time</c>), and a change of an account waits
    /// for locks alone (<c>lock_wait_timeout</c>).
    /// </summary>
    public static readonly Duration StatementLimit = Duration.FromSeconds(10);

    /// <summary>The file of the certificate authorities that alone are trusted; null for those of the system.</summary>
    public string? Ca { get; init; }

    /// <summary>The account that changes passwords; null where the account changes its own.</summary>
    public VaultReference? AdminAt { get; init; }

    /// <summary>The part of the accounts' names behind the @.</summary>
    public string AccountHost { get; init; } = "%";

    /// <summary>The field that names the account.</summary>
    public string UserField { get; init; } = "username";

    /// <summary>The field that is generated.</summary>
    public string PasswordField { get; init; } = "password";

    /// <inheritdoc />
    public override string Kind => IsMariaDb ? MariaDbWord : MySqlWord;

    /// <inheritdoc />
    public override string Product => IsMariaDb ? "MariaDB" : "MySQL";

    /// <inheritdoc />
    public override string Place => Server.ToString();

    /// <summary>An account's new password counts for the next login at once: there is no lag.</summary>
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
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{Server}, account {user}@{AccountHost}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [Place, Ca, AdminAt?.ToString(), AccountHost, UserField, .. Users];
}
