using System.Text.Json;
using NodaTime;
using SecretRotator.Planning;
using SecretRotator.Values;

namespace SecretRotator.Output;

/// <summary>Until when a secret gets no new value, and why, for people and for machines.</summary>
internal static class HoldView
{
    /// <summary>The hold as a line of a plan.</summary>
    public static string Line(Hold hold, Instant now) => PrintableText.Of(
        $"held until {HumanText.Time(hold.Until)} (in {HumanText.Stretch(hold.Until - now)}) by "
            + $"{(hold.ByRollback ? "a rollback" : "its entry in the inventory")}: {hold.Reason}");

    /// <summary>Writes the member <c>hold</c>.</summary>
    public static void WriteJson(Utf8JsonWriter json, Hold hold)
    {
        json.WriteStartObject("hold");
        json.WriteString("until", Json.Text(hold.Until));
        json.WriteString("reason", hold.Reason);
        json.WriteString("by", hold.ByRollback ? "rollback" : "inventory");
        json.WriteEndObject();
    }
}
