namespace SecretRotator.Providers.Backends.MySql;

/// <summary>Accounts of a MySQL or MariaDB server.</summary>
/// <remarks>
/// MariaDB ends every statement after the limit (<c>max_statement_time</c>). MySQL has such a limit for SELECT only
/// (<c>max_execution_time</c>), and a change of an account waits for locks alone (<c>lock_wait_timeout</c>).
/// </remarks>
/// <param name="IsMariaDb">Whether it is MariaDB: the two keep passwords, and change them, in different ways.</param>
/// <param name="Server">The server, whose certificate must have the name.</param>
/// <param name="Users">
/// Two names: two accounts that take turns. One: an account with two passwords. None: the account that the content names, whose only
/// password is replaced.
/// </param>
internal sealed record MySqlDefinition(bool IsMariaDb, ServerAddress Server, ImmutableArray<string> Users)
    : DatabaseDefinition(Server, Users, StatementLimit: Duration.FromSeconds(10))
{
    /// <summary>The words for the kinds in <c>rotation.yaml</c>.</summary>
    public const string MySqlWord = "mysql", MariaDbWord = "mariadb";

    /// <summary>The usual port.</summary>
    public const int UsualPort = 3306;

    /// <summary>The part of the accounts' names behind the @.</summary>
    public string AccountHost { get; init; } = "%";

    /// <inheritdoc />
    public override string Kind => IsMariaDb ? MariaDbWord : MySqlWord;

    /// <inheritdoc />
    public override string Product => IsMariaDb ? "MariaDB" : "MySQL";

    /// <inheritdoc />
    public override string Place => Server.ToString();

    /// <inheritdoc />
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{Server}, account {user}@{AccountHost}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [Place, Ca, AdminAt?.ToString(), AccountHost, UserField, .. Users];
}
