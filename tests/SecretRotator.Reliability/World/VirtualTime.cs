namespace SecretRotator.Reliability.World;

/// <summary>Time that passes only from one event to the next. Events of one instant happen in the order in which they were
/// planned.</summary>
internal sealed class VirtualTime
{
    /// <summary>A Monday night, so that windows of working days are open.</summary>
    public static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 2, 0);

    private readonly PriorityQueue<Action, (long Ticks, long Number)> _events = new();
    private long _planned;

    /// <summary>The true time, which no machine's clock needs to show.</summary>
    public Instant Now { get; private set; } = Start;

    /// <summary>How many events have happened.</summary>
    public int Happened { get; private set; }

    /// <summary>Whether something is still to happen.</summary>
    public bool IsOver => _events.Count == 0;

    /// <summary>Plans an event.</summary>
    public void After(Duration pause, Action happens) =>
        _events.Enqueue(happens, ((Now + (pause < Duration.Zero ? Duration.Zero : pause)).ToUnixTimeTicks(), _planned++));

    /// <summary>Lets the next event happen, and everything that follows from it without time passing.</summary>
    public async Task StepAsync()
    {
        _events.TryDequeue(out var happens, out var when);
        Now = Instant.FromUnixTimeTicks(Math.Max(when.Ticks, Now.ToUnixTimeTicks()));
        Happened++;
        happens!();
        await OneThread.SettleAsync();
    }

    /// <summary>Lets time pass in which nothing happens. Only where nothing is planned.</summary>
    public void Skip(Duration pause) => Now += pause;
}
