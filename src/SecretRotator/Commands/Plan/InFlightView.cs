using System.Text.Json;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Values;

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

    /// <summary>Writes the members <c>grace</c> and <c>running</c>, each where it is known, and <c>runningUnknown</c>.</summary>
    public static void WriteJson(Utf8JsonWriter json, JobsInFlight inFlight)
    {
        if (inFlight.Grace is { } grace)
        {
            json.WriteStartObject("grace");
            json.WriteString("version", grace.Version.Value);
            json.WriteString("since", Json.Text(grace.Since));
            json.WriteString("until", Json.Text(grace.Until));
            json.WriteBoolean("over", grace.OverBecause is not null);
            json.WriteEndObject();
        }

        if (inFlight.Unknown is { } unknown)
            json.WriteString("runningUnknown", unknown.Message);
        if (inFlight.Running is not { } running)
            return;
        json.WriteStartArray("running");
        foreach (var pipeline in running)
        {
            json.WriteStartObject();
            Json.WriteScope(json, pipeline.Repository);
            json.WriteNumber("build", pipeline.Build);
            json.WriteString("name", pipeline.Name);
            json.WriteString("state", Word(pipeline));
            json.WriteString("since", Json.Text(pipeline.CreatedAt));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Line(VersionInGrace grace, Instant now)
    {
        var version = $"the old version {HumanText.Short(grace.Version)}";
        if (grace.OverBecause is { } over)
            return PrintableText.Of($"{version} is valid still. {over}");
        var users = grace.Users.IsEmpty
            ? ""
            : $" or until {HumanText.Count(grace.Users.Length, "pipeline")} that may hold it "
            + $"{(grace.Users.Length == 1 ? "has" : "have")} finished";
        return $"{version} is valid until {HumanText.Time(grace.Until)} (in {HumanText.Stretch(grace.Until - now)}){users}";
    }

    private static string Word(RunningPipeline pipeline) => pipeline.IsPending ? "pending" : "running";
}
