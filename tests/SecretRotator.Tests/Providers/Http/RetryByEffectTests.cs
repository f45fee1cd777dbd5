using NodaTime.Testing;
using SecretRotator.Providers.Http;

namespace SecretRotator.Tests.Providers.Http;

public sealed class RetryByEffectTests
{
    private static readonly RetryPatience Patience = new()
    {
        Tries = 3,
        FirstPause = TimeSpan.FromSeconds(1),
        FirstThrottledPause = TimeSpan.FromSeconds(4),
        LongestPause = TimeSpan.FromSeconds(6),
    };

    private readonly SkippingTime _time = new();
    private Tries _tries = new();
    private int _sent;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static TryFailed Rejected => new(Effect.Rejected, NextTry.AfterPause);

    private static TryFailed Unknown => new(Effect.Unknown, NextTry.AfterPause);

    private static TryFailed Throttled => new(Effect.Rejected, NextTry.Throttled);

    [Fact]
    public async Task An_answer_ends_the_tries()
    {
        (await RunAsync(Call(), Rejected, null)).Should().Be(2);

        (_tries.Count, _tries.MayHaveHappened).Should().Be((1, false));
    }

    [Fact]
    public async Task What_may_have_happened_is_repeated_where_twice_is_as_good_as_once()
    {
        (await RunAsync(Call(), Unknown, null)).Should().Be(2);

        _tries.MayHaveHappened.Should().BeTrue("the first try may land yet");
    }

    [Fact]
    public async Task What_may_have_happened_is_never_repeated_where_twice_is_something_else()
    {
        await FailureOf(Call(isIdempotent: false), Unknown, null);

        _sent.Should().Be(1);
    }

    [Fact]
    public async Task What_was_rejected_for_certain_is_repeated_whatever_the_call() =>
        (await RunAsync(Call(isIdempotent: false), Rejected, Throttled, null)).Should().Be(3);

    [Fact]
    public async Task What_another_try_can_not_help_is_told_at_once()
    {
        var failed = new TryFailed(Effect.Rejected, NextTry.Never);

        (await FailureOf(Call(), failed, null)).Should().BeSameAs(failed);
        _time.Waits.Should().BeEmpty();
    }

    [Fact]
    public async Task An_earlier_try_that_may_have_happened_counts_though_the_last_one_was_rejected()
    {
        await FailureOf(Call(), Unknown, new TryFailed(Effect.Rejected, NextTry.Never));

        _tries.MayHaveHappened.Should().BeTrue();
    }

    [Fact]
    public async Task The_last_try_is_left_to_who_tells_it()
    {
        await FailureOf(Call(isIdempotent: false), Unknown);

        _tries.MayHaveHappened.Should().BeFalse("only tries before it are told of");
    }

    [Fact]
    public async Task Patience_ends_with_the_last_try_told()
    {
        var last = new TryFailed(Effect.Rejected, NextTry.AfterPause);

        (await FailureOf(Call(), Rejected, Rejected, last, null)).Should().BeSameAs(last);
        (_sent, _tries.Count, _tries.Length).Should().Be((3, 3, _time.Waited));
    }

    [Fact]
    public async Task Throttled_tries_count_with_the_others_where_they_have_no_number_of_their_own()
    {
        await FailureOf(Call(), Throttled, Rejected, Throttled, null);

        _sent.Should().Be(3);
    }

    [Fact]
    public async Task Throttled_tries_count_apart_where_they_have_a_number_of_their_own()
    {
        var patience = Patience with { ThrottledTries = 2 };

        (await RunAsync(patience, Call(), Rejected, Throttled, Rejected, null)).Should().Be(4);
        await FailureOf(patience, Call(), Throttled, Throttled, null);
        _sent.Should().Be(6);
    }

    [Theory]
    [InlineData(false, 1, 2, 4, 6)]
    [InlineData(true, 4, 6, 6, 6)]
    public async Task Pauses_double_up_to_the_longest(bool throttled, params int[] seconds)
    {
        var failed = throttled ? Throttled : Rejected;

        await FailureOf(Patience with { Tries = 5 }, Call(), failed, failed, failed, failed, failed);

        _time.Waits.Should().Equal(seconds.Select(each => TimeSpan.FromSeconds(each)));
    }

