using System.Collections.Immutable;

namespace SecretRotator.Sandbox.Faults;

/// <summary>The faults of one host and how often each was met.</summary>
internal sealed class FaultBoard
{
    private readonly Lock _gate = new();
    private readonly List<Posted> _posted = [];

    /// <summary>Adds faults; each begins to count at zero.</summary>
    public void Add(IEnumerable<Fault> faults)
    {
        lock (_gate)
            _posted.AddRange(faults.Select(fault => new Posted(fault)));
    }

    /// <summary>Removes all faults.</summary>
    public void Clear()
    {
        lock (_gate)
            _posted.Clear();
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

    private sealed class Posted(Fault fault)
    {
        public Fault Fault => fault;

        public int Seen { get; set; }

        public int Hits { get; set; }
    }
}
