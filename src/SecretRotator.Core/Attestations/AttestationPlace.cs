namespace SecretRotator.Attestations;

/// <summary>Where a pipeline must run to see a target as other pipelines do.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Environment">The deployment environment of its step as the inventory writes it, or null for none.</param>
public sealed record AttestationPlace(VariableScope.Repository Repository, string? Environment)
{
    /// <summary>The place for a target: its own repository and environment, or the one that looks at the workspace's variables.</summary>
    public static AttestationPlace Of(VariableTarget target, AttestationPolicy policy) =>
        new(target.Scope.InRepository() ?? policy.Repository, (target.Scope as VariableScope.Environment)?.Name);

    /// <summary>The places that a secret's targets need, each once; none where the inventory asks for no such proof.</summary>
    public static ImmutableArray<AttestationPlace> Of(ManagedSecret secret, AttestationPolicy? policy) => policy is null
        ? []
        : [.. secret.Targets.Where(t => t.Verify == VerificationLevel.Attested).Select(t => Of(t, policy)).Distinct()];

    /// <inheritdoc />
    public override string ToString() => Environment is null ? Repository.Slug : $"{Repository.Slug}/{Environment}";
}
