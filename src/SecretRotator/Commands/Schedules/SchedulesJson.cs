using System.Text.Json;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Evidence;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>Schedules as machines read them; schemas/schedules.schema.json describes it.</summary>
internal static class SchedulesJson
{
    public static void Write(Utf8JsonWriter json, SchedulesView view, ExitCode exitCode)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", view.Command);
        json.WriteNumber("exitCode", (int)exitCode);
        Json.WriteSandbox(json, view.Sandbox);
        json.WriteString("at", Json.Text(view.Now));
        json.WriteStartArray("schedules");
        foreach (var result in view.Results)
            WriteResult(json, view, result);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, SchedulesView view, ScheduleResult result)
    {
        var item = result.Item;
        json.WriteStartObject();
        if (item.Name is { } name)
            json.WriteString("name", name);
        json.WriteString("action", SchedulesView.Of(item.Action));
        if (view.IsApplied)
            json.WriteBoolean("done", result.Failure is null);
        json.WriteString("repository", item.Repository.Slug);
        if (item.Declared is { } declared)
        {
            json.WriteString("pipeline", declared.Pipeline);
            json.WriteString("branch", declared.Branch);
            json.WriteString("cron", declared.Local.ToString());
            json.WriteString("zone", declared.Zone.Id);
            json.WriteString("pattern", declared.Pattern);
            json.WriteBoolean("enabled", declared.Enabled);
            Json.WriteTexts(json, "next", declared.Enabled ? view.NextRuns(declared).Select(Json.Text) : []);
        }

        if (item.Kept is { } kept)
        {
            json.WriteStartObject("standing");
            WriteObserved(json, kept);
            json.WriteEndObject();
        }

        json.WriteStartArray("old");
        foreach (var (old, isMade) in item.Old)
        {
            json.WriteStartObject();
            WriteObserved(json, old);
            json.WriteString("fate", isMade ? "delete" : "disable");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (result.Failure is { } failure)
        {
            json.WriteStartObject("failure");
            Json.WriteFailureFacts(json, RecordedFailure.Of(failure)!);
            json.WriteString("message", failure.Message);
            if (failure.Hint is { } hint)
                json.WriteString("hint", hint);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteObserved(Utf8JsonWriter json, ObservedSchedule schedule)
    {
        json.WriteString("uuid", schedule.Uuid);
        json.WriteString("repository", schedule.Repository.Slug);
        json.WriteString("pipeline", schedule.Pipeline);
        json.WriteString("branch", schedule.Branch);
        json.WriteString("pattern", schedule.Pattern);
        json.WriteBoolean("enabled", schedule.Enabled);
    }
}
