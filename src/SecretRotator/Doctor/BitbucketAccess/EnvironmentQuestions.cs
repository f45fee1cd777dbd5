using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>Who may run the steps that rotate: the restrictions of their deployment environments.</summary>
/// <param name="bitbucket">Answers.</param>
/// <param name="home">The repository of the steps.</param>
internal sealed class EnvironmentQuestions(BitbucketConnection bitbucket, VariableScope.Repository home)
{
    private const string Administrators = "environment-admins";

    private string Page => $"https://bitbucket.org/{home.WorkspaceSlug}/{home.Slug}/admin/pipelines/deployment-settings";

    /// <summary>Asks for the environments of some names, one after the other.</summary>
    public async Task<IEnumerable<CheckResult>> AskAsync(ImmutableArray<string> names, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        foreach (var name in names)
        {
            results.Add(await AdministratorsOfAsync(name, cancellation));
            results.Add(CheckResult.Unknown(
                CheckArea.Bitbucket, "environment-branches", $"From which branches steps may deploy to {name} is told by no public API.",
                $"A branch that anyone may push could rotate otherwise. Look there, on Premium: {Page}"));
        }

        return results;
    }

    private async Task<CheckResult> AdministratorsOfAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await bitbucket.IsForAdministratorsAsync(new(home.WorkspaceSlug, home.Slug, name), cancellation) switch
            {
                true => CheckResult.Pass(CheckArea.Bitbucket, Administrators, $"Only administrators may deploy to {name}."),
                false => CheckResult.Warn(
                    CheckArea.Bitbucket, Administrators,
                    $"Everyone who may write to {home.WorkspaceSlug}/{home.Slug} may deploy to {name}.",
                    "Its steps rotate secrets: whoever may run them can read and replace every secret of the inventory.",
                    $"On Premium: Only allow admins to deploy to this environment ({Page}). On Standard: give few people write access."),
                null => CheckResult.Unknown(
                    CheckArea.Bitbucket, Administrators, $"Bitbucket doesn't tell who may deploy to {name}.", $"Look there: {Page}"),
            };
        }
        catch (RemoteFailureException failure)
        {
            return CheckResult.Unknown(
                CheckArea.Bitbucket, Administrators, failure.Failure, $"Who may deploy to {name} can't be determined: {Page}");
        }
    }
}
