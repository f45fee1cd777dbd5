using System.Text.Json.Serialization;

namespace SecretRotator.Bitbucket.Api;

/// <summary>One page of a listing. Everything may be missing: Bitbucket declares no field as required.</summary>
/// <param name="Values">The entries of this page.</param>
/// <param name="Size">How many entries all pages have together.</param>
/// <param name="Pagelen">How many entries a full page has.</param>
/// <param name="Number">The number of this page, from 1.</param>
/// <param name="Next">The next page's address. It lies: only its presence is a hint, and it is never followed.</param>
internal sealed record Page<T>(
    IReadOnlyList<T?>? Values,
    int? Size,
    int? Pagelen,
    [property: JsonPropertyName("page")] int? Number,
    string? Next);

/// <summary>A variable without its value, so that no value is ever read.</summary>
internal sealed record VariableEntry(string? Uuid, string? Key, bool? Secured);

/// <summary>A variable in the home repository, with the value that a plain one shows.</summary>
internal sealed record ClaimEntry(string? Uuid, string? Key, string? Value);

/// <summary>A deployment environment.</summary>
internal sealed record EnvironmentEntry(string? Uuid, string? Name);

/// <summary>A pipeline.</summary>
internal sealed record PipelineEntry(string? Uuid, PipelineStateEntry? State);

/// <summary>How far a pipeline is: PENDING, IN_PROGRESS or COMPLETED.</summary>
internal sealed record PipelineStateEntry(string? Name);

/// <summary>A pipeline in a listing.</summary>
internal sealed record PipelineInFlightEntry(string? Uuid, int? BuildNumber, string? CreatedOn, PipelineProgressEntry? State, PipelineTargetEntry? Target);

/// <summary>How far a pipeline in a listing is: while it is IN_PROGRESS, the stage tells whether it is RUNNING or PAUSED.</summary>
internal sealed record PipelineProgressEntry(string? Name, PipelineStageEntry? Stage);

/// <summary>The stage of a pipeline that is in progress.</summary>
internal sealed record PipelineStageEntry(string? Name);

/// <summary>What a pipeline runs for: a branch or tag, and the pipeline that was chosen.</summary>
internal sealed record PipelineTargetEntry(string? RefName, PipelineSelectorEntry? Selector);

/// <summary>Which pipeline of the file was chosen; <c>custom</c> ones have their name as pattern.</summary>
internal sealed record PipelineSelectorEntry(string? Type, string? Pattern);

/// <summary>What Bitbucket's answers look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Page<VariableEntry>))]
[JsonSerializable(typeof(Page<ClaimEntry>))]
[JsonSerializable(typeof(Page<EnvironmentEntry>))]
[JsonSerializable(typeof(PipelineEntry))]
[JsonSerializable(typeof(Page<PipelineInFlightEntry>))]
internal sealed partial class BitbucketJson : JsonSerializerContext;
