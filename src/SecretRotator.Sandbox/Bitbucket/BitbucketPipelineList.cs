using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The pipelines of a repository: filtered by a status, which isn't the name of a state, sorted, in pages.</summary>
internal static class BitbucketPipelineList
{
    /// <summary>The page that a request asks for.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.NotAllowed();
        var status = request.Query.GetValueOrDefault("status");
        var sort = request.Query.GetValueOrDefault("sort") ?? "created_on";
        if (sort.TrimStart('-') != "created_on")
            return BitbucketAnswers.Refused(400, $"Invalid sort '{sort}'");
        var pattern = request.Query.GetValueOrDefault("target.selector.pattern");
        var found = route.RepositoryIn(state)!.Pipelines
            .Where(pipeline => (status is null || StatusOf(pipeline) == status) && (pattern is null || pipeline.Name == pattern))
            .OrderBy(pipeline => pipeline.Created).ThenBy(pipeline => pipeline.BuildNumber)
            .ToList();
        if (sort[0] == '-')
            found.Reverse();
        return BitbucketPage.Answer(request, route, found, Describe);
    }

    /// <summary>One pipeline.</summary>
    public static JsonObject Describe(PipelineState pipeline)
    {
        var target = new JsonObject { ["type"] = "pipeline_ref_target", ["ref_type"] = "branch", ["ref_name"] = pipeline.Branch };
        if (pipeline.Name is { } name)
            target["selector"] = new JsonObject { ["type"] = "custom", ["pattern"] = name };
        var state = Part("", pipeline.State);
        if (pipeline.State == "IN_PROGRESS")
            state["stage"] = Part("in_progress_", pipeline.Stage ?? "RUNNING");
        if (pipeline.Result is not null)
            state["result"] = Part("completed_", pipeline.Result);
        return new JsonObject
        {
            ["type"] = "pipeline",
            ["uuid"] = pipeline.Uuid,
            ["build_number"] = pipeline.BuildNumber,
            ["created_on"] = pipeline.Created,
            ["target"] = target,
            ["state"] = state,
            ["variables"] = StateDocument.List(
                pipeline.Variables,
                variable => new JsonObject { ["type"] = "pipeline_variable", ["key"] = variable.Key, ["value"] = variable.Value }),
        };
    }

    private static JsonObject Part(string state, string name) =>
        new() { ["type"] = $"pipeline_state_{state}{name.ToLowerInvariant()}", ["name"] = name };

    private static string StatusOf(PipelineState pipeline) => pipeline switch
    {
        { State: "PENDING" } => "PENDING",
        { State: "IN_PROGRESS", Stage: "PAUSED" or "HALTED" } => pipeline.Stage,
        { State: "IN_PROGRESS" } => "BUILDING",
        { Result: "SUCCESSFUL" } => "PASSED",
        { Result: "FAILED" or "ERROR" or "STOPPED" } => pipeline.Result,
        _ => "UNKNOWN",
    };
}
