using System.Net;
using System.Text.Json.Nodes;
using SecretRotator.Bitbucket;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Schedules in Bitbucket Cloud, with the tool's records of them as plain variables of its home repository.</summary>
/// <param name="home">The home repository.</param>
/// <param name="api">The calls.</param>
/// <param name="calls">Makes them.</param>
internal sealed partial class BitbucketSchedules(VariableScope.Repository home, IBitbucketApi api, BitbucketCalls calls) : IScheduleStore
{
    // A schedule that was made a moment ago may be missing from a listing for some seconds.
    private const int Looks = 4;

    private const string WritingScopes = "\"pipeline:write\" (API token: \"write:pipeline:bitbucket\")";

    /// <inheritdoc />
    public async Task<ImmutableArray<ObservedSchedule>> ListAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        var call = new BitbucketCall(CallNature.Read, $"list the schedules of {repository.WorkspaceSlug}/{repository.Slug}", repository);
        var entries = await new PagedListing<ScheduleEntry>(
            calls, call, api.ListSchedulesAsync, AddressOf(repository), entry => BitbucketUuid.Normal(entry.Uuid)).ReadAsync(cancellation);
        return [.. entries.Select(entry => Observed(repository, entry))];
    }

    /// <inheritdoc />
    public async Task<ObservedSchedule> CreateAsync(
        ScheduleDeclaration schedule, ImmutableHashSet<string> known, CancellationToken cancellation)
    {
        var call = Change(
            CallNature.Once, $"create the schedule {schedule.Name} in {schedule.Repository.WorkspaceSlug}/{schedule.Repository.Slug}",
            schedule.Repository);
        HttpStatusCode? refused = null;
        try
        {
            var entry = await calls.RunAsync(
                call, () => Content(schedule),
                async (content, token) =>
                {
                    try
                    {
                        return Checked(await api.CreateScheduleAsync(AddressOf(schedule.Repository), content, token));
                    }
                    catch (RefusedAnswer answer)
                    {
                        refused = answer.Status;
                        throw;
                    }
                },
                cancellation);
            return Observed(schedule.Repository, entry) with { Enabled = entry.Enabled ?? schedule.Enabled };
        }
        catch (RemoteFailureException failure) when (refused == HttpStatusCode.Unauthorized && failure.Effect == Effect.Rejected)
        {
            throw LimitReached(schedule, known.Count, failure);
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
        {
            return await FindAsync(schedule, known, cancellation) ?? throw new RemoteFailureException(
                failure.Kind,
                Effect.Unknown,
                failure.Message,
                "The schedule is nowhere to be seen, and may still appear. Run again in a minute: what was intended is noted, so a late "
                    + "one is found and no second one made.",
                failure.InnerException);
        }
    }

    /// <inheritdoc />
    public async Task<ObservedSchedule?> FindAsync(
        ScheduleDeclaration schedule, ImmutableHashSet<string> known, CancellationToken cancellation)
    {
        var wanted = Fingerprint.Of(schedule);
        for (var look = 1; look <= Looks; look++)
        {
            if (look > 1)
                await calls.PauseAsync(look, cancellation);
            var listed = await ListAsync(schedule.Repository, cancellation);
            if (listed.FirstOrDefault(each => each.Fingerprint == wanted && !known.Contains(each.Uuid)) is { } found)
                return found;
        }

        return null;
    }

    /// <inheritdoc />
    public async Task EnableAsync(ObservedSchedule schedule, bool enabled, CancellationToken cancellation)
    {
        var call = Change(CallNature.Repeatable, $"{(enabled ? "enable" : "disable")} the schedule {Name(schedule)}", schedule.Repository);
        var entry = await calls.RunAsync(
            call, () => JsonBody.Of(new JsonObject { ["type"] = "pipeline_schedule", ["enabled"] = enabled }),
            async (content, token) => Checked(
                await api.PutScheduleAsync(AddressOf(schedule.Repository), BitbucketUuid.InPath(schedule.Uuid), content, token)),
            cancellation);
        if (entry.Enabled is { } answered && answered != enabled)
            throw new RemoteFailureException(
                FailureKind.Conflict,
                Effect.Unknown,
                $"Bitbucket was asked to {call.Doing}, and answered that it is {(answered ? "enabled" : "disabled")}.",
                "Look at Pipelines > Schedules in the repository, and run again.");
    }

    /// <inheritdoc />
    public async Task DeleteAsync(ObservedSchedule schedule, CancellationToken cancellation)
    {
        var call = Change(CallNature.Repeatable, $"delete the schedule {Name(schedule)}", schedule.Repository);
        await calls.DeleteAsync(
            call, token => api.DeleteAsync($"{AddressOf(schedule.Repository)}/{BitbucketUuid.InPath(schedule.Uuid)}", token), cancellation);
    }

    private static string AddressOf(VariableScope.Repository repository) =>
        $"{VariableAddresses.Of(repository)}/pipelines_config/schedules";

    private static ByteArrayContent Content(ScheduleDeclaration schedule) => JsonBody.Of(new JsonObject
    {
        ["type"] = "pipeline_schedule",
        ["target"] = JsonBody.Target(schedule.Branch, schedule.Pipeline),
        ["cron_pattern"] = schedule.Pattern,
        ["enabled"] = schedule.Enabled,
    });

    private static BitbucketCall Change(CallNature nature, string doing, VariableScope.Repository repository) =>
        new(nature, doing, repository) { Scopes = WritingScopes };

    private static string Name(ObservedSchedule schedule) =>
        $"of {ErrorBody.OneLine(schedule.Pipeline)} in {schedule.Repository.WorkspaceSlug}/{schedule.Repository.Slug} ({schedule.Uuid})";

    private static ScheduleEntry Checked(ScheduleEntry? entry) =>
        entry is not null && BitbucketUuid.Normal(entry.Uuid) is not null ? entry : throw new GarbledAnswer("it names no schedule");

    private static ObservedSchedule Observed(VariableScope.Repository repository, ScheduleEntry entry) => new(
        repository,
        BitbucketUuid.Normal(entry.Uuid)!,
        entry.Enabled is true,
        entry.Target?.Selector?.Type ?? "",
        entry.Target?.Selector?.Pattern ?? "",
        entry.Target?.RefName ?? "",
        entry.CronPattern ?? "");

    // "The maximum limit of schedules for this repository was reached" is a 401 in Atlassian's description of the API.
    private static RemoteFailureException LimitReached(
        ScheduleDeclaration schedule, int known, RemoteFailureException failure) => new RemoteFailureException(
        FailureKind.Conflict,
        Effect.Rejected,
        $"{failure.Message} That is how Bitbucket says that {schedule.Repository.WorkspaceSlug}/{schedule.Repository.Slug} may have no "
            + $"more schedules, of which {known} were seen; nothing was created.",
        "Delete a schedule that no one needs (Pipelines > Schedules in the repository), or put several times into one cron expression, "
            + "and run again. "
        + "If it has few schedules, the credential is wrong for writing them: it needs the scope " + WritingScopes + ".")
            .At(BitbucketCall.Service, schedule.Repository.ToString());
}
