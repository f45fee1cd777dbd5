using System.Text.RegularExpressions;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Identity;

/// <summary>Whether the step has a token, and whether its claims have the form that trust policies are written for. Offline: nothing is
/// proven.</summary>
/// <param name="settings">The settings.</param>
/// <param name="inventory">The inventory.</param>
/// <param name="token">The step's token; null where there is none, or none that can be parsed.</param>
/// <param name="machine">The machine's time.</param>
internal sealed class StepTokenCheck(
    RotatorSettings settings, RotationInventory inventory, WebToken? token, TimeProvider machine) : ICheck
{
    // A run that must put back what it did has five minutes for it, and needs some to get so far.
    private static readonly Duration Short = Duration.FromMinutes(10);

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(
        token is null ? [Absent()] : [Present(token), IssuerOf(token), AudienceOf(token), SubjectOf(token), LifetimeOf(token)]);

    private CheckResult Absent()
    {
        const string Id = "step-token";
        if (settings.StepToken is not null)
            return CheckResult.Fail(
                Area, Id, "BITBUCKET_STEP_OIDC_TOKEN holds something that is no JSON web token.",
                "No cloud takes it.",
                "Don't set that variable by hand: `oidc: true` on the step makes Bitbucket set it.");
        if (settings.Pipeline is null)
            return CheckResult.Pass(
                Area, Id, "This is no pipeline's step, so there is no step token: the identity of this machine is used instead.");
        return inventory.Vaults.Values.Any(vault => vault.UsesStepToken)
            ? CheckResult.Fail(
                Area, Id, "OIDC token exchange failed before it began: this step has no token (BITBUCKET_STEP_OIDC_TOKEN isn't set).",
                "Without it no role of the inventory can be assumed, unless long-lived keys are stored somewhere.",
                "Set `oidc: true` on this step in bitbucket-pipelines.yml.")
            : CheckResult.Pass(Area, Id, "This step has no token, and no vault of the inventory has a role that would need one.");
    }

    private CheckResult Present(WebToken found) => CheckResult.Pass(
        Area, "step-token", $"The step has a token of repository {found.Uuid("repositoryUuid") ?? "unknown"}, "
            + $"{(found.Uuid("deploymentEnvironmentUuid") is { } environment ? $"environment {environment}" : "no deployment environment")}.");

    private CheckResult IssuerOf(WebToken found)
    {
        var expected = BitbucketIssuer.Of(inventory.Workspace);
        if (string.Equals(found.Issuer, expected, StringComparison.Ordinal))
            return CheckResult.Pass(Area, "token-issuer", $"iss is {found.Issuer}.");
        return CheckResult.Fail(
            Area, "token-issuer", $"iss is {found.Issuer ?? "missing"}, and the inventory's workspace issues tokens as {expected}.",
            "A cloud compares the issuer letter by letter with the identity provider that is registered there.",
            found.Issuer is { } issuer && BitbucketIssuer.WorkspaceOf(issuer) is { } other
                ? $"Run in the workspace {inventory.Workspace}, or write `workspace: {other}` into the inventory."
                : "Run as a step of Bitbucket Pipelines with `oidc: true`, and don't set BITBUCKET_STEP_OIDC_TOKEN by hand.");
    }

    private CheckResult AudienceOf(WebToken found)
    {
        var told = found.Audiences.IsEmpty ? "missing" : string.Join(", ", found.Audiences);
        var usual = found.UsualAudience;
        if (usual is not null && found.Audiences.Contains(usual, StringComparer.Ordinal))
            return CheckResult.Pass(Area, "token-audience", $"aud is {told}.");
        return CheckResult.Warn(
            Area, "token-audience",
            $"aud is {told}, not the {usual ?? BitbucketIssuer.AudienceOf("WORKSPACE-UUID")} that Bitbucket gives by default.",
            "The identity provider in the cloud must list exactly this audience among its client ids.",
            "Take an audience of its own off the step's `oidc`, or register this one in the cloud.");
    }

    private CheckResult SubjectOf(WebToken found)
    {
        if (found.Subject is { } subject && SubjectForm.Match(subject) is { Success: true } match)
        {
            var repository = match.Groups["repository"].Value;
            return CheckResult.Pass(Area, "token-subject", match.Groups["environment"] is { Success: true, Value: var environment }
                ? $"sub is {subject}: a trust policy admits it with {repository}:{environment}:* (this environment), or with "
                + $"{repository}:* (every step of the repository)."
                : $"sub is {subject}: a trust policy admits it with {repository}:* (every step of the repository). Without a deployment "
                + "environment it can't be distinguished from the repository's other steps.");
        }

        return CheckResult.Fail(
            Area, "token-subject",
            $"sub is {found.Subject ?? "missing"}, not {{REPOSITORY}}:{{ENVIRONMENT}}:{{STEP}} or {{REPOSITORY}}:{{STEP}}.",
            "Trust policies name the repository and the environment by their uuids in this claim, in braces.",
            "Run as a step of Bitbucket Pipelines with `oidc: true`, and don't set BITBUCKET_STEP_OIDC_TOKEN by hand.");
    }

    private CheckResult LifetimeOf(WebToken found)
    {
        const string Id = "token-lifetime";
        var now = Instant.FromDateTimeOffset(machine.GetUtcNow());
        if (found.Ends is not { } end)
            return CheckResult.Fail(
                Area, Id, "exp is missing.",
                "No cloud takes a token that doesn't end.",
                "Don't set BITBUCKET_STEP_OIDC_TOKEN by hand.");
        var left = end - now;
        var whole = found.IssuedAt is { } issued ? $" of {Minutes(end - issued)}" : "";
        if (left <= Duration.Zero)
            return CheckResult.Fail(
                Area, Id, $"exp: the token ended {Minutes(-left)} ago: the step outlived its token.",
                "OIDC token exchange failed is what clouds say to it; no step gets a second token.",
                WebToken.AfterItsEnd);
        return left < Short
            ? CheckResult.Warn(
                Area, Id, $"exp: {Minutes(left)}{whole} are left.",
                "Roles that are assumed now last longer than the token, but can't be assumed again once it has ended.",
                "Let the rotation be the first thing that the step does, or give it a step of its own.")
            : CheckResult.Pass(
                Area, Id, $"exp: {Minutes(left)}{whole} are left. A step whose max-time isn't longer can't outlive its token.");
    }

    private static string Minutes(Duration duration) => $"{(long)duration.TotalMinutes} min";

    private static readonly Regex SubjectForm = new(
        @"^(?<repository>\{[0-9a-fA-F-]{36}\})(:(?<environment>\{[0-9a-fA-F-]{36}\}))?:\{[0-9a-fA-F-]{36}\}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Regex.InfiniteMatchTimeout);
}
