using System.Net.Mime;
using SecretRotator.Sandbox.Bitbucket.Pipelines;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Pipelines: runs custom ones, tells how far they are, and serves their logs from a storage that takes no credential.</summary>
internal static class BitbucketRuns
{
    /// <summary>Where the logs of ended steps are kept. The real one is another host.</summary>
    public const string StoragePath = "/storage/logs/";

    /// <summary>Answers a call on the pipelines of a repository.</summary>
    public static SandboxAnswer Answer(
        SandboxRequest request, BitbucketRoute route, SandboxState state, SandboxClock clock, IRandomSource random)
    {
        var repository = route.RepositoryIn(state)!;
        if (route.Collection == BitbucketCollection.Pipelines && route.Uuid is null)
        {
            return request.Method switch
            {
                "GET" => BitbucketPipelineList.Answer(request, route, state),
                "POST" => Run(request, route, repository, clock, random),
                _ => BitbucketAnswers.NotAllowed(),
            };
        }

        if (request.Method != (route.Collection == BitbucketCollection.Stop ? "POST" : "GET"))
            return BitbucketAnswers.NotAllowed();
        if (repository.Pipelines.Find(p => BitbucketRoute.Same(p.Uuid, route.Uuid)) is not { } pipeline)
            return BitbucketAnswers.NotFound("pipeline");
        return route.Collection switch
        {
            BitbucketCollection.Steps => BitbucketPage.Answer(request, route, pipeline.StepUuid is null ? [] : new[] { pipeline }, Step),
            BitbucketCollection.Step => BitbucketRoute.Same(pipeline.StepUuid, route.Step)
                ? SandboxAnswer.Json(200, Step(pipeline))
                : BitbucketAnswers.NotFound("step"),
            BitbucketCollection.Log => Log(request, route, pipeline),
            BitbucketCollection.Stop => Stop(pipeline),
            _ => SandboxAnswer.Json(200, BitbucketPipelineList.Describe(pipeline)),
        };
    }

    /// <summary>Answers for the storage: the signature in the address is all that it takes, and a credential besides is refused.</summary>
    public static SandboxAnswer Storage(SandboxRequest request, SandboxState state)
    {
        if (request.Headers.ContainsKey("Authorization"))
            return Xml(400, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>");
        var uuid = request.Path[StoragePath.Length..];
        var pipeline = state.Bitbucket.Workspaces.Values.SelectMany(w => w.Repositories.Values).SelectMany(r => r.Pipelines)
            .FirstOrDefault(p => BitbucketRoute.Same(p.StepUuid, uuid));
        return pipeline?.Log is { } log && request.Query.ContainsKey("signature")
            ? new(200, MediaTypeNames.Application.Octet, Encoding.UTF8.GetBytes(log))
            : Xml(403, "<Error><Code>AccessDenied</Code></Error>");
    }

    private static SandboxAnswer Xml(int status, string text) => new(status, MediaTypeNames.Text.Xml, Encoding.UTF8.GetBytes(text));

    /// <summary>The pipeline that a request to run one names, for faults; empty where it names none.</summary>
    public static string NameIn(byte[] body) => Read(body)?.Target.Selector.Pattern ?? "";

    private static PipelineRequest? Read(byte[] body) => BitbucketRequests.Read(body, BitbucketRequests.Default.PipelineRequest);

    private static SandboxAnswer Run(
        SandboxRequest request, BitbucketRoute route, RepositoryState repository, SandboxClock clock, IRandomSource random)
    {
        if (Read(request.Body) is not { Target: { Type: "pipeline_ref_target", RefName: var branch, Selector.Pattern: var name } } asked)
            return BitbucketAnswers.Refused(400, "Bad request");
        if (PipelineFile.Find(repository.PipelineFile, name) is null)
        {
            return BitbucketAnswers.ByPipelines(
                400, "Bad request", $"Could not find pipeline definition custom:{name} in bitbucket-pipelines.yml on branch {branch}.");
        }

        var variables = asked.Variables ?? [];
        var pipeline = new PipelineState
        {
            Uuid = random.BracedUuid(),
            BuildNumber = repository.Pipelines.Select(p => p.BuildNumber).DefaultIfEmpty().Max() + 1,
            State = "PENDING",
            Name = name,
            StepUuid = random.BracedUuid(),
            Branch = branch,
            Created = clock.Now,
        };
        foreach (var variable in variables.Where(variable => !variable.Secured))
            pipeline.Variables.Add(new VariableState { Uuid = random.BracedUuid(), Key = variable.Key, Value = variable.Value });
        repository.Pipelines.Add(pipeline);
        return SandboxAnswer.Json(201, BitbucketPipelineList.Describe(pipeline)) with
        {
            Changed = true,
            Starts = new PipelineJob(route.Workspace, route.Repository!, pipeline.Uuid, branch, name, [.. variables]),
        };
    }

    private static SandboxAnswer Log(SandboxRequest request, BitbucketRoute route, PipelineState pipeline)
    {
        if (!BitbucketRoute.Same(pipeline.StepUuid, route.Step) || pipeline.Log is null)
            return BitbucketAnswers.NotFound("log");
        var moved = new Uri(request.Host, $"{StoragePath}{route.Step!.Trim('{', '}')}?signature=sandbox");
        return new SandboxAnswer(307, null, []).With("Location", moved.AbsoluteUri);
    }

    private static SandboxAnswer Stop(PipelineState pipeline)
    {
        if (pipeline.State == "COMPLETED")
            return BitbucketAnswers.ByPipelines(400, "Bad request", "The pipeline has already completed.");
        (pipeline.State, pipeline.Result) = ("COMPLETED", "STOPPED");
        return SandboxAnswer.Done;
    }

    private static JsonObject Step(PipelineState pipeline)
    {
        var state = pipeline.StepState ?? pipeline.State;
        return new JsonObject
        {
            ["type"] = "pipeline_step",
            ["uuid"] = pipeline.StepUuid,
            ["state"] = new JsonObject { ["type"] = $"pipeline_step_state_{state.ToLowerInvariant()}", ["name"] = state },
        };
    }
}
