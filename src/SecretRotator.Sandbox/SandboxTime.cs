namespace SecretRotator.Sandbox;

/// <summary>The time of the sandbox: the machine's clock, as far ahead as the state says.</summary>
internal sealed class SandboxTime(IClock real) : IClock
{
    private long _offsetMilliseconds;

    /// <summary>Both times, as that state has them.</summary>
    public SandboxClock At(SandboxState state)
    {
        Follow(state);
        var now = real.GetCurrentInstant();
        return new SandboxClock(
            (now + Duration.FromMilliseconds(state.ClockOffsetMilliseconds)).ToDateTimeOffset(), now.ToDateTimeOffset());
    }

    /// <summary>Takes over how far ahead that state is.</summary>
    public void Follow(SandboxState state) => Volatile.Write(ref _offsetMilliseconds, state.ClockOffsetMilliseconds);

    /// <inheritdoc />
    public Instant GetCurrentInstant() =>
        real.GetCurrentInstant() + Duration.FromMilliseconds(Volatile.Read(ref _offsetMilliseconds));
}

/// <summary>The two times of the sandbox.</summary>
/// <param name="Now">The time that secrets and variables live in; set so that rotation windows are open.</param>
/// <param name="Real">The machine's time, by which signatures and tokens are judged.</param>
internal sealed record SandboxClock(DateTimeOffset Now, DateTimeOffset Real);
