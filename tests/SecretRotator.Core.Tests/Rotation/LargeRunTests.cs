using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Runs that need more calls than an hour has: 20 secrets, each in a repository of its own.</summary>
public sealed class LargeRunTests
{
    private static readonly Duration Hour = Duration.FromHours(1);
    private static readonly Duration Old = Duration.FromDays(40);
    private readonly ModelCloud _cloud = new();
    private readonly List<int> _callsOfHours = [];
    private readonly ModelMachine _machine;
    private readonly ManagedSecret[] _secrets =
        [.. Enumerable.Range(0, 20).Select(i => Inventories.Plain($"s{i:d2}", new VariableScope.Repository("acme", $"r{i:d2}")))];

    public LargeRunTests() => _machine = new ModelMachine(_cloud)
    {
        Time = new SkippingTime(wait =>
        {
            if (wait < TimeSpan.FromHours(1))
                return;
            _callsOfHours.Add(BitbucketCalls - _callsOfHours.Sum());
            _cloud.Clock.Advance(Duration.FromTimeSpan(wait));
        }),
    };

    private int BitbucketCalls => _cloud.Calls.Count(call => call.StartsWith("list ") || call.StartsWith("put "));

    // Two calls are kept for an undo. Seven secrets take three each: observing, a PUT and the verification.
    [Fact]
    public async Task A_run_lists_the_scopes_of_what_it_starts_and_of_no_more_than_the_calls_last_for()
    {
        var result = await RunAsync(Of(calls: 24), PlanRequest.Everything);

        Rotated(result).Should().HaveCount(7);
        result.Plan.ObservationCost.Bitbucket.Should().Be(8);
        BitbucketCalls.Should().Be(22);
        result.Plan.ActionCost.Bitbucket.Should().Be(14);
    }

    [Fact]
    public async Task The_longest_overdue_are_rotated_first()
    {
        foreach (var secret in _secrets)
            _cloud.Deliver(secret, "old-value", secret.Name is "s03" or "s17" ? Duration.FromDays(90) : Old);
        var result = await _machine.RotateAsync(Of(calls: 8));

        Rotated(result).Should().BeEquivalentTo("s03", "s17");
    }

    [Fact]
    public async Task What_was_not_listed_is_never_told_as_not_due()
    {
        var result = await RunAsync(Of(calls: 5), PlanRequest.Everything, age: Duration.FromDays(4));

        result.Results.Count(r => r.Outcome is RotationOutcome.Untouched { Decision: Decision.NotDue }).Should().Be(5);
        result.Results.Where(r => r.Outcome is not RotationOutcome.Untouched { Decision: Decision.NotDue })
            .Should().HaveCount(15).And.OnlyContain(r => ((RotationOutcome.Untouched)r.Outcome).Decision is Decision.Waiting);
    }

    [Fact]
    public async Task A_run_with_a_time_to_end_goes_on_an_hour_later_with_what_is_left()
    {
        var result = await RunAsync(Of(calls: 24), Until(Duration.FromHours(10)));

        Rotated(result).Should().HaveCount(20);
        _secrets.Should().OnlyContain(secret => _cloud.Agrees(secret));
        _callsOfHours.Should().Equal(22, 22);
        BitbucketCalls.Should().BeLessThanOrEqualTo(3 * 24);
        (result.Plan.ObservationCost + result.Plan.ActionCost).Bitbucket.Should().Be(BitbucketCalls);
        result.Plan.Backlog.Should().BeNull();
    }

    [Fact]
    public async Task Each_secret_ends_once_however_often_the_run_went_on()
    {
        await RunAsync(Of(calls: 24), Until(Duration.FromHours(2)));

        _machine.Evidence.OfType<EvidenceRecord.Ended>().Select(ended => ended.Secret).Should()
            .BeEquivalentTo(_secrets.Select(secret => secret.Name));
        _machine.Evidence.OfType<EvidenceRecord.Ended>().Count(ended => ended.Outcome is RotationOutcome.Untouched).Should().Be(6);
        _machine.Evidence.OfType<EvidenceRecord.Decided>().Count(decided => decided.Decision is Decision.Waiting).Should().Be(13);
    }

    [Theory]
    [InlineData(59, 7)]
    [InlineData(60, 7)]
    [InlineData(61, 14)]
    public async Task A_run_does_not_wait_for_calls_that_come_after_its_end(int minutes, int rotated)
    {
        var result = await RunAsync(Of(calls: 24), Until(Duration.FromMinutes(minutes)));

        Rotated(result).Should().HaveCount(rotated);
    }

    [Fact]
    public async Task Nothing_is_started_once_the_time_is_over()
    {
        _cloud.At("list r00", () => _cloud.Clock.Advance(Hour));
        var result = await RunAsync(Of(calls: 24), Until(Hour));

        Rotated(result).Should().BeEmpty();
        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("--until");
    }

