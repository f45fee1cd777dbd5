using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>A schedule as a request sends it. Refit disposes it with its request, so each try needs one of its own.</summary>
internal static class ScheduleContent
{
    /// <summary>A new schedule. Without the target's <c>type</c> Bitbucket answers 400.</summary>
    public static ByteArrayContent Of(ScheduleDeclaration schedule) => Json(json =>
    {
        json.WriteStartObject("target");
        json.WriteString("type", "pipeline_ref_target");
        json.WriteString("ref_type", "branch");
        json.WriteString("ref_name", schedule.Branch);
        json.WriteStartObject("selector");
        json.WriteString("type", "custom");
        json.WriteString("pattern", schedule.Pipeline);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("cron_pattern", schedule.Pattern);
        json.WriteBoolean("enabled", schedule.Enabled);
    });

    /// <summary>The one thing that can be changed.</summary>
    public static ByteArrayContent Of(bool enabled) => Json(json => json.WriteBoolean("enabled", enabled));

    private static ByteArrayContent Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "pipeline_schedule");
            write(json);
            json.WriteEndObject();
        }

        return new ByteArrayContent(buffer.WrittenSpan.ToArray())
        { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }
}
