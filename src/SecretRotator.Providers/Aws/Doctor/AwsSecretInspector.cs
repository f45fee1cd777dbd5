using Amazon.SecretsManager.Model;
using Amazon.SecurityToken;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>Looks at secrets in AWS Secrets Manager.</summary>
/// <param name="definition">The vault.</param>
/// <param name="calls">Describes.</param>
/// <param name="vault">Reads.</param>
internal sealed class AwsSecretInspector(AwsVaultDefinition definition, SecretsManagerCalls calls, ISecretVault vault) : ISecretInspector
{
    private const string Actions = "secretsmanager:PutSecretValue, UpdateSecretVersionStage and TagResource";

    /// <inheritdoc />
    public string Writing => definition.Role is { } role ? $"{Actions} for {role}" : Actions;

    /// <inheritdoc />
    public async Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var seen = await calls.DescribeAsync(secret.Path, cancellation);
        var current = seen.VersionIdsToStages?.FirstOrDefault(version => version.Value.Contains("AWSCURRENT", StringComparer.Ordinal)).Key;
        var findings = new[]
        {
            Deleted(secret, seen),
            current is null ? Empty(secret) : null,
            Owned(secret, seen),
            ForeignKey(secret, seen),
        };
        return new SecretSight(
            current is null || seen.DeletedDate is not null ? null : new VersionId(current),
            [.. findings.OfType<CheckResult>()],
            IsDefaultKey(seen) ? "AWS's default key (aws/secretsmanager)" : "a KMS key of your own");
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation) =>
        vault.ReadAsync(secret.Path, version, cancellation);

    /// <inheritdoc />
    public string Fix(RemoteFailureException failure, bool reads)
    {
        if (failure.Kind != FailureKind.AccessDenied)
            return failure.Hint ?? "Run doctor again.";
        if (AwsDenial.IsOfKey(failure) || failure.InnerException is DecryptionFailureException)
            return "Allow kms:Decrypt (and kms:GenerateDataKey, for writing) on the secret's KMS key, in the role's policy and in the "
                + "key's own.";
        if (AwsDenial.Of(failure) is { } denial)
            return $"Allow {denial.Action}{(denial.Resource is { } resource ? $" on {resource}" : "")} for "
                + $"{denial.Principal}{(denial.Because is { } because ? $": {because}" : "")}. docs/aws.md has the whole policy.";
        var action = reads ? "secretsmanager:GetSecretValue" : "secretsmanager:DescribeSecret";
        return $"Allow {action} on the secret for {definition.Role ?? "the identity in use"}. docs/aws.md has the whole policy.";
    }

    /// <inheritdoc />
    public bool IsOfIdentity(RemoteFailureException failure) =>
        ExceptionChain.Of(failure).OfType<AmazonSecurityTokenServiceException>().Any()
        || (failure.Kind == FailureKind.AccessDenied
            && AwsDenial.Of(failure) is null
            && !failure.Message.Contains("AccessDenied", StringComparison.Ordinal));

    private static CheckResult? Deleted(ManagedSecret secret, DescribeSecretResponse seen) => seen.DeletedDate is null
        ? null
        : VaultFindings.Fail(
            "secret-usable", secret, "is scheduled for deletion",
            $"Restore it (aws secretsmanager restore-secret --secret-id {secret.Path}), or take its entry out of the inventory.");

    private static CheckResult Empty(ManagedSecret secret) =>
        VaultFindings.Fail(
            "secret-usable", secret, "has no current version",
            $"Give it a first value: aws secretsmanager put-secret-value --secret-id {secret.Path} --secret-string …");

    private static CheckResult? Owned(
        ManagedSecret secret, DescribeSecretResponse seen) => (seen.OwningService, seen.RotationEnabled == true, secret.Value) switch
        {
            ({ Length: > 0 }, _, _) =>
                VaultFindings.Fail(
                    "other-rotation", secret, "belongs to another AWS service, which rotates it",
                    "Take it out of the inventory: what another service manages must not be changed here."),
            (_, true, not ValuePolicy.VaultManaged) => VaultFindings.Fail(
                "other-rotation", secret, "is rotated by a function of AWS, but the inventory says that this tool makes its value",
                "Write `value: { kind: vault-managed }`, or switch that rotation off: aws secretsmanager cancel-rotate-secret."),
            (_, false, ValuePolicy.VaultManaged) => VaultFindings.Fail(
                "other-rotation", secret, "has no rotation function, but the inventory says `kind: vault-managed`",
                "Set the rotation up in AWS (aws secretsmanager rotate-secret), or write the kind of value that this tool shall make."),
            _ => null,
        };

    // AWS's default key can't be used from another account, whatever policies say.
    private CheckResult? ForeignKey(ManagedSecret secret, DescribeSecretResponse seen) =>
        IsDefaultKey(seen) && AccountOf(definition.Role) is { } role && AccountOf(seen.ARN) is { } owner && role != owner
            ? VaultFindings.Fail(
                "encryption-key", secret, $"lies in account {owner} under AWS's default key, and the role is of account {role}",
                "Encrypt it with a KMS key of your own whose policy admits that role: aws secretsmanager update-secret --kms-key-id.")
            : null;

    private static bool IsDefaultKey(DescribeSecretResponse seen) =>
        string.IsNullOrEmpty(seen.KmsKeyId) || seen.KmsKeyId.EndsWith("alias/aws/secretsmanager", StringComparison.Ordinal);

    // arn:aws:iam::123456789012:role/name
    private static string? AccountOf(string? arn) => arn?.Split(':') is [_, _, _, _, { Length: 12 } account, ..] ? account : null;
}
