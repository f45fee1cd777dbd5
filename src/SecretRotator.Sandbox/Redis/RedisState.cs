namespace SecretRotator.Sandbox.Redis;

/// <summary>One Redis server.</summary>
internal sealed class RedisServerState
{
    /// <summary>Its users by name, as they are in memory.</summary>
    public SortedDictionary<string, RedisUserState> Users { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Its users as they were saved last, which a restart brings back.</summary>
    public SortedDictionary<string, RedisUserState> Saved { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether it keeps them in a file of their own; otherwise they are kept in its configuration file.</summary>
    public bool HasAclFile { get; set; }

    /// <summary>Whether it was started with a configuration file.</summary>
    public bool HasConfiguration { get; set; } = true;

    /// <summary>How many passwords it was told in the clear, and not as hashes. Real servers hide them in every log.</summary>
    public int PlainPasswords { get; set; }

    /// <summary>Whether it is a replica.</summary>
    public bool IsReplica { get; set; }

    /// <summary>How many replicas follow it.</summary>
    public int Replicas { get; set; }

    /// <summary>Forgets what wasn't saved.</summary>
    public void Restart() => Users = Copy(Saved);

    /// <summary>Saves the users.</summary>
    public void Save() => Saved = Copy(Users);

    private static SortedDictionary<string, RedisUserState> Copy(SortedDictionary<string, RedisUserState> users) =>
        new(users.ToDictionary(user => user.Key, user => user.Value.Copy(), StringComparer.Ordinal), StringComparer.Ordinal);
}

/// <summary>One user.</summary>
internal sealed record RedisUserState
{
    public bool IsOn { get; set; }

    /// <summary>Whether any password is right.</summary>
    public bool TakesAnyPassword { get; set; }

    /// <summary>The SHA-256 of each password, in lower-case hexadecimal digits.</summary>
    public List<string> Hashes { get; set; } = [];

    /// <summary>The commands that it may run, such as <c>acl|setuser</c>; <c>@all</c> means all.</summary>
    public List<string> Commands { get; set; } = [];

    /// <summary>A user who may log in with one password, or with none yet.</summary>
    public static RedisUserState Of(string? password, IEnumerable<string> commands) => new()
    {
        IsOn = password is not null,
        Hashes = password is null ? [] : [RedisSession.HashOf(password)],
        Commands = [.. commands],
    };

    public RedisUserState Copy() => this with { Hashes = [.. Hashes], Commands = [.. Commands] };
}
