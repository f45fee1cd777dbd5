namespace SecretRotator.Sandbox.Faults;

/// <summary>The faults of one host and how often each was met.</summary>
internal sealed class FaultRegistry
{
    private readonly Lock _gate = new();
    private readonly List<Posted> _posted = [];
    private TaskCompletionSource<bool> _release = NewRelease();
    private int _held;

    /// <summary>Adds faults; each begins to count at zero.</summary>
    public void Add(IEnumerable<Fault> faults)
    {
        lock (_gate)
            _posted.AddRange(faults.Select(fault => new Posted(fault)));
    }

    /// <summary>Removes all faults, and lets go of the calls that they hold.</summary>
    /// <param name="goOn">Whether those calls go on; otherwise they are dropped.</param>
    public void Clear(bool goOn = true)
    {
        TaskCompletionSource<bool> released;
        lock (_gate)
        {
            _posted.Clear();
            (released, _release) = (_release, NewRelease());
        }

        released.SetResult(goOn);
    }

    /// <summary>How many calls are held now.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Holds a call until the faults are cleared, and answers whether it goes on.</summary>
    public async Task<bool> HoldAsync()
    {
        Task<bool> release;
        lock (_gate)
            release = _release.Task;
        Interlocked.Increment(ref _held);
        try
        {
            return await release;
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    /// <summary>Counts a call on every fault that it concerns, and answers what hits it, or null. Of several the first one hits.</summary>
    public Fault? Meet(string service, CallName call)
    {
        lock (_gate)
        {
            Fault? hit = null;
            foreach (var posted in _posted)
            {
                if (!posted.Fault.Concerns(service, call))
                    continue;
                posted.Seen++;
                if (hit is null && posted.Seen >= posted.Fault.First && posted.Seen <= posted.Fault.Last)
                {
                    posted.Hits++;
                    hit = posted.Fault;
                }
            }

            return hit;
        }
    }

    /// <summary>Every fault with the calls that it counted and the calls that it hit.</summary>
    public ImmutableArray<(Fault Fault, int Seen, int Hits)> Snapshot()
    {
        lock (_gate)
            return [.. _posted.Select(posted => (posted.Fault, posted.Seen, posted.Hits))];
    }

    private static TaskCompletionSource<bool> NewRelease() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Posted(Fault fault)
    {
        public Fault Fault => fault;

        public int Seen { get; set; }

        public int Hits { get; set; }
    }
}
