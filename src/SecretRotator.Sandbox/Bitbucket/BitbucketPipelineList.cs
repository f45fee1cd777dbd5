using System.Text.Json;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The pipelines of a repository: filtered by a status, sorted, in pages. The statuses of the filter aren't the names of the states.</summary>
internal static class BitbucketPipelineList
{
    /// <summary>The page that a request asks for.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        if (request.Method != "GET")
            return BitbucketAnswers.Refused(405, "Method not allowed");
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
        return BitbucketPage.Answer(request, route, found, Write);
    }

    /// <summary>Writes one pipeline.</summary>
    public static void Write(Utf8JsonWriter writer, PipelineState pipeline)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "pipeline");
        writer.WriteString("uuid", pipeline.Uuid);
        writer.WriteNumber("build_number", pipeline.BuildNumber);
        writer.WriteString("created_on", pipeline.Created);
        writer.WriteStartObject("target");
        writer.WriteString("type", "pipeline_ref_target");
        writer.WriteString("ref_type", "branch");
        writer.WriteString("ref_name", pipeline.Branch);
        if (pipeline.Name is { } name)
        {
            writer.WriteStartObject("selector");
            writer.WriteString("type", "custom");
            writer.WriteString("pattern", name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartObject("state");
        writer.WriteString("type", $"pipeline_state_{pipeline.State.ToLowerInvariant()}");
        writer.WriteString("name", pipeline.State);
        if (pipeline.State == "IN_PROGRESS")
            WritePart(writer, "stage", "in_progress", pipeline.Stage ?? "RUNNING");
        if (pipeline.Result is not null)
            WritePart(writer, "result", "completed", pipeline.Result);
        writer.WriteEndObject();
        writer.WriteStartArray("variables");
        foreach (var variable in pipeline.Variables)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "pipeline_variable");
            writer.WriteString("key", variable.Key);
            writer.WriteString("value", variable.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, string part, string state, string name)
    {
        writer.WriteStartObject(part);
        writer.WriteString("type", $"pipeline_state_{state}_{name.ToLowerInvariant()}");
        writer.WriteString("name", name);
        writer.WriteEndObject();
    }

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
