namespace SecretRotator.Reliability.Servers;

/// <summary>The machine's time, in which every pause takes a twentieth of its length. Time limits take their time.</summary>
internal sealed class QuickTime : TimeProvider
{
    private const int Times = 20;

    // Task.Delay hands over its task. A limit hands over its CancellationTokenSource.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, state is Task && dueTime > TimeSpan.Zero ? dueTime / Times : dueTime, period);
}
