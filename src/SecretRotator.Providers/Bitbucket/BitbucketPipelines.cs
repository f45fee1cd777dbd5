using System.Net;
using SecretRotator.Attestations;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Runs custom pipelines in Bitbucket Cloud.</summary>
/// <param name="api">Bitbucket.</param>
/// <param name="storage">Gets logs from where Bitbucket keeps them, without any credential.</param>
/// <param name="calls">Makes the calls.</param>
internal sealed class BitbucketPipelines(IBitbucketApi api, HttpClient storage, BitbucketCalls calls) : IPipelines
{
    private const int NewestPipelines = 20;

    // How often to look for something that Bitbucket may show some seconds late.
    private const int Looks = 3;

    /// <inheritdoc />
    public async Task<StartedPipeline> StartAsync(PipelineOrder order, CancellationToken cancellation)
    {
        var call = Call(CallNature.Once, $"run the pipeline {order.Pipeline}", order.Repository, writes: true);
        var repository = VariableAddresses.Of(order.Repository);
        RemoteFailureException? unanswered = null;
        for (var post = 1; post <= 2; post++)
        {
            try
            {
                return await calls.RunAsync(
                    call, () => PipelineContent.Of(order),
                    async (content, token) =>
                        Started(order, Checked(await api.RunPipelineAsync(repository, content, token))), cancellation);
            }
            catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
            {
                unanswered ??= failure;
            }
            catch (RemoteFailureException failure) when (failure.Kind is FailureKind.Other or FailureKind.NotFound)
            {
                throw new RemoteFailureException(
                    failure.Kind, failure.Effect, failure.Message,
                    $"The custom pipeline {order.Pipeline} must be in bitbucket-pipelines.yml on the branch {order.Branch}; docs/attestation/bitbucket-pipelines.yml is the one to copy. {failure.Hint}".TrimEnd());
            }

            if (await FindAsync(order, cancellation) is { } found)
                return found;
        }

        throw unanswered!;
    }

    /// <inheritdoc />
    public async Task<PipelineProgress> LookAsync(StartedPipeline pipeline, CancellationToken cancellation)
    {
        var call = Call(CallNature.Read, $"tell how far the {pipeline} is", pipeline.Repository);
        var repository = VariableAddresses.Of(pipeline.Repository);
        var entry = await calls.RunAsync(
            call,
            async token =>
            {
                var answer = await api.GetPipelineAsync(repository, BitbucketUuid.InPath(pipeline.Uuid), token);
                return BitbucketUuid.Normal(answer?.Uuid) == pipeline.Uuid && answer!.State?.Name is not null
                    ? answer.State
                    : throw new GarbledAnswer("it is about another pipeline");
            },
            cancellation);
        return entry.Name == "COMPLETED"
            ? new("COMPLETED", Word(entry.Result?.Name) ?? "UNKNOWN")
            : new(Word(entry.Stage?.Name) ?? Word(entry.Name)!, null);
    }

