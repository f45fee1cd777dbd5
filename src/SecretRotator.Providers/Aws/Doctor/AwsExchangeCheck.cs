using Amazon.SecurityToken;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>Takes on every role of the inventory, and explains a refusal by the claim that differs.</summary>
/// <param name="vaults">The vaults of the inventory.</param>
/// <param name="token">The step's token, or null.</param>
internal sealed class AwsExchangeCheck(VaultConnections vaults, WebToken? token) : ICheck
{
    private const string Id = "aws-identity";

    private readonly AwsSettings _settings = vaults.Settings.SettingsOf<AwsSettings>();

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        var all = vaults.Inventory.Vaults.Values.OfType<AwsVaultDefinition>().Select(vault => (vault.Role, vault.Region))
            .Concat(AwsIamDefinition.In(vaults.Inventory).Select(user => (user.Role, user.Region)));
        var roles = all.GroupBy(each => each.Role, StringComparer.Ordinal).ToList();
        using var identity = new AwsIdentity(_settings, vaults.Handler);
        return await Task.WhenAll(roles.Select(role => TryAsync(identity, role.Key, role.First().Region)).ToArray());
    }

    private async Task<CheckResult> TryAsync(AwsIdentity identity, string? role, string region)
    {
        try
        {
            await identity.CredentialsFor(region, role).GetCredentialsAsync();
            return CheckResult.Pass(Area, Id, (role, _settings.StepToken) switch
            {
                (null, _) => "A vault without a role is reached with this machine's identity for AWS.",
                (_, null) => $"{role} can be assumed with this machine's identity.",
                _ => $"{role} can be assumed with the step's token, as the session {identity.SessionName}.",
            });
        }
        catch (Exception refused) when (refused is AmazonSecurityTokenServiceException or NoAwsIdentityException
            && ExceptionChain.Of(refused).OfType<NoAwsIdentityException>().FirstOrDefault() is { } none)
        {
            return WithoutIdentity(role, none);
        }
        catch (AmazonSecurityTokenServiceException refused)
        {
            return Explain(refused, role ?? "the machine's own identity");
        }
    }

    private CheckResult WithoutIdentity(string? role, NoAwsIdentityException none) => CheckResult.Fail(
        Area, Id, $"There is no identity for AWS{(role is null ? "" : $" that could take on {role}")}: {none.Why}.",
        "Secrets in AWS Secrets Manager can't be read or written without one.",
        none.Hint
            ?? (_settings.InPipeline
                ? "Set `oidc: true` on the step, and a `role` for the vault in the inventory."
                : "Log in with `aws sso login` or set AWS_PROFILE."));

    private CheckResult Explain(AmazonSecurityTokenServiceException refused, string role)
    {
        var code = AwsFailures.Word(refused.ErrorCode);
        if (token is null || _settings.StepToken is null || (int)refused.StatusCode is 0 or >= 500)
            return Unexplained(refused, role);
        var account = AwsTrust.PlaceOf(role).Account;
        var audience = string.Join(", ", token.Audiences);
        return code switch
        {
            "InvalidIdentityToken" or "InvalidIdentityTokenException"
                when refused.Message.Contains("audience", StringComparison.OrdinalIgnoreCase) => Failed(
                role,
                $"aud is {audience}, and the identity provider in account {account} doesn't have it among its client ids (Incorrect "
                    + "token audience)",
                "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "
                    + $"{AwsTrust.ProviderArn(role, token.Issuer)} --client-id "
                    + $"{token.Audiences.FirstOrDefault() ?? "AUDIENCE"}{token.OrUsualAudience}"),
            "InvalidIdentityToken" or "InvalidIdentityTokenException"
                when refused.Message.Contains("No OpenIDConnect provider", StringComparison.OrdinalIgnoreCase) => Failed(
                role,
                $"iss is {token.Issuer}, and account {account} has no identity provider for exactly this address",
                $"aws iam create-open-id-connect-provider --url {token.Issuer} --client-id-list "
                    + $"{token.Audiences.FirstOrDefault() ?? "AUDIENCE"}"),
            "ExpiredTokenException" => Failed(role, "exp has passed: the step outlived its token", WebToken.AfterItsEnd),
            "AccessDenied" or "AccessDeniedException" => Failed(
                role,
                $"sub is {token.Subject}, and the role's trust policy doesn't admit it with the audience {audience}; or the role "
                    + "doesn't exist",
                $"Compare `aws iam get-role --role-name {role[(role.LastIndexOf('/') + 1)..]} --query Role.AssumeRolePolicyDocument` "
                    + "with `secret-rotator doctor trust --for aws`."),
            _ => Unexplained(refused, role),
        };
    }

    private CheckResult Failed(string role, string claim, string fix) => CheckResult.Fail(
        Area, Id, $"OIDC token exchange failed for {role}: {claim}.",
        "Without the role no secret of its vaults can be read or rotated.",
        fix);

    private CheckResult Unexplained(AmazonSecurityTokenServiceException refused, string role)
    {
        var failure = (int)refused.StatusCode == 0
            ? AwsFailures.OfSilence(refused, $"taking on {role}", writes: false, "STS")
            : AwsFailures.OfIdentity(refused, role);
        return failure.Kind == FailureKind.Unavailable
            ? CheckResult.Unknown(
                Area, Id, failure.Failure, "STS gave no verdict. The area network tells whether it can be reached.")
            : CheckResult.Fail(
                Area, Id, _settings.StepToken is null || (int)refused.StatusCode == 0
                    ? failure.Message
                    : $"OIDC token exchange failed: {failure.Message}",
                "Without the role no secret of its vaults can be read or rotated.",
                failure.Hint ?? "The log tells more: --log-level debug.") with
            { Failure = failure.Failure };
    }
}
