using SecretRotator.Bitbucket;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>What runs where a secret may be in use, and which old version of it is valid still, for people and for machines.</summary>
internal static class InFlightView
{
    // A plan may be long; the JSON has all of them.
    private const int MostTold = 10;

    /// <summary>A line for each pipeline that runs and one for an old version; none where there is nothing to tell.</summary>
    public static IEnumerable<string> Lines(JobsInFlight inFlight, Instant now)
    {
        if (inFlight.Grace is { } grace)
            yield return Line(grace, now);
        if (inFlight.Unknown is { } unknown)
            yield return PrintableText.Of(unknown.Message);
        if (inFlight.Running is not { } running)
            yield break;
        foreach (var pipeline in running.Take(MostTold))
            yield return PrintableText.Of(
                $"{pipeline} is {Word(pipeline)} since {HumanText.Time(pipeline.CreatedAt)} "
                    + $"({HumanText.Stretch(now - pipeline.CreatedAt)})");
        if (running.Length > MostTold)
            yield return $"{running.Length - MostTold} more pipelines run or are pending";
    }

    private static string Line(VersionInGrace grace, Instant now)
    {
        var version = $"the old version {HumanText.Short(grace.Version)}";
        if (grace.IsDisabled)
            return PrintableText.Of($"{version} has a credential that is disabled, and kept for a rollback. "
                + (grace.OverBecause
                    ?? $"It is deleted from {HumanText.Time(grace.Until)} on (in {HumanText.Stretch(grace.Until - now)})."));
        if (grace.OverBecause is { } over)
            return PrintableText.Of($"{version} is valid still. {grace.StillUsed?.Why ?? over}");
        var users = grace.Users.IsEmpty
            ? ""
            : $" or until {HumanText.Count(grace.Users.Length, "pipeline")} that may hold it "
            + $"{(grace.Users.Length == 1 ? "has" : "have")} finished";
        return $"{version} is valid until {HumanText.Time(grace.Until)} (in {HumanText.Stretch(grace.Until - now)}){users}";
    }

    public static string Word(RunningPipeline pipeline) => pipeline.IsPending ? "pending" : "running";
}

/// <summary>An old version that is still valid.</summary>
internal sealed class GraceJson
{
    private readonly VersionInGrace _grace;

    internal GraceJson(VersionInGrace grace) => _grace = grace;

    public string Version => _grace.Version.Value;
    public string Since => Json.Text(_grace.Since);
    public string Until => Json.Text(_grace.Until);
    public bool Over => _grace.OverBecause is not null;

    /// <summary>Whether its credential is disabled where it was accepted; then it is deleted from "until" on.</summary>
    public bool Disabled => _grace.IsDisabled;
}

/// <summary>A pipeline that runs or is pending where a secret may be in use.</summary>
internal sealed class RunningJson : ScopeJson
{
    private readonly RunningPipeline _pipeline;

    internal RunningJson(RunningPipeline pipeline)
        : base(pipeline.Repository) => _pipeline = pipeline;

    public long Build => _pipeline.Build;
    public string Name => _pipeline.Name;
    public string State => InFlightView.Word(_pipeline);
    public string Since => Json.Text(_pipeline.CreatedAt);
}
