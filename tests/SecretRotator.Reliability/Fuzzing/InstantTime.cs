namespace SecretRotator.Reliability.Fuzzing;

/// <summary>
/// A time in which pauses end at once and time limits never do, however long either is: a service can ask for any pause.
/// A pause is what <see cref="Task.Delay(TimeSpan, TimeProvider)"/> makes, which hands its task to the timer.
/// </summary>
internal sealed class InstantTime : TimeProvider
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30) + TimeSpan.FromTicks(1);

    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && state is Task)
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
