namespace SecretRotator.Planning;

/// <summary>What is to be done with one secret, and why. The closed set that <c>PROTOCOL.md</c> names.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>A rotation is open and its holder is gone: resume it before anything else.</summary>
    /// <param name="Open">The open rotation.</param>
    /// <param name="Why">How it is known that the holder is gone.</param>
    public sealed record Unfinished(OpenRotation Open, string Why) : Decision;

    /// <summary>The vault's current version isn't the delivered one, or the targets changed: deliver current, generate nothing.</summary>
    /// <param name="Why">What changed.</param>
    public sealed record Redeliver(string Why) : Decision;

    /// <summary>Never delivered by this tool. What Bitbucket holds can't be read, so it can't be put back: needs the operator's word
    /// once.</summary>
    /// <param name="Approved">Whether the operator gave it (<c>--adopt</c>).</param>
    public sealed record Adopt(bool Approved) : Decision;

    /// <summary>Too old, and free to rotate now.</summary>
    /// <param name="Since">When it became due.</param>
    public sealed record Due(Instant Since) : Decision;

    /// <summary>Fresh.</summary>
    /// <param name="Until">When it becomes due.</param>
    public sealed record NotDue(Instant Until) : Decision;

    /// <summary>Nothing is due, and the grace of an old version is over: retire that one.</summary>
    /// <param name="Version">The old version.</param>
    /// <param name="Why">Why its grace is over.</param>
    public sealed record Retire(VersionId Version, string Why) : Decision;

    /// <summary>An operator wants it rotated now, whatever its age, window or freeze.</summary>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Forced(string By, string Reason) : Decision;

    /// <summary>Due, but not now.</summary>
    /// <param name="Why">Outside its window, in a freeze, over a limit of the run, or because of jobs in flight.</param>
    /// <param name="Until">When it may rotate, or null where that depends on the next run.</param>
    public sealed record Waiting(string Why, Instant? Until) : Decision
    {
        /// <summary>Whether nothing but a limit of this run keeps it waiting, so that the next run may start it, or look at it.</summary>
        public bool IsForNextRun { get; init; }
    }

    /// <summary>Can't be started, or can't be judged.</summary>
    /// <param name="Failure">What prevents it, and what to do next.</param>
    public sealed record Blocked(Failure Failure) : Decision
    {
        /// <summary>Says what prevents it where no call failed.</summary>
        public Blocked(FailureKind kind, string why, string hint)
            : this(new Failure(kind, why, hint))
        {
        }

        /// <summary>What prevents it.</summary>
        public string Why => Failure.Message;

        /// <summary>What to do next.</summary>
        public string Hint => Failure.Hint ?? "";
    }

    /// <summary>Whether a run acts on this decision.</summary>
    public bool IsStarted => this is Unfinished or Redeliver or Due or Forced or Retire or Adopt { Approved: true };
}
