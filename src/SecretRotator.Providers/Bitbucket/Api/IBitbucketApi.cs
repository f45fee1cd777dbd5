using Refit;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>The calls of Bitbucket Cloud's REST API 2.0 that the product makes; Refit generates the client.</summary>
/// <remarks>
/// The three kinds of variables live at three addresses and are otherwise the same, so one set of methods takes the
/// address of a collection as <see cref="VariableAddresses"/> makes it, such as
/// <c>repositories/acme/payments-api/pipelines_config/variables</c>; what belongs to a repository takes the repository's address, and a
/// report its own. Refit escapes each segment of it.
/// </remarks>
internal interface IBitbucketApi
{
    /// <summary>One page of variables, without their values.</summary>
    [Get("/{**variables}")]
    Task<Page<VariableEntry>> ListVariablesAsync(string variables, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Changes a variable. The answer's value is never looked at.</summary>
    [Put("/{**variables}/{uuid}")]
    Task<VariableEntry> PutVariableAsync(string variables, string uuid, [Body] HttpContent variable, CancellationToken cancellation);

    /// <summary>Creates a variable. The answer's value is never looked at.</summary>
    [Post("/{**variables}")]
    Task<VariableEntry> CreateVariableAsync(string variables, [Body] HttpContent variable, CancellationToken cancellation);

    /// <summary>Deletes what an address names: a variable, a schedule, a key, a report with its annotations.</summary>
    [Delete("/{**address}")]
    Task DeleteAsync(string address, CancellationToken cancellation);

    /// <summary>One page of variables with the values of those that aren't secured: claims.</summary>
    [Get("/{**variables}")]
    Task<Page<ClaimEntry>> ListClaimsAsync(string variables, int pagelen, int page, CancellationToken cancellation);

    /// <summary>One variable with its value, if it isn't secured: a claim.</summary>
    [Get("/{**variables}/{uuid}")]
    Task<ClaimEntry> GetClaimAsync(string variables, string uuid, CancellationToken cancellation);

    /// <summary>One page of a repository's deployment environments.</summary>
    [Get("/{**environments}")]
    Task<Page<EnvironmentEntry>> ListEnvironmentsAsync(string environments, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Whether a repository runs pipelines. 404 where Pipelines was never switched on.</summary>
    [Get("/{**repository}/pipelines_config")]
    Task<PipelinesConfigEntry> GetPipelinesConfigAsync(string repository, CancellationToken cancellation);

    /// <summary>A repository, for whether the credential sees it.</summary>
    [Get("/{**repository}")]
    Task<RepositoryEntry> GetRepositoryAsync(string repository, CancellationToken cancellation);

    /// <summary>A pipeline, for its state.</summary>
    [Get("/{**repository}/pipelines/{uuid}")]
    Task<PipelineEntry> GetPipelineAsync(string repository, string uuid, CancellationToken cancellation);

    /// <summary>Runs a custom pipeline.</summary>
    [Post("/{**repository}/pipelines")]
    Task<PipelineEntry> RunPipelineAsync(string repository, [Body] HttpContent order, CancellationToken cancellation);

    /// <summary>The newest runs of a pipeline.</summary>
    [Get("/{**repository}/pipelines")]
    Task<Page<PipelineEntry>> ListPipelinesAsync(
        string repository, [AliasAs("target.selector.pattern")] string pipeline, string sort, int pagelen, CancellationToken cancellation);

    /// <summary>The steps of a pipeline.</summary>
    [Get("/{**repository}/pipelines/{pipeline}/steps")]
    Task<Page<StepEntry>> ListStepsAsync(string repository, string pipeline, CancellationToken cancellation);

    /// <summary>A step of a pipeline, for its state.</summary>
    [Get("/{**repository}/pipelines/{pipeline}/steps/{step}")]
    Task<StepEntry> GetStepAsync(string repository, string pipeline, string step, CancellationToken cancellation);

    /// <summary>What a step printed, or where that was moved to. The caller looks at the status and disposes the answer.</summary>
    [Get("/{**repository}/pipelines/{pipeline}/steps/{step}/log")]
    [Headers("Accept: */*")]
    Task<HttpResponseMessage> GetStepLogAsync(string repository, string pipeline, string step, CancellationToken cancellation);

    /// <summary>Asks for the end of a pipeline.</summary>
    [Post("/{**repository}/pipelines/{pipeline}/stopPipeline")]
    Task StopPipelineAsync(string repository, string pipeline, CancellationToken cancellation);

    /// <summary>One page of a repository's pipelines in one status, such as <c>BUILDING</c>.</summary>
    [Get("/{**pipelines}")]
    Task<Page<PipelineEntry>> ListUnendedPipelinesAsync(
        string pipelines, string status, string sort, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Creates a commit's report, or changes it; its annotations stay.</summary>
    [Put("/{**report}")]
    Task PutReportAsync(string report, [Body] HttpContent content, CancellationToken cancellation);

    /// <summary>Adds annotations to a report, 100 at most; those whose id it has are changed.</summary>
    [Post("/{**report}/annotations")]
    Task PostAnnotationsAsync(string report, [Body] HttpContent content, CancellationToken cancellation);

    /// <summary>Adds a comment to a pull request.</summary>
    [Post("/{**repository}/pullrequests/{id}/comments")]
    Task PostCommentAsync(string repository, int id, [Body] HttpContent comment, CancellationToken cancellation);

    /// <summary>One page of a repository's schedules.</summary>
    [Get("/{**schedules}")]
    Task<Page<ScheduleEntry>> ListSchedulesAsync(string schedules, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Creates a schedule; 401 says that the repository may have no more of them.</summary>
    [Post("/{**schedules}")]
    Task<ScheduleEntry> CreateScheduleAsync(string schedules, [Body] HttpContent schedule, CancellationToken cancellation);

    /// <summary>Enables or disables a schedule; nothing else of it can be changed.</summary>
    [Put("/{**schedules}/{uuid}")]
    Task<ScheduleEntry> PutScheduleAsync(string schedules, string uuid, [Body] HttpContent schedule, CancellationToken cancellation);

    /// <summary>The public key of a repository's SSH key pair. 404 where it has none.</summary>
    [Get("/{**pair}")]
    Task<KeyPairEntry> GetKeyPairAsync(string pair, CancellationToken cancellation);

    /// <summary>Creates or changes a repository's SSH key pair.</summary>
    [Put("/{**pair}")]
    Task<KeyPairEntry> PutKeyPairAsync(string pair, [Body] HttpContent content, CancellationToken cancellation);

    /// <summary>One page of a repository's deploy keys.</summary>
    [Get("/{**keys}")]
    Task<Page<DeployKeyEntry>> ListDeployKeysAsync(string keys, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Adds a deploy key.</summary>
    [Post("/{**keys}")]
    Task<DeployKeyEntry> CreateDeployKeyAsync(string keys, [Body] HttpContent key, CancellationToken cancellation);

    /// <summary>One page of a workspace's repositories; <paramref name="q"/> narrows them, such as <c>project.key="APPS"</c>.</summary>
    [Get("/{**repositories}")]
    Task<Page<RepositoryEntry>> ListRepositoriesAsync(
        string repositories, string? q, int pagelen, int page, CancellationToken cancellation);
}
