namespace SecretRotator.Reliability.Fuzzing;

/// <summary>
/// A time in which waits end at once. A wait of exactly <see cref="Limit"/> is a time limit, and never ends; it isn't whole
/// seconds, since a service can ask for any number of those.
/// </summary>
internal sealed class InstantTime : TimeProvider
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30) + TimeSpan.FromTicks(1);

    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime != Limit)
        {
            Interlocked.Add(ref _ticks, dueTime.Ticks);
            callback(state);
        }

        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
