using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class CallPacerTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_within_the_budget_go_at_once()
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 20);

        for (var i = 0; i < 18; i++)
            await pacer.AdmitAsync(finishing: false, Cancellation);

        pacer.Calls.Should().Be(18);
    }

    [Fact]
    public async Task The_call_over_the_budget_waits_until_the_first_one_is_an_hour_old()
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 1);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        time.Pass(TimeSpan.FromMinutes(10));

        var second = pacer.AdmitAsync(finishing: false, Cancellation);
        time.Pass(TimeSpan.FromMinutes(50) - Moment);
        var early = second.IsCompleted;
        time.Pass(Moment);
        await second;

        early.Should().BeFalse();
    }

    [Fact]
    public async Task No_hour_ever_holds_more_calls_than_the_budget()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 10);
        List<TimeSpan> admissions = [];
        for (var i = 0; i < 60; i++)
        {
            await pacer.AdmitAsync(finishing: i % 3 == 0, Cancellation);
            admissions.Add(time.Waited);
            time.Pass(TimeSpan.FromSeconds(i * 7));
        }

        admissions.Max(end => admissions.Count(a => a > end - TimeSpan.FromHours(1) && a <= end)).Should().Be(10);
    }

    [Fact]
    public async Task A_part_of_the_budget_is_kept_for_undoing()
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 20);
        for (var i = 0; i < 18; i++)
            await pacer.AdmitAsync(finishing: false, Cancellation);

        var beginning = pacer.AdmitAsync(finishing: false, Cancellation);
        var undo = pacer.AdmitAsync(finishing: true, Cancellation);

        (beginning.IsCompleted, undo.IsCompleted).Should().Be((false, true));
    }

    [Fact]
    public async Task It_tells_how_many_calls_are_left()
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 100);
        for (var i = 0; i < 30; i++)
            await pacer.AdmitAsync(finishing: false, Cancellation);
        var left = pacer.CallsLeft;
        time.Pass(TimeSpan.FromHours(1));

        (left, pacer.CallsLeft).Should().Be((60, 90));
    }

    [Fact]
    public async Task Calls_are_admitted_in_the_order_in_which_they_asked()
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 1);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        var first = pacer.AdmitAsync(finishing: false, Cancellation);
        var second = pacer.AdmitAsync(finishing: false, Cancellation);

        time.Pass(TimeSpan.FromHours(1));
        await first;

        second.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_429_every_call_rests(bool finishing)
    {
        var time = new ManualTime();
        using var pacer = Pacer(time, 100, drawn: 255);
        pacer.Rest(asked: null);

        var call = pacer.AdmitAsync(finishing, Cancellation);
        time.Pass(TimeSpan.FromSeconds(5) - Moment);
        var early = call.IsCompleted;
        time.Pass(Moment);
        await call;

        early.Should().BeFalse();
    }

    [Fact]
    public async Task After_a_rest_calls_come_back_one_after_the_other()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 100, drawn: 0);
        pacer.Rest(asked: null);

        await pacer.AdmitAsync(finishing: false, Cancellation);
        await pacer.AdmitAsync(finishing: false, Cancellation);

        time.Waits.Should().Equal(TimeSpan.FromSeconds(2.5), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task The_spacing_goes_when_calls_are_answered_again()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 100);
        pacer.Rest(asked: null);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        for (var i = 0; i < 10; i++)
            pacer.Answered(new HttpResponseMessage());

        var before = time.Waited;
        await pacer.AdmitAsync(finishing: false, Cancellation);

        time.Waited.Should().Be(before);
    }

    [Fact]
    public async Task Rests_grow_while_the_429s_go_on_and_stay_bounded()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 100, drawn: 255);
        List<TimeSpan> rests = [];
        for (var i = 0; i < 7; i++)
        {
            var before = time.Waited;
            pacer.Rest(asked: null);
            await pacer.AdmitAsync(finishing: false, Cancellation);
            rests.Add(time.Waited - before);
        }

        rests.Select(r => r.TotalSeconds).Should().Equal(5, 10, 20, 40, 60, 60, 60);
    }

    [Fact]
    public async Task Calls_that_were_on_their_way_don_t_make_the_rest_longer()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 100, drawn: 255);
        for (var i = 0; i < 8; i++)
            pacer.Rest(asked: null);

        await pacer.AdmitAsync(finishing: false, Cancellation);

        (time.Waited, pacer.Throttled).Should().Be((TimeSpan.FromSeconds(5), 8));
    }

    [Fact]
    public async Task A_rest_that_bitbucket_asks_for_is_kept()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 100);
        pacer.Rest(TimeSpan.FromSeconds(33));

        await pacer.AdmitAsync(finishing: false, Cancellation);

        time.Waited.Should().Be(TimeSpan.FromSeconds(33));
    }

    [Fact]
    public async Task Near_the_limit_new_work_slows_down_to_what_the_limit_carries()
    {
        var time = new SkippingTime();
        using var pacer = Pacer(time, 900);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        pacer.Answered(Limits("900", "true"));

        await pacer.AdmitAsync(finishing: true, Cancellation);
        var undo = time.Waited;
        await pacer.AdmitAsync(finishing: false, Cancellation);

        (undo, time.Waited).Should().Be((TimeSpan.Zero, TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public void A_limit_below_the_budget_replaces_it()
    {
        using var pacer = Pacer(new ManualTime(), 900);
        pacer.Answered(Limits("100", "false"));

        pacer.CallsLeft.Should().Be(90);
    }

    [Theory]
    [InlineData("5000", "false")]
    [InlineData("0", "false")]
    [InlineData("-1", "false")]
    [InlineData("many", "perhaps")]
    public void Any_other_limit_changes_nothing(string limit, string near)
    {
        using var pacer = Pacer(new ManualTime(), 900);
        pacer.Answered(Limits(limit, near));

        pacer.CallsLeft.Should().Be(850);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_costs_no_call()
    {
        using var pacer = Pacer(new ManualTime(), 1);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        using var cancelled = new CancellationTokenSource();
        var waiting = pacer.AdmitAsync(finishing: false, cancelled.Token);

        await cancelled.CancelAsync();

        await waiting.Awaiting(w => w).Should().ThrowAsync<OperationCanceledException>();
        pacer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_long_wait_is_announced()
    {
        List<TimeSpan> announced = [];
        using var pacer = new CallPacer(1, new CallPatience(), new SkippingTime(), new ScriptedRandom(0), announced.Add);
        await pacer.AdmitAsync(finishing: false, Cancellation);
        await pacer.AdmitAsync(finishing: false, Cancellation);

        announced.Should().Equal(TimeSpan.FromHours(1));
    }

    private static CallPacer Pacer(TimeProvider time, int callsPerHour, byte drawn = 0) =>
        new(callsPerHour, new CallPatience(), time, new ScriptedRandom(drawn));

    private static HttpResponseMessage Limits(string limit, string near)
    {
        var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("X-RateLimit-Limit", limit);
        response.Headers.TryAddWithoutValidation("X-RateLimit-NearLimit", near);
        return response;
    }
}
