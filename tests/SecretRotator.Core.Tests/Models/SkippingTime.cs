using System.Collections.Concurrent;

namespace SecretRotator.Tests.Models;

/// <summary>
/// A time in which every pause ends at once, however long it is, and moves the clock on by its length. Time limits take real
/// time: what is tested ends long before them.
/// </summary>
/// <param name="onWait">Told of each pause.</param>
internal sealed class SkippingTime(Action<TimeSpan>? onWait = null) : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private long _ticks;

    /// <summary>The pauses so far, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    /// <summary>How long all pauses were together, and what passed besides.</summary>
    public TimeSpan Waited => new(Interlocked.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    /// <summary>Moves the clock on.</summary>
    public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Task.Delay hands over its task. A limit hands over its CancellationTokenSource.
        if (state is not Task || dueTime < TimeSpan.Zero)
            return base.CreateTimer(callback, state, dueTime, period);
        _waits.Enqueue(dueTime);
        Pass(dueTime);
        onWait?.Invoke(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
