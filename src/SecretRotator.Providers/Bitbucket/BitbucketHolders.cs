using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Asks Bitbucket whether the step that holds a claim still runs, and this machine whether a process does.</summary>
/// <remarks>The rest of a pipeline goes on, and waits for people, after a step of it was killed. Marks of earlier versions of the tool name
/// the pipeline alone.</remarks>
internal sealed class BitbucketHolders(IBitbucketApi api, BitbucketCalls calls, LocalProcesses processes) : IHolders
{
    /// <inheritdoc />
    public Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation) => holder switch
    {
        Holder.Pipeline pipeline => AskAsync(pipeline, cancellation),
        Holder.Process process => Task.FromResult(processes.StateOf(process)),
        _ => Task.FromResult(HolderState.Unknown),
    };

    private async Task<HolderState> AskAsync(Holder.Pipeline pipeline, CancellationToken cancellation)
    {
        var call = new BitbucketCall(
            CallNature.Read, $"tell whether the {pipeline} still runs",
            new VariableScope.Repository(pipeline.Workspace, pipeline.Repository));
        try
        {
            var (workspace, repository) = (VariableAddresses.Segment(pipeline.Workspace), VariableAddresses.Segment(pipeline.Repository));
            var uuid = BitbucketUuid.InPath(pipeline.Uuid);
            var (asked, answered, state) = pipeline.Step is { } step
                ? Of(step.Uuid,
                    await calls.RunAsync(
                        call, token => api.GetStepAsync(workspace, repository, uuid, BitbucketUuid.InPath(step.Uuid), token), cancellation))
                : Of(pipeline.Uuid,
                    await calls.RunAsync(call, token => api.GetPipelineAsync(workspace, repository, uuid, token), cancellation));
            return BitbucketUuid.Normal(answered) != asked ? HolderState.Unknown : state switch
            {
                "PENDING" or "READY" or "IN_PROGRESS" => HolderState.Running,
                "COMPLETED" => HolderState.Ended,
                _ => HolderState.Unknown,
            };
        }
        catch (Exception e) when (e is RemoteFailureException or ArgumentException)
        {
            return HolderState.Unknown;
        }
    }

    private static (string Asked, string? Answered, string? State) Of(string asked, StepEntry? step) =>
        (asked, step?.Uuid, step?.State?.Name);

    private static (string Asked, string? Answered, string? State) Of(string asked, PipelineEntry? pipeline) =>
        (asked, pipeline?.Uuid, pipeline?.State?.Name);
}
