using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>How often a rotation function runs.</summary>
public class RotationRulesType
{
    /// <summary>Days between two rotations, 1 to 1000.</summary>
    public long? AutomaticallyAfterDays { get; set; }

    /// <summary>How long a rotation may take, such as <c>3h</c>.</summary>
    public string Duration { get; set; }

    /// <summary>A <c>cron()</c> or <c>rate()</c> expression.</summary>
    public string ScheduleExpression { get; set; }

    internal static RotationRulesType Read(JsonElement answer) =>
        answer.TryGetProperty("RotationRules", out var rules) && rules.ValueKind == JsonValueKind.Object
            ? new()
            {
                AutomaticallyAfterDays = rules.Number("AutomaticallyAfterDays"),
                Duration = rules.Text("Duration"),
                ScheduleExpression = rules.Text("ScheduleExpression"),
            }
            : null;

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("RotationRules");
        if (AutomaticallyAfterDays is { } days)
            writer.WriteNumber("AutomaticallyAfterDays", days);
        writer.Text("Duration", Duration);
        writer.Text("ScheduleExpression", ScheduleExpression);
        writer.WriteEndObject();
    }
}
