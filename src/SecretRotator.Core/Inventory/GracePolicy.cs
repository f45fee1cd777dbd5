namespace SecretRotator.Inventory;

/// <summary>How long the version that a rotation replaced stays valid, for steps that started before and hold it still.</summary>
public abstract record GracePolicy
{
    private GracePolicy()
    {
    }

    /// <summary>The longest that an old version may stay valid, whatever runs. More than nothing, shorter than the secret's
    /// period.</summary>
    public abstract Duration Longest { get; }

    /// <summary>A fixed time, whatever runs.</summary>
    /// <param name="Time">How long.</param>
    public sealed record Lasting(Duration Time) : GracePolicy
    {
        /// <inheritdoc />
        public override Duration Longest => Time;
    }

    /// <summary>Until every pipeline has finished that was there when the new version became current.</summary>
    /// <param name="Limit">No longer than this, even if one of them still runs or that can't be determined.</param>
    public sealed record UntilPipelinesFinish(Duration Limit) : GracePolicy
    {
        /// <inheritdoc />
        public override Duration Longest => Limit;
    }
}
