using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Google.Identity;

namespace SecretRotator.Providers.Google.Doctor;

/// <summary>Asks Google for a token, by whichever way the settings choose, and explains a refusal by the claim that differs.</summary>
/// <param name="vaults">The vaults of the inventory.</param>
/// <param name="token">The step's token, or null.</param>
internal sealed class GoogleExchangeCheck(VaultConnections vaults, WebToken? token) : ICheck
{
    private const string Id = "google-identity";

    private readonly GoogleSettings _settings = vaults.Settings.SettingsOf<GoogleSettings>();

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    private bool ShowsStepToken => _settings is { WorkloadIdentityProvider: not null, StepToken: not null };

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        if (!vaults.Inventory.Vaults.Values.Any(vault => vault is GoogleVaultDefinition))
            return [];
        var file = ShowsStepToken ? null : GoogleCredentialsFile.PathIn(_settings);
        var identity = await AskAsync(file, cancellation);
        return file is not null && GoogleCredentialsFile.IsOpenToOthers(file)
            ? [identity, CheckResult.Warn(
                Area, "google-credentials-file", $"{file} can be read by others than its owner.",
                "Whoever reads it has the identity that it is for.", $"chmod 600 {file}")]
            : [identity];
    }

    private async Task<CheckResult> AskAsync(string? file, CancellationToken cancellation)
    {
        try
        {
            using var identity = new GoogleIdentity(_settings, vaults.Handler, vaults.Random, vaults.Time);
            var way = ShowsStepToken ? "for the step's token" : file is null ? "for this machine" : $"for the credentials in {file}";
            return CheckResult.Pass(Area, Id, $"Google gives a token {way}: that of {await identity.HolderAsync(cancellation)}.");
        }
        catch (RemoteFailureException failure) when (failure.Kind == FailureKind.Unavailable)
        {
            return CheckResult.Unknown(
                Area, Id, failure.Failure, "Google gave no verdict. The area network tells whether it can be reached.");
        }
        catch (RemoteFailureException failure)
        {
            return failure.InnerException is GoogleTokenRefusal refused && token is not null && ShowsStepToken
                && Explained(refused, token) is var (claim, fix)
                    ? Failed(failure.Failure with { Message = $"OIDC token exchange failed: {claim}." }, fix)
                    : Failed(failure.Failure, failure.Hint ?? "The log tells more: --log-level debug.");
        }
    }

    private CheckResult Failed(Failure failure, string fix) => CheckResult.Fail(
        Area, Id, failure.Message, "Without a token of Google's no secret in Secret Manager can be read or rotated.", fix) with
    { Failure = failure };

    // What differs, and the command that sets it right.
    private (string Claim, string Fix)? Explained(GoogleTokenRefusal refused, WebToken shown)
    {
        var name = _settings.WorkloadIdentityProvider!;
        var parts = name.Split('/');
        var (project, pool, provider) = (parts[1], parts[5], parts[7]);
        var place = $"{provider} --project={project} --location=global --workload-identity-pool={pool}";
        var audience = string.Join(", ", shown.Audiences);
        return refused.Cause switch
        {
            GoogleRefusalCause.Audience => (
                $"aud is {audience}, and the provider {name} doesn't allow it",
                $"gcloud iam workload-identity-pools providers update-oidc {place} --allowed-audiences={audience}"
                    + shown.OrUsualAudience),
            GoogleRefusalCause.Issuer => (
                $"iss is {shown.Issuer}, and the provider {name} has another one",
                $"gcloud iam workload-identity-pools providers update-oidc {place} --issuer-uri={shown.Issuer}"),
            GoogleRefusalCause.Condition => (
                $"repositoryUuid is {shown.Claim("repositoryUuid") ?? "missing"}, deploymentEnvironmentUuid is "
                    + $"{shown.Claim("deploymentEnvironmentUuid") ?? "missing"}, and the attribute condition of {name} doesn't admit them",
                $"Compare `gcloud iam workload-identity-pools providers describe {place} --format='value(attributeCondition)'` with "
                    + "`secret-rotator doctor trust --for google`. A step has an environment where it says `deployment:`."),
            GoogleRefusalCause.NoProvider => (
                $"there is no provider {name}, or it is disabled or deleted",
                $"See `gcloud iam workload-identity-pools providers list --project={project} --location=global "
                    + $"--workload-identity-pool={pool} --show-deleted`; `secret-rotator doctor trust --for google` makes one. "
                    + "google.workloadIdentityProvider has the project's number, not its id."),
            GoogleRefusalCause.Ended => ("exp has passed: the step outlived its token", WebToken.AfterItsEnd),
            GoogleRefusalCause.Impersonation => (
                $"the step may not act as {_settings.ServiceAccount}, or there is no such account",
                $"gcloud iam service-accounts add-iam-policy-binding {_settings.ServiceAccount} --role=roles/iam.workloadIdentityUser "
                    + $"--member='{GoogleTrust.Member(project, pool, shown.Claim("repositoryUuid") ?? "REPOSITORY-UUID")}'"),
            GoogleRefusalCause.ApiDisabled => (
                $"{refused.From.Name} isn't switched on in the project",
                $"gcloud services enable sts.googleapis.com iamcredentials.googleapis.com --project={project}"),
            _ => null,
        };
    }
}
