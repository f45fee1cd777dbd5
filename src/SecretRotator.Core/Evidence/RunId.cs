namespace SecretRotator.Evidence;

/// <summary>A run's identity: a UUID of this tool's own in its usual form, lower case.</summary>
/// <param name="Value">Not empty.</param>
public readonly record struct RunId(string Value)
{
    /// <summary>The id of a run that has no identity, as in a test.</summary>
    public static RunId None { get; } = new("00000000-0000-0000-0000-000000000000");

    /// <summary>A new id: 74 random bits.</summary>
    /// <param name="random">Where they come from.</param>
    public static RunId New(IRandomSource random) => new(OwnUuid.New(random, "secret-rotator run"u8));

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>The run before, as the first record of the next one names it: removing a file breaks this chain.</summary>
/// <param name="Run">Its identity.</param>
/// <param name="Head">The SHA-256 of its last record, in lower-case hexadecimal digits.</param>
public sealed record PreviousRun(RunId Run, string Head);
