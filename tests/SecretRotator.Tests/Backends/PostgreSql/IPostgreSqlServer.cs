using SecretRotator.Providers.Backends;

namespace SecretRotator.Tests.Backends.PostgreSql;

/// <summary>A PostgreSQL server of the name <c>db.internal</c>, emulated or real, that one test after the other uses.</summary>
internal interface IPostgreSqlServer
{
    /// <summary>Where it listens on this machine.</summary>
    ServerAddress Way { get; }

    /// <summary>The file with its certificate authority.</summary>
    string Authority { get; }

    /// <summary>Makes the roles anew, and lets no others be.</summary>
    Task ResetAsync(params TestRole[] roles);

    /// <summary>Changes a role behind the backend's back.</summary>
    Task ChangeAsync(TestRole role);

    /// <summary>Removes a role.</summary>
    Task RemoveAsync(string role);

    /// <summary>Makes it take no changes from a role, or takes that back.</summary>
    Task MakeReadOnlyAsync(string role);

    /// <summary>All that it keeps of roles.</summary>
    Task<string> LookAsync();

    /// <inheritdoc cref="BackendFixture.CountLoginsAsync" />
    Task<int> CountLoginsAsync();

    /// <inheritdoc cref="BackendFixture.SettleAsync" />
    Task SettleAsync();

    /// <inheritdoc cref="BackendFixture.ReadLogsAsync" />
    Task<string> ReadLogsAsync();
}

/// <summary>A role of a test.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Password">Its password, or null for none.</param>
internal sealed record TestRole(string Name, string? Password)
{
    public bool MayLogIn { get; init; } = true;

    public bool IsSuper { get; init; }

    public bool MayCreateRoles { get; init; }

    public bool Replicates { get; init; }

    public bool HasEnded { get; init; }

    public int ConnectionLimit { get; init; } = -1;
}
