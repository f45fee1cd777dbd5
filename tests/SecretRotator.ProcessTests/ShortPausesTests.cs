using SecretRotator.Tests.Models;

namespace SecretRotator.Tests.Processes;

/// <summary>The time that commands have inside this process: which waits it shortens, and which it leaves.</summary>
public sealed class ShortPausesTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Part = Length / ShortPauses.Times;

    private readonly ManualTime _machine = new();
    private readonly ShortPauses _time;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ShortPausesTests() => _time = new ShortPauses(_machine);

    [Fact]
    public async Task A_pause_ends_after_a_part_of_its_time_and_all_of_it_has_passed()
    {
        var begin = _time.GetTimestamp();
        var pause = Task.Delay(Length, _time, Stop);

        _machine.Pass(Part - TimeSpan.FromTicks(1));
        pause.IsCompleted.Should().BeFalse();
        _machine.Pass(TimeSpan.FromTicks(1));
        await pause;

        _time.GetElapsedTime(begin).Should().Be(Length);
    }

    [Fact]
    public async Task Pauses_at_the_same_time_pass_once()
    {
        var begin = _time.GetTimestamp();
        var pauses = Task.WhenAll(Task.Delay(Length, _time, Stop), Task.Delay(Length, _time, CancellationToken.None));

        _machine.Pass(Part);
        await pauses;

        _time.GetElapsedTime(begin).Should().Be(Length);
    }

    [Fact]
    public void A_time_limit_takes_all_of_its_time()
    {
        using var limit = new CancellationTokenSource(Length, _time);

        _machine.Pass(Length - TimeSpan.FromTicks(1));
        limit.IsCancellationRequested.Should().BeFalse();
        _machine.Pass(TimeSpan.FromTicks(1));

        limit.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task The_time_limit_of_a_wait_takes_all_of_its_time()
    {
        var never = new TaskCompletionSource<int>();
        Task[] waits = [never.Task.WaitAsync(Length, _time, Stop), ((Task)never.Task).WaitAsync(Length, _time, Stop)];

        _machine.Pass(Length - TimeSpan.FromTicks(1));
        waits.Should().OnlyContain(wait => !wait.IsCompleted);
        _machine.Pass(TimeSpan.FromTicks(1));

        foreach (var wait in waits)
            await wait.Awaiting(each => each).Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public void A_pause_that_is_given_up_passes_nothing()
    {
        var begin = _time.GetTimestamp();
        using var given = new CancellationTokenSource();
        var pause = Task.Delay(Length, _time, given.Token);

        given.Cancel();
        _machine.Pass(Part);

        pause.IsCanceled.Should().BeTrue();
        _time.GetElapsedTime(begin).Should().Be(Part);
    }
}
