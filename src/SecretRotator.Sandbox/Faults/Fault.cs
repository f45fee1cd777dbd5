namespace SecretRotator.Sandbox.Faults;

/// <summary>One fault that was asked for.</summary>
/// <param name="Spec">The text that it was read from.</param>
/// <param name="Service">The service, in lower case, or <see cref="Any"/>.</param>
/// <param name="Operation">The operation as the vocabulary writes it, or <see cref="Any"/>.</param>
/// <param name="Match">Part of the resource's name, compared without regard to case; empty matches all.</param>
/// <param name="First">The first matching call that it hits, from 1.</param>
/// <param name="Last">The last one.</param>
/// <param name="Effect">What it does to them.</param>
internal sealed record Fault(string Spec, string Service, string Operation, string Match, int First, int Last, FaultEffect Effect)
{
    /// <summary>Every service, or every operation.</summary>
    public const string Any = "*";

    /// <summary>Whether a call is one that this fault counts.</summary>
    public bool Concerns(string service, CallName call) =>
        (Service == Any || string.Equals(Service, service, StringComparison.OrdinalIgnoreCase))
        && (Operation == Any || string.Equals(Operation, call.Operation, StringComparison.OrdinalIgnoreCase))
        && call.Resource.Contains(Match, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a fault does to a call.</summary>
internal abstract record FaultEffect
{
    private FaultEffect()
    {
    }

    /// <summary>The service answers with this status and does nothing.</summary>
    /// <param name="Code">200 to 599.</param>
    internal sealed record Status(int Code) : FaultEffect;

    /// <summary>The call takes effect; then the connection drops without an answer.</summary>
    internal sealed record Lost : FaultEffect;

    /// <summary>The call takes effect; its answer comes so much later.</summary>
    /// <param name="By">More than zero.</param>
    internal sealed record Delay(TimeSpan By) : FaultEffect;

    /// <summary>A gateway answers 504 at once; the call takes effect so much later, at the latest when the sandbox ends.</summary>
    /// <param name="By">More than zero.</param>
    internal sealed record Late(TimeSpan By) : FaultEffect;

    /// <summary>Something on the way answers 200 with a page of its own; the service never sees the call.</summary>
    internal sealed record Garbage : FaultEffect;

    /// <summary>The calling process dies without an answer.</summary>
    /// <param name="Before">Whether it dies before the call takes effect, which then never happens.</param>
    internal sealed record Kill(bool Before) : FaultEffect;

    /// <summary>The answer waits until the faults are cleared.</summary>
    /// <param name="Before">Whether the effect waits as well. It comes even if the caller no longer waits for the answer.</param>
    internal sealed record Hold(bool Before) : FaultEffect;
}
