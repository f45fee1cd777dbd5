using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability.Matrix;

/// <summary>What happens at one request of a run.</summary>
internal enum FaultKind
{
    None,
    Busy,
    Denied,
    Lost,
    Dropped,
    Late,
    Held,
    DiesBefore,
    DiesAfter,

    /// <summary>From this request on the service is out of reach.</summary>
    GoneForGood,

    /// <summary>From this request on the service does what it is asked and no answer comes through.</summary>
    LostForGood,

    /// <summary>From this request on the service refuses calls of this kind.</summary>
    DeniedForGood,

    /// <summary>The run is stopped from outside while the request is under way (SIGTERM).</summary>
    Cancelled,

    /// <summary>The service says that it is busy, and the machine sleeps right after, longer than its claim lasts.</summary>
    Sleeps,
}

/// <summary>A fault at the n-th request of the first machine.</summary>
/// <param name="Number">Which request, from 1.</param>
/// <param name="Kind">What happens.</param>
internal sealed record Fault(int Number, FaultKind Kind)
{
    public override string ToString() => $"{Number}:{Kind}";
}

/// <summary>A nature in which everything takes its time, and works but for the placed faults.</summary>
/// <param name="faults">The faults.</param>
/// <param name="now">The true time.</param>
internal sealed class PlacedFaults(IReadOnlyList<Fault> faults, Func<Instant> now) : INature
{
    /// <summary>How long a machine sleeps: others have finished what it began long before it wakes up.</summary>
    public static readonly Duration Sleep = Duration.FromHours(5);

    /// <summary>The number of a machine that dies while its first write to a backend is under way, which takes effect as late as it
    /// can.</summary>
    public const int Straggler = 89;

    private static readonly Duration Hop = Duration.FromMilliseconds(20);

    private readonly List<Request> _requests = [];
    private readonly List<Func<Request, Fate?>> _lasting = [];

    /// <summary>The requests of the first machine, in order.</summary>
    public IReadOnlyList<Request> Requests => _requests;

    public Treatment Treat(Request request)
    {
        if (request is not { From.Number: Straggler, Service: "backend", Writes: true })
            return new(request.From.Number == 1 ? FateOf(request) : Fate.Works, Hop, Hop);
        request.From.Die();
        return new(Fate.Late, Hop, Hop);
    }

    private Fate FateOf(Request request)
    {
        _requests.Add(request);
        foreach (var fault in faults.Where(f => f.Number == request.Number))
            Begin(fault.Kind, request);
        if (faults.FirstOrDefault(f => f.Number == request.Number) is { } here && Once(here.Kind) is { } fate)
            return fate;
        return _lasting.Select(lasting => lasting(request)).FirstOrDefault(lasts => lasts is not null) ?? Fate.Works;
    }

    private void Begin(FaultKind kind, Request first)
    {
        switch (kind)
        {
            case FaultKind.GoneForGood:
                _lasting.Add(r => r.Service == first.Service ? Fate.Dropped : null);
                break;
            case FaultKind.LostForGood:
                _lasting.Add(r => r.Service == first.Service ? Fate.Lost : null);
                break;
            case FaultKind.DeniedForGood:
                _lasting.Add(r => r.Service == first.Service && r.Operation == first.Operation ? Fate.Denied : null);
                break;
            case FaultKind.Cancelled:
                first.From.Cancellation.Cancel();
                break;
            case FaultKind.Sleeps:
                first.From.AsleepUntil = now() + Sleep;
                break;
        }
    }

    private static Fate? Once(FaultKind kind) => kind switch
    {
        FaultKind.Busy or FaultKind.Sleeps => Fate.Busy,
        FaultKind.Denied => Fate.Denied,
        FaultKind.Lost => Fate.Lost,
        FaultKind.Dropped => Fate.Dropped,
        FaultKind.Late => Fate.Late,
        FaultKind.Held => Fate.Held,
        FaultKind.DiesBefore => Fate.DiesBefore,
        FaultKind.DiesAfter => Fate.DiesAfter,
        _ => null,
    };
}
