using SecretRotator.Configuration.Schedules;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Schedules;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class BitbucketSchedulesTests
{
    private static readonly CronTimes Times = UtcTimesTests.Times("30 1 * * mon");

    internal static ScheduleDeclaration Declared { get; } = new(
        "nightly-rotation", BitbucketStage.Home, "rotate", "main", Times, DateTimeZone.Utc, Times, Enabled: true, "nightly.yaml");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schedule_is_made_of_pipeline_branch_pattern_and_enabled()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var made = await Store(stage).CreateAsync(Declared, [], Cancellation);

        made.Should().Be(new ObservedSchedule(BitbucketStage.Home, made.Uuid, true, "custom", "rotate", "main", "0 30 1 ? * MON *"));
        (await StandingAsync(stage)).Select(each => (each.SelectorType, each.SelectorPattern, each.Branch, each.Cron, each.Enabled))
            .Should().Equal(("custom", "rotate", "main", "0 30 1 ? * MON *", true));
        stage.Recorded.Calls.Single().Body.Should().Be(
            """{"type":"pipeline_schedule","target":{"type":"pipeline_ref_target","ref_type":"branch","ref_name":"main","selector":{"type":"custom","pattern":"rotate"}},"cron_pattern":"0 30 1 ? * MON *","enabled":true}""");
    }

    [Fact]
    public async Task A_disabled_schedule_is_never_enabled_on_its_way()
    {
        await using var stage = await BitbucketStage.StartAsync();

        (await Store(stage).CreateAsync(Declared with { Enabled = false }, [], Cancellation)).Enabled.Should().BeFalse();

        (await StandingAsync(stage)).Single().Enabled.Should().BeFalse();
    }

    [Fact]
    public async Task All_pages_are_listed()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(
            state => state.Workspaces["acme"].Repositories["secret-rotator"].Schedules.AddRange(Enumerable.Range(0, 120).Select(i =>
                new ScheduleState
                {
                    Uuid = Guid.NewGuid().ToString("B"),
                    Cron = $"0 {i % 60} * * * ? *",
                    SelectorType = "custom",
                    SelectorPattern = $"p{i}",
                    Branch = "main",
                })));

        (await Store(stage).ListAsync(BitbucketStage.Home, Cancellation)).Should().HaveCount(120);

        stage.CallsOf("list-schedules").Should().Be(2);
    }

    [Fact]
    public async Task A_schedule_is_enabled_disabled_and_deleted()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var made = await Store(stage).CreateAsync(Declared, [], Cancellation);

        await Store(stage).EnableAsync(made, enabled: false, Cancellation);
        (await StandingAsync(stage)).Single().Enabled.Should().BeFalse();
        await Store(stage).EnableAsync(made, enabled: true, Cancellation);
        (await StandingAsync(stage)).Single().Enabled.Should().BeTrue();
        await Store(stage).DeleteAsync(made, Cancellation);
        await Store(stage).DeleteAsync(made, Cancellation);

        (await StandingAsync(stage)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task One_whose_answer_was_lost_is_found_and_not_made_twice(int lag)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post-schedule#1=lost");
        await stage.ChangeAsync(state => state.ListingLag = lag);

        var made = await Store(stage).CreateAsync(Declared, [], Cancellation);

        (await StandingAsync(stage)).Single().Uuid.Should().Contain(made.Uuid);
        stage.CallsOf("post-schedule").Should().Be(1);
    }

    [Fact]
    public async Task One_that_looks_like_it_and_was_there_before_is_not_taken_for_it()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post-schedule#2=500");
        var twin = await Store(stage).CreateAsync(Declared, [], Cancellation);

        var failure = await FailureOf(() => Store(stage).CreateAsync(Declared, [twin.Uuid], Cancellation));

        (failure.Effect, stage.CallsOf("post-schedule")).Should().Be((Effect.Unknown, 2));
        failure.Hint.Should().Contain("no second one made");
    }

    [Fact]
    public async Task The_limit_is_told_as_what_it_is_though_bitbucket_says_unauthorized()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.MostSchedules = 0);

        var failure = await FailureOf(() => Store(stage).CreateAsync(Declared, ["a", "b"], Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        failure.Message.Should().Contain("401").And.Contain("may have no more schedules, of which 2 were seen; nothing was created");
        failure.Hint.Should().Contain("Delete a schedule that no one needs").And.Contain("pipeline:write");
    }

    [Theory]
    [InlineData("pipeline:write")]
    [InlineData("pipeline:variable")]
    public async Task Each_scope_is_needed_for_what_it_is_for(string missing)
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Credentials[0].Scopes.Remove(missing));
        var record = new ScheduleRecord(Declared.Name, null, new("secret-rotator", Fingerprint.Of(Declared)));

        var failure = await FailureOf(
            () => missing == "pipeline:write"
                ? Store(stage).CreateAsync(Declared, [], Cancellation)
                : Store(stage).NoteAsync(null, record, Cancellation));

        failure.Hint.Should().Contain(missing);
    }

    [Fact]
    public async Task A_record_is_a_plain_variable_of_the_home_repository()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var record = new ScheduleRecord(Declared.Name, null, new("secret-rotator", Fingerprint.Of(Declared)));

        var posted = await Store(stage).NoteAsync(null, record, Cancellation);
        var stored = await stage.StoredAsync(BitbucketStage.Home, "SECRET_ROTATOR_SCHEDULE_NIGHTLY_ROTATION");

        (stored!.Secured, stored.Value).Should().Be((false, record.Format()));
        (await Store(stage).ListRecordsAsync(Cancellation)).Should().Equal(posted);
    }

    [Fact]
    public async Task A_record_is_changed_in_its_place_and_forgotten()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var first = await Store(stage)
            .NoteAsync(null, new ScheduleRecord(Declared.Name, null, new("secret-rotator", Fingerprint.Of(Declared))), Cancellation);
        var owned = new ScheduleRecord(
            Declared.Name, new("secret-rotator", Guid.NewGuid().ToString(), Fingerprint.Of(Declared), IsMade: true), null);

        var second = await Store(stage).NoteAsync(first, owned, Cancellation);

        (await Store(stage).ListRecordsAsync(Cancellation)).Should().Equal(second);
        await Store(stage).ForgetAsync(second, Cancellation);
        await Store(stage).ForgetAsync(second, Cancellation);
        (await Store(stage).ListRecordsAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_two_runs_that_note_the_same_schedule_one_is_refused()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var record = new ScheduleRecord(Declared.Name, null, new("secret-rotator", Fingerprint.Of(Declared)));
        await Store(stage).NoteAsync(null, record, Cancellation);

        (await FailureOf(() => Store(stage).NoteAsync(null, record, Cancellation))).Message.Should()
            .StartWith("Another run noted the schedule nightly-rotation a moment ago");
    }

    [Fact]
    public async Task A_record_that_someone_wrote_something_else_into_stops_everything()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(BitbucketStage.Home, "SECRET_ROTATOR_SCHEDULE_X", "hands off", secured: false);

        var failure = await FailureOf(() => Store(stage).ListRecordsAsync(Cancellation));

        failure.Message.Should().Contain("SECRET_ROTATOR_SCHEDULE_X").And.NotContain("hands off");
    }

    [Fact]
    public async Task The_stand_in_refuses_what_bitbucket_refuses()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repositories["payments-api"].PipelinesEnabled = false);

        (await FailureOf(() => Store(stage).ListAsync(new("acme", "payments-api"), Cancellation))).Kind.Should().Be(FailureKind.NotFound);
        (await FailureOf(() => Store(stage).ListAsync(new("acme", "nowhere"), Cancellation))).Kind.Should().Be(FailureKind.NotFound);
    }

    private static IScheduleStore Store(BitbucketStage stage) => stage.Connection.Schedules(BitbucketStage.Home);

    private static Task<List<ScheduleState>> StandingAsync(BitbucketStage stage) =>
        stage.Host.Store.ReadAsync(state => state.Bitbucket.Workspaces["acme"].Repositories["secret-rotator"].Schedules.ToList());

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
