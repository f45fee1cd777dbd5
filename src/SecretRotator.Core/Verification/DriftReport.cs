namespace SecretRotator.Verification;

/// <summary>How inventory, vault and Bitbucket differ for one secret or target.</summary>
public enum DriftKind
{
    /// <summary>A target doesn't exist.</summary>
    Missing,

    /// <summary>The variable that a target was delivered to is there, under another key.</summary>
    Renamed,

    /// <summary>A target isn't secured, so everyone who may see the repository's settings can read it.</summary>
    Unsecured,

    /// <summary>Two variables of one scope have keys that differ in case alone.</summary>
    Ambiguous,

    /// <summary>A variable of a narrower scope hides a target.</summary>
    Shadowed,

    /// <summary>The vault's current version isn't the one that was delivered.</summary>
    VaultMoved,

    /// <summary>The tool has never delivered this secret, so nothing is known of its targets' content.</summary>
    NeverDelivered,

    /// <summary>The targets aren't the ones that were delivered to: added, removed, or deleted and made anew.</summary>
    TargetsChanged,

    /// <summary>A rotation is open.</summary>
    Unfinished,

    /// <summary>It is older than its policy allows.</summary>
    Overdue,

    /// <summary>Another party rotates or owns the secret, or should and doesn't.</summary>
    Foreign,

    /// <summary>It can't be determined: something could not be observed.</summary>
    Unknown,
}

/// <summary>One difference.</summary>
/// <param name="Secret">The secret's name.</param>
/// <param name="Target">The target, where it is about one.</param>
/// <param name="Kind">What kind of difference.</param>
/// <param name="What">What was seen.</param>
/// <param name="Hint">What to do.</param>
public sealed record DriftFinding(string Secret, VariableTarget? Target, DriftKind Kind, string What, string Hint)
{
    /// <summary>What kept it from being determined, where <see cref="Kind"/> is <see cref="DriftKind.Unknown"/>; else null.</summary>
    public Failure? Failure { get; init; }
}

/// <summary>A secured variable that no entry of the inventory names.</summary>
/// <param name="Scope">Where it lives.</param>
/// <param name="Key">Its key as Bitbucket writes it.</param>
public sealed record UnmanagedVariable(VariableScope Scope, string Key)
{
    /// <summary>The variable as people read it, such as <c>payments-api/production:DB_PASSWORD</c>.</summary>
    public override string ToString() => $"{Scope}:{Key}";
}

/// <summary>What a comparison found.</summary>
/// <param name="Findings">All differences, in the order of the inventory; empty where there are none.</param>
/// <param name="Unmanaged">
/// By scope and key. No difference: the inventory doesn't claim to name every variable, and other teams keep theirs in
/// the same scopes.
/// </param>
public sealed record DriftReport(ImmutableArray<DriftFinding> Findings, ImmutableArray<UnmanagedVariable> Unmanaged);
