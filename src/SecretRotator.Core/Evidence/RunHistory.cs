namespace SecretRotator.Evidence;

/// <summary>What a run did, as its evidence records it. Every text may have been written by anyone.</summary>
/// <param name="Run">Its identity.</param>
/// <param name="Command">The command.</param>
/// <param name="Tool">The tool's version.</param>
/// <param name="Holder">The pipeline or process, as marks write it.</param>
/// <param name="By">Who asked.</param>
/// <param name="Inventory">The inventory's digest.</param>
/// <param name="After">The run before, or null where it isn't named.</param>
/// <param name="StartedAt">When it began.</param>
public sealed record RunHistory(
    RunId Run, string Command, string Tool, string Holder, string By, string Inventory, PreviousRun? After, Instant StartedAt)
{
    /// <summary>Other runs that it names, which ran beside the one before.</summary>
    public ImmutableArray<PreviousRun> Beside { get; init; } = [];

    /// <summary>All runs that it names.</summary>
    public IEnumerable<PreviousRun> Named => After is null ? Beside : Beside.Prepend(After);

    /// <summary>What stopped it as a whole, or null.</summary>
    public string? Stopped { get; init; }

    /// <summary>The same as data, or null.</summary>
    public RecordedFailure? StoppedBy { get; init; }

    /// <summary>When it ended, or null where that isn't recorded.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Its exit code, or null where that isn't recorded.</summary>
    public long? ExitCode { get; init; }

    /// <summary>When the last recorded thing happened.</summary>
    public Instant LastAt { get; init; } = StartedAt;

    /// <summary>The digest of its plan, or null where it made none.</summary>
    public string? Plan { get; init; }

    /// <summary>Its secrets in the order in which they were decided on.</summary>
    public ImmutableArray<SecretHistory> Secrets { get; init; } = [];
}

/// <summary>What a run did with one secret.</summary>
/// <param name="Name">The secret's name.</param>
public sealed record SecretHistory(string Name)
{
    /// <summary>What was decided, or null where that isn't recorded.</summary>
    public RecordedDecision? Decision { get; init; }

    /// <summary>The rules that didn't hold for it.</summary>
    public ImmutableArray<string> Overrides { get; init; } = [];

    /// <summary>The rotation, or null where none began.</summary>
    public string? Rotation { get; init; }

    /// <summary>The steps in the order in which they were begun; each kind once.</summary>
    public ImmutableArray<StepHistory> Steps { get; init; } = [];

    /// <summary>How it ended, or null where that isn't recorded.</summary>
    public RecordedOutcome? Outcome { get; init; }

    /// <summary>When it ended, or null where that isn't recorded.</summary>
    public Instant? EndedAt { get; init; }
}

/// <summary>All that was done under one heading of the protocol for one secret.</summary>
/// <param name="Kind">The step's word, such as <c>distribute</c>.</param>
/// <param name="From">When it was first begun.</param>
/// <param name="To">When it was last heard of.</param>
/// <param name="Begun">How often it was begun, for example once a target.</param>
/// <param name="Done">How often it was done.</param>
/// <param name="Failures">What failed, the first few: the target where there is one, and why.</param>
/// <param name="Failed">How often it failed.</param>
public sealed record StepHistory(
    string Kind, Instant From, Instant To, long Begun, long Done, ImmutableArray<FailureHistory> Failures, long Failed)
{
    /// <summary>What was done to credentials at a backend, the first few.</summary>
    public ImmutableArray<CredentialHistory> Credentials { get; init; } = [];
}

/// <summary>A step that was done to a credential at a backend.</summary>
/// <param name="Credential">Its name there, such as a user or a key's id.</param>
/// <param name="Said">What the backend said, such as who accepted or refused it, where it is recorded.</param>
public sealed record CredentialHistory(string Credential, string? Said);

/// <summary>One failure of a step.</summary>
/// <param name="Target">The target, where it is about one.</param>
/// <param name="Why">Why, as text, where it is recorded.</param>
/// <param name="Failure">Why, as data, where it is recorded.</param>
public sealed record FailureHistory(string? Target, string? Why, RecordedFailure? Failure);
