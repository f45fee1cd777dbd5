using NodaTime.Text;

namespace SecretRotator.Evidence;

/// <summary>The names of evidence files: <c>20261124T013000Z-rotate-1f0c2d3e.jsonl</c>. They only help to find files; what counts is what
/// the records say.</summary>
public static class EvidenceName
{
    private const int TimeLength = 16;

    private static readonly InstantPattern Time = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <summary>The name of a run's file.</summary>
    /// <param name="beganAt">When it began.</param>
    /// <param name="command">Its command.</param>
    /// <param name="run">Its identity.</param>
    public static string Of(Instant beganAt, string command, RunId run) => $"{Time.Format(beganAt)}-{command}-{run.Value[..8]}.jsonl";

    /// <summary>The beginning of every name of a time: names are in the order of their times, to the second.</summary>
    public static string Beginning(Instant time) => Time.Format(time);

    /// <summary>The time in a name, or null where it isn't that of evidence.</summary>
    public static Instant? TimeOf(string name) =>
        name.Length > TimeLength && name[TimeLength] == '-' && Time.Parse(name[..TimeLength]) is { Success: true, Value: var time }
            ? time
            : null;
}
