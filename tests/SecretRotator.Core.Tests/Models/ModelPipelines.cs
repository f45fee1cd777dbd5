using System.Security.Cryptography;
using SecretRotator.Attestations;

namespace SecretRotator.Tests.Models;

/// <summary>A custom pipeline that was run in the cloud, and what its step saw when it began.</summary>
internal sealed class ModelPipeline
{
    public required string Uuid { get; init; }

    public required VariableScope.Repository Repository { get; init; }

    public required string Name { get; init; }

    /// <summary>How often it is still looked at before it has ended.</summary>
    public int Looks { get; set; }

    public string Result { get; set; } = "SUCCESSFUL";

    public string Log { get; set; } = "";

    public bool IsStopped { get; set; }
}

/// <summary>Pipelines in memory, whose step sees the cloud's variables by Bitbucket's order of precedence.</summary>
internal sealed class ModelPipelines(ModelCloud cloud, ModelMachine machine) : IPipelines
{
    public Task<StartedPipeline> StartAsync(PipelineOrder order, CancellationToken cancellation) =>
        machine.CallAsync($"run {order.Repository}:{order.Pipeline}", () =>
        {
            machine.Values.Add(order.Nonce);
            var pipeline = new ModelPipeline { Uuid = cloud.NewUuid(), Repository = order.Repository, Name = order.Pipeline, Looks = 1 };
            var nonce = order.Nonce.RevealText();
            pipeline.Log = Answer(order, nonce);
            cloud.Nonces.Add(nonce);
            cloud.Pipelines.Add(pipeline);
            cloud.OnPipeline(pipeline);
            return new StartedPipeline(order.Repository, order.Pipeline, pipeline.Uuid, cloud.Pipelines.Count);
        });

    public Task<PipelineProgress> LookAsync(StartedPipeline pipeline, CancellationToken cancellation) =>
        machine.CallAsync($"look {pipeline.Repository}", () =>
        {
            var found = Find(pipeline);
            return found.Looks-- > 0 ? new PipelineProgress("PENDING", null) : new PipelineProgress("COMPLETED", found.Result);
        });

    public Task<string> ReadLogAsync(StartedPipeline pipeline, CancellationToken cancellation) =>
        machine.CallAsync($"log {pipeline.Repository}", () => Find(pipeline).Log);

    public Task StopAsync(StartedPipeline pipeline, CancellationToken cancellation) =>
        machine.CallAsync($"stop {pipeline.Repository}", () => Find(pipeline).IsStopped = true);

    private ModelPipeline Find(StartedPipeline pipeline) => cloud.Pipelines.Single(p => p.Uuid == pipeline.Uuid);

    private string Answer(PipelineOrder order, string nonce)
    {
        var log = new StringBuilder("+ umask 000\n");
        foreach (var key in order.Keys)
        {
            var answer = cloud.UnlistedKeys.Contains(key) ? "unlisted" : Seen(order, key) is { } value
                ? Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(nonce), Encoding.UTF8.GetBytes($"{key}={value}")))
                : "missing";
            log.Append(CultureInfo.InvariantCulture, $"secret-rotator attestation 1 {key} {answer}\n");
        }

        return log.ToString();
    }

    private string? Seen(PipelineOrder order, string key)
    {
        var (workspace, slug) = (order.Repository.WorkspaceSlug, order.Repository.Slug);
        var environments = cloud.Variables.Keys.OfType<VariableScope.Environment>()
            .Where(e => e.Slug == slug && order.Pipeline.EndsWith("-" + e.Name.ToLowerInvariant(), StringComparison.Ordinal));
        return environments.Concat<VariableScope>([new VariableScope.Repository(workspace, slug), new VariableScope.Workspace(workspace)])
            .SelectMany(scope => cloud.Variables.GetValueOrDefault(scope, []))
            .FirstOrDefault(v => v.Key == key)?.Value;
    }
}
