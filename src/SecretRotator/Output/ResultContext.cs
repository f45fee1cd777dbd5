using System.Text.Json.Serialization;
using SecretRotator.Commands;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Reports;

namespace SecretRotator.Output;

/// <summary>Writes JSON results, by generated code.</summary>
/// <remarks>
/// A property that is null is left out unless it says otherwise; those of a derived type come before those of its base. Only a constructor
/// that takes nothing but texts and numbers may be public, because the generator follows the parameters of public ones.
/// </remarks>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanJson))]
[JsonSerializable(typeof(SavedPlanJson))]
[JsonSerializable(typeof(RunJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(DriftJson))]
[JsonSerializable(typeof(InventoryJson))]
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(VersionsJson))]
[JsonSerializable(typeof(TrustJson))]
[JsonSerializable(typeof(AllowListJson))]
[JsonSerializable(typeof(DoctorJson))]
[JsonSerializable(typeof(DiscoveryJson))]
[JsonSerializable(typeof(SchedulesJson))]
[JsonSerializable(typeof(EvidenceJson))]
[JsonSerializable(typeof(RunHistoryJson))]
[JsonSerializable(typeof(NotifyTestJson))]
[JsonSerializable(typeof(JsonReport))]
[JsonSerializable(typeof(SarifReport))]
internal sealed partial class ResultContext : JsonSerializerContext
{
    // The generated code asks for the description of optional numbers and booleans, which the published program has here only.
    private static readonly ResultContext Writer = new()
    {
        _NullableBoolean = OptionalContext.Default.NullableBoolean,
        _NullableDecimal = OptionalContext.Default.NullableDecimal,
        _NullableInt64 = OptionalContext.Default.NullableInt64,
    };

    public static void Write(Utf8JsonWriter json, PlanJson result) => Writer.PlanJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, SavedPlanJson result) => Writer.SavedPlanJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, RunJson result) => Writer.RunJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, StatusJson result) => Writer.StatusJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, DriftJson result) => Writer.DriftJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, InventoryJson result) => Writer.InventoryJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, ErrorJson result) => Writer.ErrorJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, VersionsJson result) => Writer.VersionsJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, TrustJson result) => Writer.TrustJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, AllowListJson result) => Writer.AllowListJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, DoctorJson result) => Writer.DoctorJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, DiscoveryJson result) => Writer.DiscoveryJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, SchedulesJson result) => Writer.SchedulesJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, EvidenceJson result) => Writer.EvidenceJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, RunHistoryJson result) => Writer.RunHistoryJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, NotifyTestJson result) => Writer.NotifyTestJsonSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, JsonReport result) => Writer.JsonReportSerializeHandler(json, result);
    public static void Write(Utf8JsonWriter json, SarifReport result) => Writer.SarifReportSerializeHandler(json, result);
}

/// <summary>Describes the optional values in results.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(decimal?))]
[JsonSerializable(typeof(long?))]
internal sealed partial class OptionalContext : JsonSerializerContext;
