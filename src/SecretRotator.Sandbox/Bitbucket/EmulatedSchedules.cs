using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The schedules of a repository's pipelines. A PUT changes whether one is enabled, and nothing else.</summary>
internal static class EmulatedSchedules
{
    /// <summary>What a request asks for, in the words of faults: <c>post-schedule</c> on <c>secret-rotator:rotate</c>.</summary>
    public static CallName Identify(SandboxRequest request, BitbucketRoute route, SandboxState state)
    {
        var scope = route.ScopeIn(state);
        if (request.Method == "POST")
            return new("post-schedule", $"{scope}:{Read(request)?.Target.Selector.Pattern}");
        if (route.Uuid is null)
            return new("list-schedules", scope);
        return new($"{request.Method.ToLowerInvariant()}-schedule", $"{scope}:{Find(route, state)?.SelectorPattern ?? route.Uuid}");
    }

    /// <summary>Answers a call on the schedules of a repository that the caller may see.</summary>
    public static SandboxAnswer Answer(
        SandboxRequest request, BitbucketRoute route, SandboxState state, SandboxClock clock, IRandomSource random)
    {
        var repository = route.RepositoryIn(state)!;
        if (!repository.PipelinesEnabled)
            return BitbucketAnswers.NotFound("pipelines configuration");
        if (route.Uuid is null)
        {
            return request.Method switch
            {
                "GET" => BitbucketPage.Listing(request, route, repository.Schedules, Describe),
                "POST" => Create(request, repository.Schedules, state.Bitbucket, clock, random),
                _ => BitbucketAnswers.NotAllowed(),
            };
        }

        if (Find(route, state) is not { } schedule)
            return BitbucketAnswers.NotFound("schedule");
        switch (request.Method)
        {
            case "GET":
                return One(200, schedule);
            case "PUT" when BitbucketRequests.Read(request.Body, BitbucketRequests.Default.ScheduleChange) is { } change:
                (schedule.Enabled, schedule.UpdatedOn) = (change.Enabled, clock.Now);
                return One(200, schedule) with { Changed = true };
            case "PUT":
                return Invalid("A schedule's \"enabled\" is true or false.");
            case "DELETE":
                repository.Schedules.Remove(schedule);
                return SandboxAnswer.Done;
            default:
                return BitbucketAnswers.NotAllowed();
        }
    }

    private static ScheduleState? Find(BitbucketRoute route, SandboxState state) =>
        route.RepositoryIn(state)?.Schedules.Find(schedule => BitbucketRoute.Same(schedule.Uuid, route.Uuid));

    // The limit is a 401, though the credential is still valid.
    private static SandboxAnswer Create(
        SandboxRequest request, List<ScheduleState> schedules, BitbucketState state, SandboxClock clock, IRandomSource random)
    {
        if (Read(request) is not { } asked)
            return Invalid("A schedule needs a target with type, selector, ref_name and ref_type branch, and a cron_pattern.");
        if (QuartzPattern.Read(asked.CronPattern) is null)
            return Invalid("The cron_pattern is not a cron expression with seven fields.");
        if (schedules.Count >= state.MostSchedules)
        {
            return BitbucketAnswers.ByPipelines(
                401,
                "Unauthorized",
                "The maximum limit of schedules for this repository was reached.",
                "pipeline-service.schedule.limit-reached");
        }

        var schedule = new ScheduleState
        {
            Uuid = random.BracedUuid(),
            Enabled = asked.Enabled,
            Cron = asked.CronPattern,
            Branch = asked.Target.RefName,
            SelectorType = asked.Target.Selector.Type!,
            SelectorPattern = asked.Target.Selector.Pattern,
            CreatedOn = clock.Now,
            UpdatedOn = clock.Now,
            HiddenListings = state.ListingLag,
        };
        schedules.Add(schedule);
        return One(201, schedule) with { Changed = true };
    }

    private static ScheduleRequest? Read(SandboxRequest request) =>
        BitbucketRequests.Read(request.Body, BitbucketRequests.Default.ScheduleRequest) is
        { Target: { Type: "pipeline_ref_target", RefType: "branch", Selector.Type: not null } } asked ? asked : null;

    private static SandboxAnswer One(int status, ScheduleState schedule) => SandboxAnswer.Json(status, Describe(schedule));

    private static JsonObject Describe(ScheduleState schedule) => new()
    {
        ["type"] = "pipeline_schedule",
        ["uuid"] = schedule.Uuid,
        ["enabled"] = schedule.Enabled,
        ["target"] = new JsonObject
        {
            ["type"] = "pipeline_ref_target",
            ["ref_type"] = "branch",
            ["ref_name"] = schedule.Branch,
            ["selector"] = new JsonObject { ["type"] = schedule.SelectorType, ["pattern"] = schedule.SelectorPattern },
        },
        ["cron_pattern"] = schedule.Cron,
        ["created_on"] = schedule.CreatedOn,
        ["updated_on"] = schedule.UpdatedOn,
    };

    private static SandboxAnswer Invalid(string detail) =>
        BitbucketAnswers.ByPipelines(400, "Bad request", detail, "pipeline-service.schedule.invalid");
}
