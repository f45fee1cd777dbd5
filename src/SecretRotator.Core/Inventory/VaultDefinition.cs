namespace SecretRotator.Inventory;

/// <summary>A vault as the inventory describes it. Each kind of vault derives a sealed record in its provider's folder.</summary>
/// <param name="Name">The name that the inventory gives it.</param>
public abstract record VaultDefinition(string Name)
{
    /// <summary>The word for this kind of vault in <c>rotation.yaml</c>, such as <c>aws-secrets-manager</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What people call this kind of vault, such as <c>AWS Secrets Manager</c>.</summary>
    public abstract string Product { get; }

    /// <summary>How many bytes the content of a secret may have in UTF-8.</summary>
    public abstract int LargestSecretBytes { get; }

    /// <summary>
    /// Whether the vault can make a new value itself (<c>kind: vault-managed</c>). Its <c>ISecretVault</c> then is an
    /// <c>ISelfRotatingVault</c> too.
    /// </summary>
    public virtual bool RotatesItself => false;

    /// <summary>What the name of the companion that holds a secret's staged value ends in; null where the secret itself holds it.</summary>
    public virtual string? StagedSuffix => null;

    /// <summary>Whether claims on its secrets are kept in Bitbucket, in the inventory's home repository.</summary>
    public virtual bool KeepsClaimsInHome => false;

    /// <summary>Whether a pipeline's step needs its OIDC token to reach it.</summary>
    public virtual bool UsesStepToken => false;

    /// <summary>
    /// What digests are made of besides the name. It never changes: digests of earlier releases are compared with those of this one.
    /// </summary>
    public abstract ImmutableArray<string?> Canonical { get; }

    /// <summary>
    /// A text that is the same for two secrets, of any vaults, exactly where they are the same secret as far as the inventory can tell.
    /// </summary>
    /// <param name="path">A secret's name or id in this vault.</param>
    public abstract string PlaceOf(string path);
}
