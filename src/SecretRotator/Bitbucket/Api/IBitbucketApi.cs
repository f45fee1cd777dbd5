using Refit;

namespace SecretRotator.Bitbucket.Api;

/// <summary>The calls of Bitbucket Cloud's REST API 2.0 that the product makes; Refit generates the client.</summary>
/// <remarks>
/// The three kinds of variables live at three addresses and are otherwise the same, so one set of methods takes the
/// address of a collection as <see cref="VariableAddresses"/> makes it, such as
/// <c>repositories/acme/payments-api/pipelines_config/variables</c>. Refit escapes each segment of it.
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

    /// <summary>Deletes a variable.</summary>
    [Delete("/{**variables}/{uuid}")]
    Task DeleteVariableAsync(string variables, string uuid, CancellationToken cancellation);

    /// <summary>One page of variables with the values of those that aren't secured: claims.</summary>
    [Get("/{**variables}")]
    Task<Page<ClaimEntry>> ListClaimsAsync(string variables, int pagelen, int page, CancellationToken cancellation);

    /// <summary>One variable with its value, if it isn't secured: a claim.</summary>
    [Get("/{**variables}/{uuid}")]
    Task<ClaimEntry> GetClaimAsync(string variables, string uuid, CancellationToken cancellation);

    /// <summary>One page of a repository's deployment environments.</summary>
    [Get("/{**environments}")]
    Task<Page<EnvironmentEntry>> ListEnvironmentsAsync(string environments, int pagelen, int page, CancellationToken cancellation);

    /// <summary>A pipeline, for its state.</summary>
    [Get("/repositories/{workspace}/{repository}/pipelines/{uuid}")]
    Task<PipelineEntry> GetPipelineAsync(string workspace, string repository, string uuid, CancellationToken cancellation);

    /// <summary>One page of a repository's pipelines in one status, such as <c>BUILDING</c>.</summary>
    [Get("/{**pipelines}")]
    Task<Page<PipelineInFlightEntry>> ListUnendedPipelinesAsync(string pipelines, string status, string sort, int pagelen, int page, CancellationToken cancellation);

    /// <summary>Creates a commit's report, or changes it; its annotations stay.</summary>
    [Put("/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}")]
    Task PutReportAsync(string workspace, string repository, string commit, string report, [Body] HttpContent content, CancellationToken cancellation);

    /// <summary>Adds annotations to a report, 100 at most; those whose id it has are changed.</summary>
    [Post("/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}/annotations")]
    Task PostAnnotationsAsync(string workspace, string repository, string commit, string report, [Body] HttpContent content, CancellationToken cancellation);

    /// <summary>Deletes a report with its annotations.</summary>
    [Delete("/repositories/{workspace}/{repository}/commit/{commit}/reports/{report}")]
    Task DeleteReportAsync(string workspace, string repository, string commit, string report, CancellationToken cancellation);
}
