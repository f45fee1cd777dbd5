namespace SecretRotator.Tests.Processes;

/// <summary>
/// The machine's time, but a pause between two tries takes a twentieth of what is asked for, and the clock moves on by all of
/// it. Time limits take all of their time: a slow machine doesn't reach them.
/// </summary>
/// <remarks>
/// Pauses don't end at once: what is waited for, such as a pipeline's step, takes its real time, and a wait that never lasts
/// would use up its tries before. Pauses at the same time move the clock on once.
/// </remarks>
/// <param name="machine">The machine's time.</param>
/// <param name="times">How many times as fast pauses are.</param>
internal sealed class ShortPauses(TimeProvider machine, int times = ShortPauses.Times) : TimeProvider
{
    /// <summary>How many times as fast pauses are where no one says.</summary>
    public const int Times = 20;

    private readonly Lock _lock = new();
    private long _ahead;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override long GetTimestamp()
    {
        lock (_lock)
            return machine.GetTimestamp() + _ahead;
    }

    /// <summary>The machine's, since dates of services and certificates are compared with it.</summary>
    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (!IsPause(state) || dueTime < TimeSpan.Zero)
            return machine.CreateTimer(callback, state, dueTime, period);
        var end = GetTimestamp() + (long)Math.Ceiling(dueTime.TotalSeconds * TimestampFrequency);
        return machine.CreateTimer(
            _ =>
            {
                Reach(end);
                callback(state);
            },
            null,
            dueTime / times,
            period);
    }

    // Task.Delay hands over its task. A limit hands over its CancellationTokenSource, and that of WaitAsync a task of some type of result.
    private static bool IsPause(object? state) => state is Task && !state.GetType().IsGenericType;

    private void Reach(long timestamp)
    {
        lock (_lock)
            _ahead = Math.Max(_ahead, timestamp - machine.GetTimestamp());
    }
}
