namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>The deploy keys of a Bitbucket repository, which the public part of an SSH key pair is registered in.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Label">What a key's label begins with; the rotation's id follows.</param>
/// <param name="PrivateField">The field of the secret with the private key.</param>
/// <param name="PublicField">The field of the secret with the public key.</param>
public sealed record DeployKeyDefinition(VariableScope.Repository Repository, string Label, string PrivateField, string PublicField)
    : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "bitbucket-deploy-key";

    // Whether listings of deploy keys lag isn't documented; those of variables do by some seconds.
    private static readonly Duration Lag = Duration.FromSeconds(10);

    // Longer than Bitbucket and any proxy in between keep a request.
    private static readonly Duration Settles = Duration.FromMinutes(2);

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "A Bitbucket deploy key";

    /// <inheritdoc />
    public override string Place => $"{Repository.WorkspaceSlug}/{Repository.Slug}";

    /// <summary>Any number of keys at once; <c>last_used</c> tells when one was used.</summary>
    public override BackendTraits Traits => new(BackendFamily.Set, Overlaps: true, TellsLastUse: true, Lag, Settles);

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [Repository.WorkspaceSlug, Repository.Slug, Label];
}
