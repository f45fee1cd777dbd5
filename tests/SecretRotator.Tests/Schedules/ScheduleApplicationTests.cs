using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Tests.Schedules;

public sealed class ScheduleApplicationTests
{
    private static readonly VariableScope.Repository Home = new("acme", "secret-rotator");
    private static readonly ScheduleDeclaration Nightly = Declared("nightly", "30 1 * * *");
    private static readonly ScheduleDeclaration Later = Declared("nightly", "45 1 * * *");
    private static readonly ScheduleDeclaration Hourly = Declared("hourly", "17 * * * *");

    private readonly ModelSchedules _bitbucket = new();

    public static TheoryData<int, bool> Deaths =>
        [.. Enumerable.Range(1, 7).SelectMany(change => new[] { (change, false), (change, true) })];

    [Fact]
    public async Task A_schedule_is_noted_made_and_noted_again()
    {
        await _bitbucket.RunAsync(Nightly);

        _bitbucket.Changes.Should().Equal("note", "create nightly", "note");
        _bitbucket.Records.Single().Record
            .Format()
            .Should().Be($"made=secret-rotator/{_bitbucket.Standing.Single().Uuid}/{Fingerprint.Of(Nightly).Value}");
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        await _bitbucket.RunAsync(Nightly, Hourly);
        _bitbucket.Changes.Clear();

        _bitbucket.Plan(Nightly, Hourly).IsDone.Should().BeTrue();
        await _bitbucket.RunAsync(Nightly, Hourly);

        _bitbucket.Changes.Should().BeEmpty();
    }

    [Fact]
    public async Task The_new_schedule_is_there_before_the_old_one_goes()
    {
        await _bitbucket.RunAsync(Nightly);
        _bitbucket.Changes.Clear();

        await _bitbucket.RunAsync(Later);

        _bitbucket.Changes.Should().Equal("note", "create nightly", "delete 0 30 1 * * ? *", "note");
        _bitbucket.Standing.Single().Pattern.Should().Be("0 45 1 * * ? *");
    }

    [Fact]
    public async Task Enabling_and_disabling_is_one_change()
    {
        await _bitbucket.RunAsync(Nightly);
        _bitbucket.Changes.Clear();

        _bitbucket.Plan(Nightly with { Enabled = false }).Items.Single().Action.Should().Be(ScheduleAction.Disable);
        await _bitbucket.RunAsync(Nightly with { Enabled = false });
        await _bitbucket.RunAsync(Nightly);

        _bitbucket.Changes.Should().Equal("disable", "enable");
    }

    [Fact]
    public async Task What_no_file_asks_for_any_more_is_deleted_if_this_tool_made_it()
    {
        await _bitbucket.RunAsync(Nightly, Hourly);
        _bitbucket.Changes.Clear();

        await _bitbucket.RunAsync(Hourly);

        _bitbucket.Changes.Should().Equal("delete 0 30 1 * * ? *", "forget");
        (_bitbucket.Standing.Count, _bitbucket.Records.Count).Should().Be((1, 1));
    }

    [Fact]
    public async Task A_foreign_schedule_is_never_touched()
    {
        var foreign = _bitbucket.Foreign(Declared("x", "0 5 * * *"), enabled: false);
        await _bitbucket.RunAsync(Nightly);
        await _bitbucket.RunAsync(Later);
        await _bitbucket.RunAsync(Hourly);

        _bitbucket.Standing.Should().Contain(foreign).And.HaveCount(2);
        _bitbucket.Plan(Hourly).Items
            .Single(item => item.Name is null)
            .Should().BeEquivalentTo(new { Action = ScheduleAction.Foreign, Kept = foreign });
    }

    [Fact]
    public async Task One_that_someone_made_just_so_is_adopted_and_no_second_one_made()
    {
        var foreign = _bitbucket.Foreign(Nightly, enabled: false);

        (await _bitbucket.RunAsync(Nightly)).Single().Item.Action.Should().Be(ScheduleAction.Adopt);

        _bitbucket.Standing.Should().Equal(foreign with { Enabled = true });
        _bitbucket.Records.Single().Record.Owned!.IsMade.Should().BeFalse();
        _bitbucket.Plan(Nightly).IsDone.Should().BeTrue();
    }

    [Fact]
    public async Task An_adopted_one_is_left_where_its_file_is_gone()
    {
        var foreign = _bitbucket.Foreign(Nightly);
        await _bitbucket.RunAsync(Nightly, Hourly);

        (await _bitbucket.RunAsync(Hourly)).Should().Contain(result => result.Item.Action == ScheduleAction.Release);

        _bitbucket.Standing.Should().Contain(foreign);
        _bitbucket.Records.Should().ContainSingle();
    }

    [Fact]
    public async Task An_adopted_one_is_disabled_and_not_deleted_where_it_is_replaced()
    {
        var foreign = _bitbucket.Foreign(Nightly);
        await _bitbucket.RunAsync(Nightly);

        await _bitbucket.RunAsync(Later);

        _bitbucket.Standing.Should().Contain(foreign with { Enabled = false }).And.HaveCount(2);
    }

    [Fact]
    public async Task One_that_someone_deleted_is_made_anew_and_without_a_file_forgotten()
    {
        await _bitbucket.RunAsync(Nightly, Hourly);
        _bitbucket.Standing.Clear();

        _bitbucket.Plan(Nightly).Items.Select(item => item.Action).Should().Equal(ScheduleAction.Create, ScheduleAction.Forget);
        await _bitbucket.RunAsync(Nightly);

        (_bitbucket.Standing.Count, _bitbucket.Records.Count).Should().Be((1, 1));
    }

