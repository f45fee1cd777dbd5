namespace SecretRotator.Reliability.World;

/// <summary>Time as one machine sees it: its clock may be wrong, and its timers don't fire while it sleeps or once it is dead.</summary>
internal sealed class MachineTime(VirtualTime time, Machine machine) : TimeProvider, IClock
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public Instant GetCurrentInstant() => time.Now + machine.Skew;

    public override DateTimeOffset GetUtcNow() => GetCurrentInstant().ToDateTimeOffset();

    public override long GetTimestamp() => time.Now.ToUnixTimeTicks();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(time, machine, () => callback(state), dueTime);

    // Nothing in the product repeats a timer, so no period is kept.
    private sealed class Timer : ITimer
    {
        private readonly VirtualTime _time;
        private readonly Machine _machine;
        private readonly Action _fire;
        private int _setting;

        public Timer(VirtualTime time, Machine machine, Action fire, TimeSpan due)
        {
            (_time, _machine, _fire) = (time, machine, fire);
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime >= TimeSpan.Zero)
            {
                _time.After(Duration.FromTimeSpan(dueTime), () => _machine.Receive(() =>
                {
                    if (setting == _setting)
                        _fire();
                }));
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
