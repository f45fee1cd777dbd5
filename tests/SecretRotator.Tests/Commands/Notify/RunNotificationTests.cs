using SecretRotator.EvidenceStorage;
using SecretRotator.Notifications;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

/// <summary>What receivers are told of runs, and that nothing of it changes how a run ends.</summary>
public sealed class RunNotificationTests : IDisposable
{
    private readonly CommandFixture _run = new();

    public RunNotificationTests() => _run.AddReceivers();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Each_receiver_gets_one_message_of_what_it_asks_for()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[3], Samples.Outcomes[3], Samples.Outcomes[7]]);

        await _run.RunAsync("rotate");

        Told("on-call").Should().Equal(NotificationEvent.Failed, NotificationEvent.Failed);
        Told("auditors").Should().Equal(NotificationEvent.Failed, NotificationEvent.Failed, NotificationEvent.Blocked);
        _run.Sessions.Notified.Should().HaveCount(2).And.OnlyContain(message => message.Notification.ExitCode == 4);
    }

    [Fact]
    public async Task A_rollback_is_told_of_too_and_calls_no_heartbeat()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[5]]);
        await _run.RunAsync("rollback", "payments-db", "--to", "previous", "--reason", "x");
        Told("on-call").Should().Equal(NotificationEvent.NeedsOperator);

        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);
        await _run.RunAsync("rollback", "payments-db", "--to", "previous", "--reason", "x");
        _run.Sessions.Notified.Should().NotContain(message => message.Receiver is NotificationReceiver.Heartbeat);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, false)]
    [InlineData(7, false)]
    public async Task The_heartbeat_is_called_after_a_good_run_only(int outcome, bool called)
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[outcome]]);

        await _run.RunAsync("rotate");

        _run.Sessions.Notified.Any(message => message.Receiver is NotificationReceiver.Heartbeat).Should().Be(called);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 4)]
    [InlineData(5, 5)]
    [InlineData(7, 6)]
    public async Task A_receiver_that_was_not_told_is_a_warning_and_changes_no_exit_code(int outcome, int expected)
    {
        foreach (var name in (string[])["on-call", "auditors", "heartbeat"])
            _run.Sessions.NotTold[name] = new(FailureKind.Unavailable, $"{name} was not told", "Look at it.");
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[outcome]]);

        (await _run.RunAsync("rotate", "--output", "json", "--log-format", "json")).Should().Be(expected);

        _run.Error.Should().Contain("\"Id\":2005").And.Contain("Look at it.");
        _run.Json.GetProperty("notifications").EnumerateArray().Should().NotBeEmpty().And
            .OnlyContain(told => !told.GetProperty("sent").GetBoolean());
        _run.Sessions.Ended.Should().Equal((ExitCode)expected);
    }

    [Fact]
    public async Task A_run_that_could_not_begin_is_told_of()
    {
        _run.Sessions.OpeningFails = new RemoteFailureException(FailureKind.Unauthenticated, Effect.Rejected, "No token.");

        (await _run.RunAsync("rotate")).Should().Be(6);

        _run.Sessions.Notified.Should().HaveCount(2).And.OnlyContain(message =>
            message.Notification.Entries.Single() == new NotificationEntry(
                NotificationEvent.Failed, null, null, FailureKind.Unauthenticated)
                && message.Notification.ExitCode == 6);
    }

    [Fact]
    public async Task A_run_that_was_stopped_half_way_is_told_of()
    {
        _run.Sessions.Run = (_, _, _) => throw new PlanChangedException(new string('a', 64), new string('b', 64));

        (await _run.RunAsync("rotate")).Should().Be(6);

        _run.Sessions.Notified[0].Notification.Entries.Single().Failure.Should().Be(FailureKind.PlanOutdated);
    }

    [Fact]
    public async Task What_a_person_stopped_is_not_told_of()
    {
        _run.Sessions.Run = (_, _, _) => throw new OperationCanceledException();

        (await _run.RunAsync("rotate")).Should().Be(130);

        _run.Sessions.Notified.Should().BeEmpty();
    }

    [Fact]
    public async Task Evidence_that_is_only_on_a_runner_needs_an_operator()
    {
        _run.Sessions.Archived = new ArchiveOutcome.Missing(new(FailureKind.AccessDenied, "x"), ["run.jsonl"], [], KeptLocally: false);

        (await _run.RunAsync("rotate")).Should().Be(5);

        Told("on-call").Should().Equal(NotificationEvent.NeedsOperator);
    }

    [Fact]
    public async Task The_first_success_after_a_failure_is_told_to_those_who_ask_for_it()
    {
        var failed = _run.Sessions.Past.Runs;
        var secret = Samples.RunOf([Samples.Outcomes[0]]).Results[0].Item.Secret.Name;
        failed.Add(
            new("r",
                "rotate", "jo", Samples.Now - NodaTime.Duration.FromDays(1), Samples.Now - NodaTime.Duration.FromDays(1), 4, "r.jsonl"),
            [new(secret, Samples.Now - NodaTime.Duration.FromHours(20), "r", "due", "rolled-back", null, null, null, null, "", [])]);
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);

        await _run.RunAsync("rotate");

        Told("auditors").Should().Equal(NotificationEvent.Recovered);
        Told("on-call").Should().BeEmpty();
    }

    [Fact]
    public async Task A_plan_shows_what_would_be_sent_and_sends_nothing()
    {
        _run.Sessions.Plan = Samples.PlanOf([Samples.Decisions[9]]);

        await _run.RunAsync("plan");
        _run.Out.Should().Contain("auditors (webhook): 1 blocked");
        await _run.RunAsync("plan", "--output", "json");

        _run.Json.GetProperty("notifications")[0].GetProperty("receiver").GetString().Should().Be("auditors");
        _run.Sessions.Notified.Should().BeEmpty();
    }

    [Fact]
    public async Task The_message_links_to_the_pipeline_s_step()
    {
        foreach (var (name, value) in new[]
        {
            ("BITBUCKET_WORKSPACE", "acme"), ("BITBUCKET_REPO_SLUG", "secret-rotator"), ("BITBUCKET_BUILD_NUMBER", "17"),
            ("BITBUCKET_PIPELINE_UUID", "{0a1b2c3d-0000-4000-8000-000000000017}"),
            ("BITBUCKET_STEP_UUID", "{0a1b2c3d-0000-4000-8000-000000000018}"), ("BITBUCKET_STEP_RUN_NUMBER", "1"),
        })
            _run.Environment[name] = value;
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[3]]);

        await _run.RunAsync("rotate");

        _run.Sessions.Notified[0].Notification.Link!.AbsoluteUri.Should().Be(
            "https://bitbucket.org/acme/secret-rotator/pipelines/results/17/steps/%7B0a1b2c3d-0000-4000-8000-000000000018%7D");
    }

    private IEnumerable<NotificationEvent> Told(string receiver) => _run.Sessions.Notified
        .Where(message => message.Receiver.Name == receiver).SelectMany(message => message.Notification.Entries)
        .Select(entry => entry.Event);
}
