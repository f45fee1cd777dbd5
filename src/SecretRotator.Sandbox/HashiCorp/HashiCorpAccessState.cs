namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>A JWT auth method.</summary>
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
    public TokenRules Tokens { get; set; } = new();
}

/// <summary>An AppRole auth method with its one role.</summary>
internal sealed class AppRoleState
{
    public string RoleId { get; set; } = "";

    /// <summary>The secret ids, with how often each may still be used; 0 for any number.</summary>
    public SortedDictionary<string, int> SecretIds { get; set; } = new(StringComparer.Ordinal);

    public TokenRules Tokens { get; set; } = new();
}

/// <summary>What tokens of a role are like.</summary>
internal sealed class TokenRules
{
    public SortedSet<string> Policies { get; set; } = new(StringComparer.Ordinal);
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

/// <summary>A static role of a database engine.</summary>
internal sealed class StaticRoleState
{
    public string Username { get; set; } = "";
    public string Password { get; set; } = "";
    public DateTimeOffset LastRotation { get; set; }
    public int PeriodSeconds { get; set; } = 365 * 86_400;
}
