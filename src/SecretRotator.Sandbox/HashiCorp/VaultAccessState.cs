namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>Who may do what in one vault, and the database roles that it has.</summary>
internal sealed class VaultAccessState
{
    /// <summary>The JWT auth methods by the path of their mount.</summary>
    public SortedDictionary<string, JwtMethodState> JwtMethods { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The AppRole auth methods by the path of their mount. Each has one role.</summary>
    public SortedDictionary<string, AppRoleState> AppRoles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The policies by name: what each path allows.</summary>
    public SortedDictionary<string, SortedDictionary<string, List<string>>> Policies { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The tokens that are good, by their text.</summary>
    public SortedDictionary<string, VaultTokenState> Tokens { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How many tokens were made by logins.</summary>
    public int Logins { get; set; }

    /// <summary>The static roles of database engines, by <c>MOUNT/ROLE</c>.</summary>
    public SortedDictionary<string, StaticRoleState> StaticRoles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether it is sealed.</summary>
    public bool Sealed { get; set; }
}

internal sealed class JwtMethodState
{
    public string Issuer { get; set; } = "";

    public SortedDictionary<string, JwtRoleState> Roles { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class JwtRoleState
{
    public List<string> Audiences { get; set; } = [];
    public SortedDictionary<string, string> Claims { get; set; } = new(StringComparer.Ordinal);
    public string UserClaim { get; set; } = "repositoryUuid";
    public VaultTokenRules Tokens { get; set; } = new();
}

internal sealed class AppRoleState
{
    public string RoleId { get; set; } = "";

    /// <summary>The secret ids, with how often each may still be used; 0 for any number.</summary>
    public SortedDictionary<string, int> SecretIds { get; set; } = new(StringComparer.Ordinal);
    public VaultTokenRules Tokens { get; set; } = new();
}

/// <summary>What tokens of a role are like.</summary>
internal sealed class VaultTokenRules
{
    public List<string> Policies { get; set; } = [];
    public int TtlSeconds { get; set; } = 900;
    public int MaxTtlSeconds { get; set; } = 7200;

    /// <summary>How many calls one may be shown in; 0 for any number.</summary>
    public int NumUses { get; set; }
    public bool Batch { get; set; }

    /// <summary>Whether a login is answered with a wrapped token.</summary>
    public bool Wrapped { get; set; }

    /// <summary>Whether a login asks for a second factor.</summary>
    public bool NeedsMfa { get; set; }
}

internal sealed class VaultTokenState
{
    public string Accessor { get; set; } = "";
    public List<string> Policies { get; set; } = [];
    public bool Batch { get; set; }

    /// <summary>How many calls it may still be shown in; null for any number.</summary>
    public int? UsesLeft { get; set; }

    /// <summary>How long a renewal makes it good for; 0 for a token without an end.</summary>
    public int TtlSeconds { get; set; }
    public DateTimeOffset? Ends { get; set; }

    /// <summary>No renewal goes beyond.</summary>
    public DateTimeOffset? Longest { get; set; }
}

internal sealed class StaticRoleState
{
    public string Username { get; set; } = "";
    public string Password { get; set; } = "";
    public DateTimeOffset LastRotation { get; set; }
    public int PeriodSeconds { get; set; } = 86_400 * 365;
}