    [Fact]
    public async Task A_schedule_can_move_to_another_repository()
    {
        await _bitbucket.RunAsync(Nightly);

        await _bitbucket.RunAsync(Nightly with { Repository = new("acme", "other") });

        _bitbucket.Standing.Single().Repository.Slug.Should().Be("other");
    }

    [Fact]
    public async Task A_renamed_schedule_is_made_anew_and_never_shared_with_the_old_name()
    {
        await _bitbucket.RunAsync(Nightly);
        var old = _bitbucket.Standing.Single();

        await _bitbucket.RunAsync(Nightly with { Name = "evening" });

        _bitbucket.Standing.Should().ContainSingle().Which.Uuid.Should().NotBe(old.Uuid);
        _bitbucket.Records.Should().ContainSingle().Which.Record.Owned!.IsMade.Should().BeTrue();
        _bitbucket.Plan(Nightly with { Name = "evening" }).IsDone.Should().BeTrue();
    }

    [Fact]
    public async Task A_failure_of_one_does_not_stop_the_others_and_leaves_no_note()
    {
        await _bitbucket.RunAsync(Hourly);
        _bitbucket.Refusal = new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "full");

        var results = await _bitbucket.RunAsync(Nightly, Hourly with { Enabled = false });

        results.Select(result => result.Failure?.Message).Should().Equal("full", null);
        _bitbucket.Standing.Single().Enabled.Should().BeFalse();
        _bitbucket.Records.Should().ContainSingle();
    }

    [Fact]
    public async Task A_replacement_that_is_refused_leaves_the_old_one_and_its_record()
    {
        await _bitbucket.RunAsync(Nightly);
        var (standing, record) = (_bitbucket.Standing.Single(), _bitbucket.Records.Single());
        _bitbucket.Refusal = new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "full");

        await _bitbucket.RunAsync(Later);

        _bitbucket.Standing.Should().Equal(standing);
        _bitbucket.Records.Should().Equal(record);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public Task A_creation_that_dies_anywhere_is_finished_without_a_second_schedule(int change, bool after) =>
        ShouldConvergeAsync([], [Nightly, Hourly], change, after);

    [Theory]
    [MemberData(nameof(Deaths))]
    public Task A_replacement_that_dies_anywhere_is_finished_without_a_leftover(int change, bool after) =>
        ShouldConvergeAsync([Nightly, Hourly], [Later, Hourly], change, after);

    [Theory]
    [MemberData(nameof(Deaths))]
    public Task A_deletion_that_dies_anywhere_is_finished(int change, bool after) =>
        ShouldConvergeAsync([Nightly, Hourly], [Hourly with { Enabled = false }], change, after);

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_file_that_changes_after_a_death_leaves_nothing_of_the_former_wish(int change, bool after)
    {
        await DieAsync([Nightly], change, after);
        await ShouldConvergeAsync([], [Later], change: 0, after: false);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_file_that_is_gone_after_a_death_leaves_nothing(int change, bool after)
    {
        await DieAsync([Nightly], change, after);
        await ShouldConvergeAsync([], [Hourly], change: 0, after: false);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hands off")]
    [InlineData("made=secret-rotator/x/0123456789abcdef")]
    [InlineData("made=secret-rotator/11111111-1111-4111-8111-111111111111/0123456789ABCDEF")]
    [InlineData("making=secret-rotator/0123456789abcdef made=secret-rotator/11111111-1111-4111-8111-111111111111/0123456789abcdef")]
    public void A_record_that_someone_else_wrote_is_none(string text) => ScheduleRecord.Parse("nightly", text).Should().BeNull();

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        var record = new ScheduleRecord(
            "nightly", new("secret-rotator", "11111111-1111-4111-8111-111111111111", Fingerprint.Of(Nightly), IsMade: false),
            new("other", Fingerprint.Of(Later)));

        ScheduleRecord.Parse("nightly", record.Format()).Should().Be(record);
    }

    private static ScheduleDeclaration Declared(string name, string cron)
    {
        var times = UtcTimesTests.Times(cron);
        return new(name, Home, "rotate", "main", times, DateTimeZone.Utc, times, Enabled: true, name + ".yaml");
    }

    private async Task ShouldConvergeAsync(ScheduleDeclaration[] before, ScheduleDeclaration[] wanted, int change, bool after)
    {
        var foreign = _bitbucket.Foreign(Declared("x", "0 5 * * *"));
        await _bitbucket.RunAsync([.. before]);
        if (change > 0)
            await DieAsync(wanted, _bitbucket.Changes.Count + change, after);
        await _bitbucket.RunAsync([.. wanted]);

        _bitbucket.Standing.Where(schedule => schedule != foreign)
            .Select(schedule => (schedule.Pattern, schedule.Enabled))
            .Should().BeEquivalentTo(wanted.Select(each => (each.Pattern, each.Enabled)));
        _bitbucket.Standing.Should().Contain(foreign);
        _bitbucket.Plan([.. wanted]).IsDone.Should().BeTrue();
        _bitbucket.Records.Should().OnlyContain(posted => posted.Record.Owned!.IsMade && posted.Record.Making == null).And
            .HaveCount(wanted.Length);
    }

    private async Task DieAsync(ScheduleDeclaration[] wanted, int change, bool after)
    {
        (_bitbucket.DiesAt, _bitbucket.DiesAfter) = (change, after);
        try
        {
            await _bitbucket.RunAsync([.. wanted]);
        }
        catch (DeadException)
        {
            // The next run finds what is left of it.
        }

        _bitbucket.DiesAt = 0;
    }
}
