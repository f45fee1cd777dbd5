namespace SecretRotator.Providers.Doctor;

/// <summary>What documents of trust are made of.</summary>
/// <param name="Settings">The providers, with their settings.</param>
/// <param name="Inventory">The inventory.</param>
/// <param name="Facts">Whom to trust.</param>
internal sealed record TrustRequest(ConfiguredProviders Settings, RotationInventory Inventory, TrustFacts Facts)
{
    /// <summary>Whether rights may be given on all secrets under the prefixes of the inventory's paths, not on these secrets
    /// alone.</summary>
    public bool ByPathPrefix { get; init; }

    /// <summary>What the providers' own credentials need of each other's vaults.</summary>
    public ImmutableArray<BorrowedAccess> Borrowed { get; } =
        [.. Settings.Registered.Select(provider => provider.Borrow(Settings, Inventory))];
}

/// <summary>Whom the clouds should trust. What isn't known is a word in capitals, to be replaced by hand.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="WorkspaceUuid">Its uuid without braces, or null.</param>
/// <param name="RepositoryUuid">The uuid of the repository whose pipeline rotates, without braces, or null.</param>
/// <param name="EnvironmentUuid">The uuid of the deployment environment that its step runs in, without braces; null for every step of the
/// repository.</param>
internal sealed record TrustFacts(string Workspace, string? WorkspaceUuid, string? RepositoryUuid, string? EnvironmentUuid)
{
    /// <summary>The claim <c>aud</c>.</summary>
    public string Audience => BitbucketIssuer.AudienceOf(WorkspaceUuid ?? "WORKSPACE-UUID");

    /// <summary>The repository's uuid in braces, as tokens have it.</summary>
    public string Repository => $"{{{RepositoryUuid ?? "REPOSITORY-UUID"}}}";

    /// <summary>The environment's uuid in braces, or null.</summary>
    public string? Environment => EnvironmentUuid is null ? null : $"{{{EnvironmentUuid}}}";

    /// <summary>The pattern of the claim <c>sub</c>, whose end is the step's uuid: another one in each run.</summary>
    public string SubjectPattern => Environment is null ? $"{Repository}:*" : $"{Repository}:{Environment}:*";

    /// <summary>The option that limits the trust to an environment, where it isn't given.</summary>
    public ImmutableArray<string> Lacks => EnvironmentUuid is null ? ["--environment-uuid UUID"] : [];

    /// <summary>What isn't known.</summary>
    public ImmutableArray<TrustWord> Words =>
    [
        .. WorkspaceUuid is null
            ? [new TrustWord(
                "WORKSPACE-UUID",
                "give --workspace-uuid, or run this in a step with `oidc: true`. Repository settings, OpenID Connect shows it behind the "
                    + "audience.")]
            : Array.Empty<TrustWord>(),
        .. RepositoryUuid is null
            ? [new TrustWord(
                "REPOSITORY-UUID",
                "give --repository-uuid, or run this in a step with `oidc: true`. Repository settings, OpenID Connect shows it.")]
            : Array.Empty<TrustWord>(),
    ];

    /// <summary>What else to know of them.</summary>
    public ImmutableArray<string> Notes => EnvironmentUuid is not null ? [] :
    [
        $"{SubjectPattern} admits every step of the repository, so anyone who can push a branch. --environment-uuid UUID limits it to one "
            + "deployment environment.",
    ];
}
