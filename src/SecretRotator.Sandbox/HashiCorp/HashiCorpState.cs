namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>One server, as far as a vault of the inventory sees it: one namespace of it, and its mounts.</summary>
internal sealed class HashiCorpState
{
    /// <summary>The namespace that the mounts and the tokens are in; empty for the root.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>What is mounted, by its path.</summary>
    public SortedDictionary<string, KvMountState> Mounts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The tokens that are accepted, by their text.</summary>
    public SortedDictionary<string, HashiCorpTokenState> Tokens { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The rules of each policy: capabilities by path, which may end in * and have + for one part.</summary>
    public SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> Policies { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The JWT auth methods by the path of their mount.</summary>
    public SortedDictionary<string, JwtMethodState> JwtMethods { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The AppRole auth methods by the path of their mount.</summary>
    public SortedDictionary<string, AppRoleState> AppRoles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The static roles of database engines, by <c>MOUNT/ROLE</c>.</summary>
    public SortedDictionary<string, StaticRoleState> StaticRoles { get; set; } = new(StringComparer.Ordinal);

    public bool Sealed { get; set; }

    /// <summary>Counts the writes, for <c>X-Vault-Index</c>.</summary>
    public long Index { get; set; }
}

/// <summary>A token.</summary>
internal sealed class HashiCorpTokenState
{
    /// <summary>The names of its policies.</summary>
    public SortedSet<string> Policies { get; set; } = new(StringComparer.Ordinal);

    /// <summary>When it ends, or null.</summary>
    public DateTimeOffset? Ends { get; set; }

    /// <summary>No renewal goes beyond.</summary>
    public DateTimeOffset? Longest { get; set; }

    /// <summary>For how long a renewal makes it good; 0 for a token that can't be renewed.</summary>
    public int TtlSeconds { get; set; }

    /// <summary>How many calls it may still be shown in; null for any number.</summary>
    public int? UsesLeft { get; set; }

    public bool Batch { get; set; }
}

/// <summary>A KV engine.</summary>
internal sealed class KvMountState
{
    /// <summary>1 or 2. Of version 1 only that is emulated.</summary>
    public int Version { get; set; } = 2;

    public int MaxVersions { get; set; }

    public bool CasRequired { get; set; }

    /// <summary>In seconds; 0 for never.</summary>
    public long DeleteVersionAfter { get; set; }

    public SortedDictionary<string, KvSecretState> Secrets { get; set; } = new(StringComparer.Ordinal);
}

/// <summary>What is kept below one path.</summary>
internal sealed class KvSecretState
{
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset Updated { get; set; }
    public long CurrentVersion { get; set; }
    public long OldestVersion { get; set; }
    public int MaxVersions { get; set; }
    public bool CasRequired { get; set; }

    /// <summary>In seconds; 0 where the mount says it.</summary>
    public long DeleteVersionAfter { get; set; }

    public SortedDictionary<string, string> CustomMetadata { get; set; } = new(StringComparer.Ordinal);

    public SortedDictionary<long, KvVersionState> Versions { get; set; } = [];
}

/// <summary>One version.</summary>
internal sealed class KvVersionState
{
    /// <summary>The object, as the server writes it; null once it is destroyed.</summary>
    public string? Data { get; set; }

    public DateTimeOffset Created { get; set; }

    /// <summary>When it was deleted or will be.</summary>
    public DateTimeOffset? Deletion { get; set; }

    public bool Destroyed { get; set; }

    /// <summary>Whether a read gets its data.</summary>
    public bool IsReadable(DateTimeOffset now) => !Destroyed && !(Deletion <= now);
}
