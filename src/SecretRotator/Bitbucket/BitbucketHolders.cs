using SecretRotator.Bitbucket.Api;
using SecretRotator.Bitbucket.Calls;
using SecretRotator.Identity;
using SecretRotator.Vaults;

namespace SecretRotator.Bitbucket;

/// <summary>Asks Bitbucket whether the pipeline that holds a claim still runs, and this machine whether a process does.</summary>
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
        var call = new BitbucketCall(CallNature.Read, $"tell whether the {pipeline} still runs", $"the repository {pipeline.Workspace}/{pipeline.Repository}");
        try
        {
            var (workspace, repository) = (VariableAddresses.Segment(pipeline.Workspace), VariableAddresses.Segment(pipeline.Repository));
            var answer = await calls.RunAsync(call, token => api.GetPipelineAsync(workspace, repository, BitbucketUuid.InPath(pipeline.Uuid), token), cancellation);
            return BitbucketUuid.Normal(answer?.Uuid) != pipeline.Uuid ? HolderState.Unknown : answer!.State?.Name switch
            {
                "PENDING" or "IN_PROGRESS" => HolderState.Running,
                "COMPLETED" => HolderState.Ended,
                _ => HolderState.Unknown,
            };
        }
        catch (Exception e) when (e is RemoteFailureException or ArgumentException)
        {
            return HolderState.Unknown;
        }
    }
}
