using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SecretRotator.Sandbox.Bitbucket.Pipelines;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>A variable as a request has it. A member that is null was left out.</summary>
internal sealed record VariableRequest(string? Key = null, string? Value = null, bool? Secured = null);

/// <summary>What a pipeline or a schedule runs.</summary>
internal sealed record TargetRequest(string Type, string RefName, SelectorRequest Selector, string? RefType = null);

/// <summary>Which pipeline.</summary>
internal sealed record SelectorRequest(string Pattern, string? Type = null);

/// <summary>A pipeline to run.</summary>
internal sealed record PipelineRequest(TargetRequest Target, List<StepVariable>? Variables = null);

/// <summary>A schedule to create.</summary>
internal sealed record ScheduleRequest(TargetRequest Target, string CronPattern, bool Enabled = true);

/// <summary>A schedule to change.</summary>
internal sealed record ScheduleChange(bool Enabled);

/// <summary>An SSH key pair to set.</summary>
internal sealed record KeyPairRequest(string PrivateKey, string PublicKey);

/// <summary>A deploy key to add.</summary>
internal sealed record DeployKeyRequest(string Key, string Label = "");

/// <summary>Reads the bodies of requests.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(VariableRequest))]
[JsonSerializable(typeof(PipelineRequest))]
[JsonSerializable(typeof(ScheduleRequest))]
[JsonSerializable(typeof(ScheduleChange))]
[JsonSerializable(typeof(KeyPairRequest))]
[JsonSerializable(typeof(DeployKeyRequest))]
internal sealed partial class BitbucketRequests : JsonSerializerContext
{
    /// <summary>The body, or null where it isn't JSON of that shape.</summary>
    public static T? Read<T>(byte[] body, JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, shape);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
