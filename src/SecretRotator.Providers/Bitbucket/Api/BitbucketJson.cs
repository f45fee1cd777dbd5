using System.Text.Json.Serialization;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>One page of a listing. Everything may be missing: Bitbucket declares no field as required.</summary>
/// <param name="Values">The entries of this page.</param>
/// <param name="Size">How many entries all pages have together.</param>
/// <param name="Pagelen">How many entries a full page has.</param>
/// <param name="Number">The number of this page, from 1.</param>
/// <param name="Next">The next page's address. It can be wrong: only its presence is a hint, and it is never followed.</param>
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
internal sealed record EnvironmentEntry(string? Uuid, string? Name)
{
    /// <summary>Who may deploy to it.</summary>
    public EnvironmentRestrictionsEntry? Restrictions { get; init; }
}

/// <summary>Who may deploy to an environment.</summary>
/// <param name="AdminOnly">Whether administrators of the repository alone may.</param>
internal sealed record EnvironmentRestrictionsEntry(bool? AdminOnly);

/// <summary>Whether a repository runs pipelines.</summary>
internal sealed record PipelinesConfigEntry(bool? Enabled);

/// <summary>A pipeline.</summary>
internal sealed record PipelineEntry(string? Uuid, PipelineStateEntry? State)
{
    /// <summary>Its number in its repository.</summary>
    public int? BuildNumber { get; init; }

    /// <summary>When it was created, in ISO 8601.</summary>
    public string? CreatedOn { get; init; }

    /// <summary>What was run.</summary>
    public TargetEntry? Target { get; init; }

    /// <summary>What it was given; those that are secured come without their values, or not at all.</summary>
    public IReadOnlyList<PipelineVariableEntry?>? Variables { get; init; }
}

/// <summary>How far a pipeline is: PENDING, IN_PROGRESS or COMPLETED.</summary>
internal sealed record PipelineStateEntry(string? Name)
{
    /// <summary>What it does while it is in progress, such as RUNNING or PAUSED.</summary>
    public StateWordEntry? Stage { get; init; }

    /// <summary>How it ended.</summary>
    public StateWordEntry? Result { get; init; }
}

/// <summary>A word of a pipeline's state.</summary>
internal sealed record StateWordEntry(string? Name);

/// <summary>A variable that a pipeline was given.</summary>
internal sealed record PipelineVariableEntry(string? Key, string? Value);

/// <summary>A step of a pipeline. Its state is PENDING, READY, IN_PROGRESS or COMPLETED, that of its last run.</summary>
internal sealed record StepEntry(string? Uuid, StateWordEntry? State);

/// <summary>A schedule of a pipeline.</summary>
internal sealed record ScheduleEntry(string? Uuid, bool? Enabled, TargetEntry? Target, string? CronPattern);

/// <summary>What a pipeline runs for, or a schedule starts: a branch or tag, and the pipeline that was chosen.</summary>
internal sealed record TargetEntry(string? RefName, SelectorEntry? Selector);

/// <summary>Which pipeline of <c>bitbucket-pipelines.yml</c>; <c>custom</c> ones have their name as pattern.</summary>
internal sealed record SelectorEntry(string? Type, string? Pattern);

/// <summary>A public SSH key that may read a repository.</summary>
/// <param name="Id">Its number; not in Atlassian's schema, but in all its examples.</param>
/// <param name="Key">The key's line, with or without its comment.</param>
/// <param name="Label">What it is called.</param>
internal sealed record DeployKeyEntry(long? Id, string? Key, string? Label)
{
    /// <summary>When it was added, in ISO 8601, as Atlassian's schema calls it.</summary>
    public string? AddedOn { get; init; }

    /// <summary>When it was added, in ISO 8601, as Atlassian's examples call it.</summary>
    public string? CreatedOn { get; init; }

    /// <summary>When it was used last, in ISO 8601; null where it never was.</summary>
    public string? LastUsed { get; init; }
}

/// <summary>An SSH key pair without its private key, so that none is ever read.</summary>
internal sealed record KeyPairEntry(string? PublicKey);

/// <summary>A repository.</summary>
internal sealed record RepositoryEntry(string? Uuid, string? Slug);

/// <summary>What Bitbucket's answers look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Page<VariableEntry>))]
[JsonSerializable(typeof(Page<ClaimEntry>))]
[JsonSerializable(typeof(Page<EnvironmentEntry>))]
[JsonSerializable(typeof(PipelineEntry))]
[JsonSerializable(typeof(PipelinesConfigEntry))]
[JsonSerializable(typeof(RepositoryEntry))]
[JsonSerializable(typeof(Page<ScheduleEntry>))]
[JsonSerializable(typeof(Page<RepositoryEntry>))]
[JsonSerializable(typeof(Page<DeployKeyEntry>))]
[JsonSerializable(typeof(KeyPairEntry))]
[JsonSerializable(typeof(Page<PipelineEntry>))]
[JsonSerializable(typeof(Page<StepEntry>))]
[JsonSerializable(typeof(StepEntry))]
internal sealed partial class BitbucketJson : JsonSerializerContext;
