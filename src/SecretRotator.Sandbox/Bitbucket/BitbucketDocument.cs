using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Bitbucket's part of the state document.</summary>
internal static class BitbucketDocument
{
    /// <summary>Adds the members.</summary>
    public static void Write(JsonObject document, BitbucketState state)
    {
        var repositories = state.Workspaces
            .SelectMany(
                workspace => workspace.Value.Repositories,
                (workspace, repository) => (Workspace: workspace.Key, Name: repository.Key, repository.Value))
            .ToList();
        JsonArray List<T>(Func<RepositoryState, IEnumerable<T>> all, Action<JsonObject, T> describe) => StateDocument.List(
            repositories.SelectMany(
                repository => all(repository.Value), (repository, each) => (repository.Workspace, repository.Name, each)),
            found =>
            {
                var described = new JsonObject { ["workspace"] = found.Workspace, ["repository"] = found.Name };
                describe(described, found.each);
                return described;
            });

        document["variables"] = new JsonArray([.. state.Workspaces.SelectMany(workspace => Variables(workspace.Key, workspace.Value))]);
        document["pipelines"] = List(repository => repository.Pipelines, Describe);
        document["reports"] = List(repository => repository.Reports, Describe);
        document["deployKeys"] = List(repository => repository.DeployKeys, Describe);
        document["schedules"] = List(repository => repository.Schedules, Describe);
    }

    private static IEnumerable<JsonObject> Variables(string name, WorkspaceState workspace)
    {
        foreach (var variable in workspace.Variables)
            yield return Describe(variable, name, null, null);
        foreach (var (slug, repository) in workspace.Repositories)
        {
            foreach (var variable in repository.Variables.Concat(repository.KeyPair))
                yield return Describe(variable, name, slug, null);
            foreach (var environment in repository.Environments)
            {
                foreach (var variable in environment.Variables)
                    yield return Describe(variable, name, slug, environment.Name);
            }
        }
    }

    private static JsonObject Describe(VariableState variable, string workspace, string? repository, string? environment) => new()
    {
        ["workspace"] = workspace,
        ["repository"] = repository,
        ["environment"] = environment,
        ["key"] = variable.Key,
        ["value"] = variable.Value,
        ["secured"] = variable.Secured,
        ["uuid"] = variable.Uuid,
    };

    private static void Describe(JsonObject described, PipelineState pipeline)
    {
        described["uuid"] = pipeline.Uuid;
        described["buildNumber"] = pipeline.BuildNumber;
        described["state"] = pipeline.State;
        described["result"] = pipeline.Result;
        described.AddKnown("pipeline", pipeline.Name);
        described.AddKnown("log", pipeline.Log);
    }

    private static void Describe(JsonObject described, ReportState report)
    {
        described["commit"] = report.Commit;
        described["id"] = report.ExternalId;
        described["title"] = report.Title;
        described["details"] = report.Details;
        described["result"] = report.Result;
        described["data"] = StateDocument.List(
            report.Data, fact => new JsonObject { ["title"] = fact.Title, ["type"] = fact.Type, ["value"] = fact.Value });
        described["annotations"] = StateDocument.List(report.Annotations, Describe);
    }

    private static JsonObject Describe(AnnotationState annotation)
    {
        var described =
            new JsonObject { ["id"] = annotation.ExternalId, ["severity"] = annotation.Severity, ["summary"] = annotation.Summary };
        described.AddKnown("path", annotation.Path);
        described.AddKnown("line", annotation.Line);
        return described;
    }

    private static void Describe(JsonObject described, DeployKeyState key)
    {
        described["id"] = key.Id;
        described["key"] = key.Key;
        described["label"] = key.Label;
    }

    private static void Describe(JsonObject described, ScheduleState schedule)
    {
        described["uuid"] = schedule.Uuid;
        described["enabled"] = schedule.Enabled;
        described["cron"] = schedule.Cron;
        described["branch"] = schedule.Branch;
        described["selector"] = schedule.SelectorType;
        described["pipeline"] = schedule.SelectorPattern;
    }
}
