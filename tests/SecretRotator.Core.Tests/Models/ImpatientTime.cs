using System.Collections.Concurrent;

namespace SecretRotator.Tests.Models;

/// <summary>
/// A time in which pauses end at once, so that a test of retries doesn't wait. Timers of more than
/// <see cref="LongestPause"/> are limits rather than pauses and run in real time.
/// </summary>
internal sealed class ImpatientTime : TimeProvider
{
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<TimeSpan> _pauses = new();

    /// <summary>The pauses so far, as they were asked for.</summary>
    public IReadOnlyCollection<TimeSpan> Pauses => _pauses;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime > LongestPause)
            return base.CreateTimer(callback, state, dueTime, period);
        _pauses.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
