namespace SecretRotator.Sandbox.Hosting;

/// <summary>One call to an emulator.</summary>
/// <param name="Sequence">From 1, in the order in which the calls took effect.</param>
/// <param name="Listener">The emulator's listener.</param>
/// <param name="Service">The emulator's service.</param>
/// <param name="Operation">What was asked for.</param>
/// <param name="Resource">Of what.</param>
/// <param name="Depth">From 1: how many calls, itself included, each began after the one before had ended.</param>
/// <param name="Status">The status of the answer, or 0 where none was sent.</param>
/// <param name="Fault">The fault that hit it, as text, or null.</param>
/// <param name="Defect">What went wrong inside the emulator, or null: a mistake of the sandbox.</param>
internal sealed record LoggedCall(
    int Sequence, string Listener, string Service, string Operation, string Resource, int Depth, int Status, string? Fault, string? Defect);

/// <summary>The calls of one host, in order.</summary>
internal sealed class CallLog
{
    private readonly Lock _gate = new();
    private readonly List<LoggedCall> _calls = [];
    private int _deepestEnded;

    /// <summary>A call arrives. Answers its depth: one more than that of the deepest call that has ended.</summary>
    public int Begin()
    {
        lock (_gate)
            return _deepestEnded + 1;
    }

    /// <summary>Adds a call under the next number.</summary>
    public void Add(IEmulatedService emulator, CallName name, int depth, int status, string? fault, string? defect)
    {
        lock (_gate)
        {
            _calls.Add(new LoggedCall(
                _calls.Count + 1, emulator.Listener, emulator.Service, name.Operation, name.Resource, depth, status, fault, defect));
        }
    }

    /// <summary>The answer of a call of that depth, or the end of its connection, is about to reach its sender, who may go on.</summary>
    public void End(int depth)
    {
        // A call that is under way is at most one deeper than what has ended. Another depth is one from before the calls were forgotten.
        lock (_gate)
        {
            if (depth == _deepestEnded + 1)
                _deepestEnded = depth;
        }
    }

    /// <summary>All calls so far.</summary>
    public ImmutableArray<LoggedCall> Snapshot()
    {
        lock (_gate)
            return [.. _calls];
    }

    /// <summary>Forgets them, and starts to count again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _calls.Clear();
            _deepestEnded = 0;
        }
    }
}