    [Fact]
    public async Task A_run_without_a_time_to_end_waits_for_no_calls()
    {
        await RunAsync(Of(calls: 24), PlanRequest.Everything);

        _callsOfHours.Should().BeEmpty();
    }

    [Fact]
    public async Task A_run_in_which_too_much_failed_does_not_go_on()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.Refused : CallFate.Works;
        var result = await RunAsync(Of(calls: 64), Until(Duration.FromHours(10)));

        _callsOfHours.Should().BeEmpty();
        result.Results.Count(r => r.Outcome is RotationOutcome.RolledBack).Should().BeInRange(3, 6);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public async Task A_run_that_is_throttled_ends_unless_something_came_of_it(int listed, int hours)
    {
        var lists = 0;
        _cloud.Fate = (call, _) => call.StartsWith("list ") && Interlocked.Increment(ref lists) is var made && made > listed && made <= 8
            ? throw new RemoteFailureException(FailureKind.Throttled, Effect.Rejected, "Too many.")
            : CallFate.Works;
        await RunAsync(Of(calls: 24), Until(Duration.FromMinutes(90)));

        _callsOfHours.Should().HaveCount(hours);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_waits_ends_with_what_it_did()
    {
        var machine = new ModelMachine(_cloud) { Time = new StoppedInPause(() => _machine.Cancellation.Cancel()) };
        Deliver(Old);
        var result = await new RotationJob(machine.Tools).RunAsync(
            Of(calls: 24), Until(Duration.FromHours(10)), null, _machine.Cancellation.Token);

        (Rotated(result).Count(), result.Cancelled).Should().Be((7, false));
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_looks_again_ends_with_what_it_did()
    {
        _cloud.At("describe path/s19", () =>
        {
            if (_callsOfHours.Count > 0)
                _machine.Cancellation.Cancel();
        });
        var result = await RunAsync(Of(calls: 24), Until(Duration.FromHours(10)));

        (Rotated(result).Count(), result.Cancelled).Should().Be((7, false));
    }

    [Fact]
    public async Task What_was_forced_in_the_first_hour_is_not_forced_again()
    {
        await RunAsync(
            Of(calls: 24), Until(Duration.FromHours(10)) with { Force = ["s05"], ForceReason = "leaked", ForcedBy = "ada" });

        _cloud.Calls.Count(call => call == "put r05:S05").Should().Be(1);
    }

    // Every verification fails, so every rotation that is started is undone. Calls to undo don't come back then.
    [Fact]
    public async Task Whatever_is_undone_the_calls_of_the_hour_are_never_exceeded()
    {
        _cloud.Fate = (call, number) => call.StartsWith("list ") && number == 2 ? CallFate.Refused : CallFate.Works;
        var result = await RunAsync(Limited(Of(calls: 64), limits => limits with { FailuresBeforeStop = 100 }), PlanRequest.Everything);

        result.Results.Count(r => r.Outcome is RotationOutcome.RolledBack).Should().Be(3);
        result.Results.Count(r => r.Item.Decision is Decision.Due && r.Outcome is RotationOutcome.Untouched { Decision: Decision.Waiting })
            .Should().Be(16);
        BitbucketCalls.Should().BeLessThanOrEqualTo(64);
        _secrets.Should().OnlyContain(secret => _cloud.Agrees(secret));
    }

    [Fact]
    public async Task No_more_rotations_are_at_work_than_could_be_undone()
    {
        var (open, most) = (0, 0);
        _cloud.Fate = (call, _) =>
        {
            open += call.StartsWith("claim ") ? 1 : call.StartsWith("promote ") ? -1 : 0;
            most = Math.Max(most, open);
            return CallFate.Works;
        };
        var result = await RunAsync(Of(calls: 64), PlanRequest.Everything);

        Rotated(result).Should().HaveCount(19);
        most.Should().BeInRange(2, 3);
    }

    private static RotationInventory Limited(RotationInventory inventory, Func<RunLimits, RunLimits> change) =>
        inventory with { Limits = change(inventory.Limits) };

    private static IEnumerable<string> Rotated(RunResult result) =>
        result.Results.Where(r => r.Outcome is RotationOutcome.Rotated).Select(r => r.Item.Secret.Name);

    private static PlanRequest Until(Duration length) => new() { Until = ModelCloud.Start + length };

    private RotationInventory Of(int calls) =>
        Limited(Inventories.Of(_secrets), limits => limits with { BitbucketCallsPerHour = calls });

    private void Deliver(Duration age)
    {
        foreach (var secret in _secrets)
            _cloud.Deliver(secret, "old-value", age);
    }

    private async Task<RunResult> RunAsync(RotationInventory inventory, PlanRequest request, Duration? age = null)
    {
        Deliver(age ?? Old);
        return await _machine.RotateAsync(inventory, request);
    }

    private sealed class StoppedInPause(Action stop) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.FromHours(1))
                stop();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
