using SecretRotator.Evidence;

namespace SecretRotator.Attestations;

/// <summary>Runs custom pipelines that say what their step sees.</summary>
/// <remarks>
/// Such a pipeline changes nothing, so one more of them does no harm. An implementation still looks for one whose start
/// got no answer before it starts another.
/// </remarks>
public interface IPipelines
{
    /// <summary>Starts a pipeline.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. <see cref="Effect.Unknown"/>: one may run, and its nonce is
    /// worth nothing any more.</exception>
    Task<StartedPipeline> StartAsync(PipelineOrder order, CancellationToken cancellation);

    /// <summary>How far it is. One call.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task<PipelineProgress> LookAsync(StartedPipeline pipeline, CancellationToken cancellation);

    /// <summary>What the one step of an ended pipeline printed.</summary>
    /// <exception cref="RemoteFailureException">Refused, without an answer, too long, or the pipeline has another number of
    /// steps.</exception>
    Task<string> ReadLogAsync(StartedPipeline pipeline, CancellationToken cancellation);

    /// <summary>Asks for its end. One that has ended is left alone.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task StopAsync(StartedPipeline pipeline, CancellationToken cancellation);
}

/// <summary>A pipeline that is to be started.</summary>
/// <param name="Repository">Where.</param>
/// <param name="Branch">On which branch.</param>
/// <param name="Pipeline">The custom pipeline's name.</param>
/// <param name="Run">The run that asks.</param>
/// <param name="Keys">The keys to answer for, as Bitbucket writes them.</param>
/// <param name="Nonce">The nonce as text; the caller keeps and wipes it.</param>
public sealed record PipelineOrder(
    VariableScope.Repository Repository, string Branch, string Pipeline, RunId Run, ImmutableArray<string> Keys, SecretValue Nonce);

/// <summary>A pipeline that was started.</summary>
/// <param name="Repository">Where.</param>
/// <param name="Pipeline">The custom pipeline's name.</param>
/// <param name="Uuid">Its identity, in lower case and without braces.</param>
/// <param name="Build">Its number, where Bitbucket told it.</param>
public sealed record StartedPipeline(VariableScope.Repository Repository, string Pipeline, string Uuid, int? Build)
{
    /// <summary>The pipeline as people find it: <c>pipeline #17 (attest-secrets) of payments-api</c>.</summary>
    public override string ToString() => $"pipeline {(Build is { } build ? $"#{build}" : Uuid)} ({Pipeline}) of {Repository.Slug}";
}

/// <summary>How far a pipeline is.</summary>
/// <param name="Stage">What it is doing, in Bitbucket's words, such as PENDING or PAUSED.</param>
/// <param name="Result">How it ended, in Bitbucket's words, such as SUCCESSFUL or FAILED; null while it hasn't.</param>
public sealed record PipelineProgress(string Stage, string? Result)
{
    /// <summary>Whether its step ran to a good end.</summary>
    public bool Succeeded => Result == "SUCCESSFUL";
}