    [Theory]
    [InlineData(0, 0.75)]
    [InlineData(255, 1.25)]
    public async Task Jitter_is_drawn_between_two_parts_of_the_pause(byte drawn, double seconds)
    {
        var retry = new Retry(Patience with { Drawn = (0.75, 1.25) }, new ScriptedRandom(drawn), _time);

        await retry.RunAsync(Call(), Sending(Rejected, null), Cancellation);

        _time.Waits.Should().Equal(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task What_the_service_asks_to_wait_is_waited_instead()
    {
        await RunAsync(Call(), new TryFailed(Effect.Rejected, NextTry.AfterPause, TimeSpan.FromSeconds(17)), null);

        _time.Waits.Should().Equal(TimeSpan.FromSeconds(17));
    }

    [Fact]
    public async Task A_service_that_asks_to_wait_for_too_long_fails_the_call_at_once()
    {
        var asks = new TryFailed(Effect.Rejected, NextTry.AfterPause, TimeSpan.FromSeconds(17));

        await FailureOf(Patience with { LongestRetryAfter = TimeSpan.FromSeconds(16) }, Call(), asks, null);

        (_sent, _time.Waits.Count).Should().Be((1, 0));
    }

    [Fact]
    public async Task What_admits_tries_makes_throttled_ones_rest()
    {
        var admitted = 0;
        var call = Call() with
        {
            Admit = _ =>
            {
                admitted++;
                return Task.CompletedTask;
            },
        };

        await RunAsync(call, new TryFailed(Effect.Rejected, NextTry.Throttled, TimeSpan.FromSeconds(17)), Rejected, null);

        admitted.Should().Be(3);
        _time.Waits.Should().Equal([TimeSpan.FromSeconds(2)], "only the try that wasn't throttled is followed by a pause");
    }

    [Fact]
    public async Task What_has_been_set_right_is_tried_at_once_beyond_all_patience()
    {
        var failed = new TryFailed(Effect.Unknown, NextTry.AtOnce);

        (await RunAsync(Patience with { Tries = 1 }, Call(isIdempotent: false), failed, null)).Should().Be(2);

        _time.Waited.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_lease_that_is_over_after_a_pause_lets_no_further_try_through()
    {
        var clock = new FakeClock(Instant.FromUtc(2026, 11, 23, 12, 0));
        var call = Call() with { Lease = new Lease(clock, clock.GetCurrentInstant() + Duration.FromMinutes(1)) };

        var run = () => new Retry(Patience, new ScriptedRandom(255), _time).RunAsync(
            call,
            token =>
            {
                clock.AdvanceMinutes(1);
                return Sending(Unknown, null)(token);
            },
            Cancellation);

        await run.Should().ThrowAsync<LeaseOverException>();
        (_sent, _tries.MayHaveHappened).Should().Be((1, true));
    }

    [Fact]
    public async Task A_lease_is_asked_after_the_admission()
    {
        var clock = new FakeClock(Instant.FromUtc(2026, 11, 23, 12, 0));
        var call = Call() with
        {
            Lease = new Lease(clock, clock.GetCurrentInstant() + Duration.FromMinutes(1)),
            Admit = _ =>
            {
                clock.AdvanceMinutes(1);
                return Task.CompletedTask;
            },
        };

        await FluentActions.Awaiting(() => RunAsync(call, [null])).Should().ThrowAsync<LeaseOverException>();
        _sent.Should().Be(0);
    }

    [Fact]
    public async Task A_try_that_fails_because_of_a_cancellation_is_a_cancellation()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var run = () => new Retry(Patience, new ScriptedRandom(255), _time).RunAsync(
            Call(),
            async token =>
            {
                await stop.CancelAsync();
                return await Sending(new TryFailed(Effect.Rejected, NextTry.Never))(token);
            },
            stop.Token);

        await run.Should().ThrowAsync<OperationCanceledException>();
        _sent.Should().Be(1);
    }

    [Fact]
    public async Task A_mistake_in_the_program_goes_its_way()
    {
        var run = () => new Retry(Patience, new ScriptedRandom(255), _time)
            .RunAsync<int>(Call(), _ => throw new InvalidOperationException(), Cancellation);

        await run.Should().ThrowAsync<InvalidOperationException>();
        _tries.Count.Should().Be(0);
    }

    private RetriedCall Call(bool isIdempotent = true) =>
        new(isIdempotent, thrown => (thrown as TryFailed)?.Judged()) { Tries = _tries = new() };

    private Task<int> RunAsync(RetriedCall call, params TryFailed?[] tries) => RunAsync(Patience, call, tries);

    private Task<int> RunAsync(RetryPatience patience, RetriedCall call, params TryFailed?[] tries) =>
        new Retry(patience, new ScriptedRandom(255), _time).RunAsync(call, Sending(tries), Cancellation);

    private Task<TryFailed> FailureOf(RetriedCall call, params TryFailed?[] tries) => FailureOf(Patience, call, tries);

    private async Task<TryFailed> FailureOf(RetryPatience patience, RetriedCall call, params TryFailed?[] tries) =>
        (await FluentActions.Awaiting(() => RunAsync(patience, call, tries)).Should().ThrowAsync<TryFailed>()).Which;

    // How each try ends; null with an answer, which is its number.
    private Func<CancellationToken, Task<int>> Sending(params TryFailed?[] tries)
    {
        var before = _sent;
        return _ => tries[_sent++ - before] is { } failed ? throw failed : Task.FromResult(_sent - before);
    }

    private sealed class TryFailed(Effect effect, NextTry next, TimeSpan? retryAfter = null) : Exception
    {
        public JudgedTry Judged() => new(effect, next, retryAfter, _ => this);
    }
}
