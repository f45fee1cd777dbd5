namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>One PostgreSQL server.</summary>
internal sealed class PostgreSqlState
{
    /// <summary>Its databases.</summary>
    public SortedSet<string> Databases { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Its roles by name.</summary>
    public SortedDictionary<string, PostgreSqlRoleState> Roles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Its version, as <c>server_version_num</c> tells it.</summary>
    public int Version { get; set; } = 150_018;

    /// <summary>Whether it is a replica.</summary>
    public bool IsReplica { get; set; }
}

/// <summary>One role.</summary>
internal sealed class PostgreSqlRoleState
{
    /// <summary>What is stored of its password, or null where it has none.</summary>
    public string? Verifier { get; set; }

    public bool MayLogIn { get; set; }

    public bool IsSuper { get; set; }

    public bool MayCreateRoles { get; set; }

    public bool Replicates { get; set; }

    /// <summary>Until when its password is valid, or null for ever.</summary>
    public DateTimeOffset? ValidUntil { get; set; }

    /// <summary>How many connections it may have; -1 for any number.</summary>
    public int ConnectionLimit { get; set; } = -1;

    /// <summary>Whether an extension has banned it after wrong passwords.</summary>
    public bool IsBanned { get; set; }

    /// <summary>The roles that it has the ADMIN OPTION on.</summary>
    public SortedSet<string> Administers { get; set; } = new(StringComparer.Ordinal);
}
