using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The repositories of a workspace that the credential may see, with <c>q=project.key="KEY"</c> those of one project.</summary>
internal static partial class EmulatedRepositories
{
    /// <summary>Answers a listing.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state, CredentialState credential)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.NotAllowed();
        if (route.WorkspaceIn(state) is not { } workspace)
            return BitbucketAnswers.NoAccess(null);
        if (BitbucketAuthentication.ReportScopes(credential) is { } refusal)
            return refusal;
        var query = request.Query.GetValueOrDefault("q", "");
        var project = Project().Match(query);
        if (query.Length > 0 && !project.Success)
            return BitbucketAnswers.Refused(400, "Invalid query");
        var seen = workspace.Repositories
            .Where(each => credential.Repositories?.Contains($"{route.Workspace}/{each.Key}", StringComparer.OrdinalIgnoreCase) ?? true)
            .Where(each => !project.Success || each.Value.Project == project.Groups[1].Value)
            .ToList();
        return BitbucketPage.Answer(request, route, seen, each => new JsonObject
        {
            ["type"] = "repository",
            ["uuid"] = each.Value.Uuid,
            ["slug"] = each.Key,
            ["name"] = each.Key,
            ["full_name"] = $"{route.Workspace}/{each.Key}",
            ["project"] = new JsonObject { ["type"] = "project", ["key"] = each.Value.Project },
        });
    }

    [GeneratedRegex("^project\\.key=\"([A-Za-z0-9_]+)\"$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Project();
}
