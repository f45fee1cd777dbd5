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
        var place = new VariableScope.Repository(pipeline.Workspace, pipeline.Repository);
        var call = new BitbucketCall(CallNature.Read, $"tell whether the {pipeline} still runs", place);
        try
        {
            var repository = VariableAddresses.Of(place);
            var uuid = BitbucketUuid.InPath(pipeline.Uuid);
            if (pipeline.Step is { } step)
            {
                var ran = await calls.RunAsync(
                    call, token => api.GetStepAsync(repository, uuid, BitbucketUuid.InPath(step.Uuid), token), cancellation);
                return StateOf(step.Uuid, ran?.Uuid, ran?.State?.Name);
            }

            var whole = await calls.RunAsync(call, token => api.GetPipelineAsync(repository, uuid, token), cancellation);
            return StateOf(pipeline.Uuid, whole?.Uuid, whole?.State?.Name);
        }
        catch (Exception e) when (e is RemoteFailureException or ArgumentException)
        {
            return HolderState.Unknown;
        }
    }

    private static HolderState StateOf(string asked, string? answered, string? state) =>
        BitbucketUuid.Normal(answered) != asked ? HolderState.Unknown
        : state is "PENDING" or "READY" or "IN_PROGRESS" ? HolderState.Running
        : state is "COMPLETED" ? HolderState.Ended
        : HolderState.Unknown;
}
