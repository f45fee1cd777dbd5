using System.Text.RegularExpressions;
using NodaTime.Text;

namespace SecretRotator.Vaults;

/// <summary>Who holds a claim, so that a later run can find out whether they are alive.</summary>
public abstract partial record Holder
{
    private Holder()
    {
    }

    /// <summary>A Bitbucket pipeline.</summary>
    /// <param name="Workspace">The workspace's slug.</param>
    /// <param name="Repository">The repository's slug.</param>
    /// <param name="Uuid">The pipeline's uuid, in lower case and without braces.</param>
    /// <param name="Build">Its build number, for people.</param>
    public sealed record Pipeline(string Workspace, string Repository, string Uuid, int Build) : Holder
    {
        /// <summary>Which run of which step of the pipeline; null in marks of earlier versions of the tool.</summary>
        public StepRun? Step { get; init; }

        /// <inheritdoc />
        public override string ToString() =>
            $"pipeline {Workspace}/{Repository} #{Build}{(Step is { Run: > 1 } step ? $", run {step.Run} of its step" : "")}";
    }

    /// <summary>A process outside a pipeline.</summary>
    /// <param name="Machine">16 hexadecimal digits that name machine, boot and process namespace, so that a process number means something;
    /// all zero where they can't be determined.</param>
    /// <param name="Number">The process number.</param>
    /// <param name="Start">The process's start in the machine's own count, so that a reused number isn't mistaken.</param>
    /// <param name="Name">User and host, for people: letters, digits, <c>.-_@</c>, at most 60.</param>
    public sealed record Process(string Machine, int Number, long Start, string Name) : Holder
    {
        /// <inheritdoc />
        public override string ToString() => $"{Name} (process {Number})";
    }

    /// <summary>One run of a pipeline's step.</summary>
    /// <param name="Uuid">The step's uuid, in lower case and without braces. A rerun keeps it, as it keeps the pipeline's uuid and build
    /// number.</param>
    /// <param name="Run">How often the step was run, this run included: 1 to 9,999. A rerun counts on.</param>
    public sealed record StepRun(string Uuid, int Run);

    /// <summary>
    /// What another holder's state follows from, by who this one is: Bitbucket offers to rerun a step only once its last run has
    /// ended. Null where Bitbucket has to be asked.
    /// </summary>
    /// <remarks><see cref="HolderState.Unknown"/> for a run of its own pipeline that a holder can't distinguish from itself: Bitbucket
    /// would only say that the pipeline runs, which it does because this holder runs in it.</remarks>
    public HolderState? StateOf(Holder other) => (this, other) switch
    {
        (Pipeline self, Pipeline p) when self.Uuid != p.Uuid => null,
        (Pipeline { Step: { } own }, Pipeline { Step: { } its }) =>
            own.Uuid != its.Uuid ? null : its.Run < own.Run ? HolderState.Ended : HolderState.Unknown,
        (Pipeline, Pipeline) => HolderState.Unknown,
        _ => null,
    };

    /// <summary>The holder as part of a mark: printable ASCII without spaces, at most 196 characters.</summary>
    public string Format() => this switch
    {
        Pipeline { Step: { } step } p =>
            $"pipeline/{p.Workspace}/{p.Repository}/{ShortUuid.Format(p.Uuid)}/{p.Build}/{ShortUuid.Format(step.Uuid)}/{step.Run}",
        Pipeline p => $"pipeline/{p.Workspace}/{p.Repository}/{p.Uuid}/{p.Build}",
        Process p => $"process/{p.Machine}/{p.Number}/{p.Start}/{p.Name}",
        _ => throw new InvalidOperationException("A new kind of holder needs a format."),
    };

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static Holder? Parse(string text)
    {
        if (PipelinePattern().Match(text) is { Success: true } p
            && int.TryParse(p.Groups[4].Value, CultureInfo.InvariantCulture, out var build))
            return new Pipeline(p.Groups[1].Value, p.Groups[2].Value, p.Groups[3].Value, build);
        if (StepPattern().Match(text) is { Success: true } s && int.TryParse(s.Groups[4].Value, CultureInfo.InvariantCulture, out var of)
            && int.TryParse(s.Groups[6].Value, CultureInfo.InvariantCulture, out var run)
            && ShortUuid.Parse(s.Groups[3].Value) is { } pipeline && ShortUuid.Parse(s.Groups[5].Value) is { } step)
            return new Pipeline(s.Groups[1].Value, s.Groups[2].Value, pipeline, of) { Step = new(step, run) };
        if (ProcessPattern().Match(text) is { Success: true } m
            && int.TryParse(m.Groups[2].Value, CultureInfo.InvariantCulture, out var process)
            && long.TryParse(m.Groups[3].Value, CultureInfo.InvariantCulture, out var start))
            return new Process(m.Groups[1].Value, process, start, m.Groups[4].Value);
        return null;
    }

    [GeneratedRegex(
        "^pipeline/([A-Za-z0-9._-]{1,62})/([A-Za-z0-9._-]{1,62})/([A-Za-z0-9_-]{22})/([0-9]{1,9})/([A-Za-z0-9_-]{22})/([1-9][0-9]{0,3})$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex StepPattern();

    [GeneratedRegex(
        "^pipeline/([A-Za-z0-9._-]{1,62})/([A-Za-z0-9._-]{1,62})/([0-9a-f-]{36})/([0-9]{1,9})$", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex PipelinePattern();

    [GeneratedRegex(
        "^process/([0-9a-f]{16})/([0-9]{1,10})/([0-9]{1,19})/([A-Za-z0-9._@-]{1,60})$", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex ProcessPattern();
}

/// <summary>Whether a holder is alive.</summary>
public enum HolderState
{
    /// <summary>It can't be determined.</summary>
    Unknown,

    /// <summary>It is running: don't touch what it holds.</summary>
    Running,

    /// <summary>It has ended for certain.</summary>
    Ended,
}

/// <summary>Finds out whether a holder is alive.</summary>
public interface IHolders
{
    /// <summary>Never throws for a question that can't be answered: that is <see cref="HolderState.Unknown"/>.</summary>
    Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation);
}

/// <summary>How instants are written in marks: ISO 8601 in UTC, to the millisecond.</summary>
public static class MarkText
{
    /// <summary>What comes before the way to remove a mark that can't be read.</summary>
    public const string MayBeNewer = "If a newer version of SecretRotator wrote it, run that version instead. If it was changed: ";

    private static readonly InstantPattern Pattern = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss'.'fff'Z'");

    /// <summary>An instant in UTC, to the millisecond.</summary>
    public static string Format(Instant instant) => Pattern.Format(instant);

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static Instant? ParseInstant(string text) => Pattern.Parse(text) is { Success: true } parsed ? parsed.Value : null;
}
