using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>Whether there is a credential for Bitbucket, and of which kind. Calls no one.</summary>
/// <param name="settings">The settings.</param>
/// <param name="inventory">The inventory, or null where it can't be read.</param>
internal sealed class CredentialCheck(RotatorSettings settings, RotationInventory? inventory) : ICheck
{
    private const string Id = "credential";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Bitbucket;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<CheckResult>>([Judge()]);

    private CheckResult Judge() => (settings.Bitbucket, inventory) switch
    {
        ({ } credential, _) when CredentialForm.Doubt(credential) is var (what, hint) => CheckResult.Fail(
            Area, Id, what,
            "Bitbucket answers 401 to every call with it.",
            hint),
        (BitbucketCredential.AccessToken, _) => Pass("An access token is set (BITBUCKET_ACCESS_TOKEN)."),
        (BitbucketCredential.ApiToken, _) =>
            Pass("An API token is set (BITBUCKET_EMAIL, BITBUCKET_API_TOKEN). It belongs to a person, and ends within a year."),
        (BitbucketCredential.OAuthClient, _) =>
            Pass("An OAuth consumer is set (BITBUCKET_OAUTH_CLIENT_ID, BITBUCKET_OAUTH_CLIENT_SECRET)."),
        (_, { Credential: { } reference }) => Pass($"It is read from {reference}, so that Bitbucket stores nothing long-lived."),
        (_, null) =>
            CheckResult.Unknown(
                Area, Id, "None is set in the environment, and whether the inventory leads to one can't be determined.",
                "The inventory can't be read."),
        _ => CheckResult.Fail(
            Area, Id, "No credential for Bitbucket is set.",
            "A step's own token can't call Bitbucket's API: without a credential no variable can be listed or changed.",
            "Let bitbucket.credential in the inventory lead to one in a vault (vault://prod/ci/bitbucket-token), or set "
                + "BITBUCKET_ACCESS_TOKEN."),
    };

    private CheckResult Pass(string observed) => CheckResult.Pass(Area, Id, observed);
}
