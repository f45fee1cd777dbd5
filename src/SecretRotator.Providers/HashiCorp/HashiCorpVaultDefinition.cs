namespace SecretRotator.Providers.HashiCorp;

/// <summary>One secrets engine of kind KV, version 2, in HashiCorp Vault or OpenBao.</summary>
/// <param name="Name">The name that the inventory gives it.</param>
/// <param name="Address">Where the server answers, such as <c>https://vault.acme.example:8200/</c>.</param>
/// <param name="Mount">Where the engine is mounted, without slashes at its ends.</param>
/// <param name="Namespace">The namespace that the mount is in, without slashes at its ends; null for the root.</param>
/// <param name="Auth">How the tool logs in.</param>
public sealed record HashiCorpVaultDefinition(string Name, Uri Address, string Mount, string? Namespace, HashiCorpAuth Auth)
    : VaultDefinition(Name)
{
    /// <summary>The word for this kind of vault in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "hashicorp-vault";

    /// <summary>What the path of a secret's staged value ends in.</summary>
    internal const string Companion = "-staged";

    /// <summary>What the path of a secret's marks ends in.</summary>
    internal const string Marks = Companion + "/marks";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "HashiCorp Vault";

    /// <summary>
    /// 80,000: a staged value is kept as one string, in which a character may take six, and the smallest of Vault's storages (Consul)
    /// takes entries of 512 KiB (https://developer.hashicorp.com/vault/docs/internals/limits).
    /// </summary>
    public override int LargestSecretBytes => 80_000;

    /// <inheritdoc />
    public override string? StagedSuffix => Companion;

    /// <summary>True: a database engine sets the password of a static role.</summary>
    public override bool RotatesItself => true;

    /// <inheritdoc />
    public override bool UsesStepToken => Auth is HashiCorpAuth.Jwt;

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => ["hashicorp", Address.AbsoluteUri, Namespace, Mount, .. Auth.Canonical];

    /// <inheritdoc />
    public override string PlaceOf(string path) => $"{Address.Authority}/{Namespace}/{Mount}/{path}";
}

/// <summary>How the tool logs in to a vault. The inventory says it, and names no secret.</summary>
public abstract record HashiCorpAuth
{
    private HashiCorpAuth()
    {
    }

    /// <summary>What digests are made of.</summary>
    public abstract IEnumerable<string?> Canonical { get; }

    /// <summary>With the step's OIDC token; outside pipelines with the token of the environment.</summary>
    /// <param name="Mount">Where the JWT auth method is mounted, without <c>auth/</c>.</param>
    /// <param name="RoleName">The role there.</param>
    public sealed record Jwt(string Mount, string RoleName) : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["jwt", Mount, RoleName];
    }

    /// <summary>With a role id and a secret id from the settings.</summary>
    /// <param name="Mount">Where the AppRole auth method is mounted, without <c>auth/</c>.</param>
    public sealed record AppRole(string Mount) : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["approle", Mount];
    }

    /// <summary>Not at all: with the token of the environment.</summary>
    public sealed record Token : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["token"];
    }
}