    /// <inheritdoc />
    public async Task<string> ReadLogAsync(StartedPipeline pipeline, CancellationToken cancellation)
    {
        var call = Call(CallNature.Read, $"show the log of the {pipeline}", pipeline.Repository);
        var repository = VariableAddresses.Of(pipeline.Repository);
        var uuid = BitbucketUuid.InPath(pipeline.Uuid);
        var steps = await calls.RunAsync(
            call with { Doing = $"list the steps of the {pipeline}" },
            async token => (await api.ListStepsAsync(repository, uuid, token))?.Values
                ?? throw new GarbledAnswer("a page without values"),
            cancellation);
        if (steps is not [{ } only] || BitbucketUuid.Normal(only.Uuid) is not { } step)
        {
            throw new RemoteFailureException(
                FailureKind.Conflict, Effect.Rejected, $"The {pipeline} has {steps.Count} steps.",
                "It must have one, that of docs/attestation/bitbucket-pipelines.yml.");
        }

        for (var look = 1; ; look++)
        {
            try
            {
                return await calls.RunAsync(
                    call, async token => await LogAsync(repository, uuid, BitbucketUuid.InPath(step), token), cancellation);
            }
            catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound && look < Looks)
            {
                await calls.PauseAsync(2 * look, cancellation);
            }
        }
    }

    /// <inheritdoc />
    public async Task StopAsync(StartedPipeline pipeline, CancellationToken cancellation)
    {
        var call = Call(CallNature.Repeatable, $"stop the {pipeline}", pipeline.Repository, writes: true) with { Finishing = true };
        var repository = VariableAddresses.Of(pipeline.Repository);
        try
        {
            await calls.RunAsync(
                call, token => api.StopPipelineAsync(repository, BitbucketUuid.InPath(pipeline.Uuid), token), cancellation);
        }
        catch (RemoteFailureException ended) when (ended.Kind is FailureKind.Other or FailureKind.NotFound or FailureKind.Conflict)
        {
            // 400 says that it has ended.
        }
    }

    // Bitbucket moves the log of an ended step to its storage, and answers with a signed address.
    private async Task<string> LogAsync(string repository, string pipeline, string step, CancellationToken cancellation)
    {
        using var answer = await api.GetStepLogAsync(repository, pipeline, step, cancellation);
        if (answer.StatusCode is not (HttpStatusCode.TemporaryRedirect or HttpStatusCode.Redirect or HttpStatusCode.SeeOther))
            return await TextAsync(answer, cancellation);
        if (answer.Headers.Location is not { IsAbsoluteUri: true } moved
            || !(moved.Scheme == Uri.UriSchemeHttps || (moved.Scheme == Uri.UriSchemeHttp && moved.IsLoopback)))
            throw new GarbledAnswer("it moved the log to an address that isn't https") { Final = true };
        using var stored = await storage.GetAsync(moved, cancellation);
        return await TextAsync(stored, cancellation);
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        return answer.IsSuccessStatusCode ? Encoding.UTF8.GetString(body) : throw new RefusedAnswer(answer, body);
    }

    // One that this run has started says so in a variable that isn't secured. Where Bitbucket shows no variables, none is found.
    private async Task<StartedPipeline?> FindAsync(PipelineOrder order, CancellationToken cancellation)
    {
        var call = Call(CallNature.Read, $"list the newest pipelines of {order.Repository}", order.Repository);
        var repository = VariableAddresses.Of(order.Repository);
        for (var look = 1; look <= Looks; look++)
        {
            await calls.PauseAsync(look, cancellation);
            try
            {
                var newest = await calls.RunAsync(
                    call, token => api.ListPipelinesAsync(repository, order.Pipeline, "-created_on", NewestPipelines, token),
                    cancellation);
                if (newest?.Values?.FirstOrDefault(p => BitbucketUuid.Normal(p?.Uuid) is not null && IsOf(p!, order)) is { } ours)
                    return Started(order, ours);
            }
            catch (RemoteFailureException)
            {
                // What isn't seen isn't known: the start stays unanswered.
            }
        }

        return null;
    }

    private static bool IsOf(PipelineEntry pipeline, PipelineOrder order) =>
        pipeline.Variables?.Any(v => v is { Key: AttestationStep.RunVariable } && v.Value == order.Run.Value) is true
        && pipeline.Target?.Selector?.Pattern == order.Pipeline;

    private static StartedPipeline Started(PipelineOrder order, PipelineEntry entry) =>
        new(order.Repository, order.Pipeline, BitbucketUuid.Normal(entry.Uuid)!, entry.BuildNumber);

    private static PipelineEntry Checked(PipelineEntry? entry) =>
        entry is not null && BitbucketUuid.Normal(entry.Uuid) is not null ? entry : throw new GarbledAnswer("it names no pipeline");

    // These words reach people: whatever else comes is not shown.
    private static string? Word(string? text) =>
        text is { Length: > 0 and <= 30 } && text.All(c => char.IsAsciiLetterUpper(c) || c == '_') ? text : null;

    private static BitbucketCall Call(CallNature nature, string doing, VariableScope.Repository repository, bool writes = false)
    {
        var call = new BitbucketCall(nature, doing, repository);
        return writes ? call with { Scopes = "\"pipeline:write\" (API token: \"write:pipeline:bitbucket\")" } : call;
    }
}
