using System.Collections.Immutable;

namespace SecretRotator.Sandbox.Pipelines;

/// <summary>A pipeline that was started and is to run. It is kept in memory only, for its variables may be secured.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Uuid">The pipeline, as the state has it.</param>
/// <param name="Branch">The branch that it was started on.</param>
/// <param name="Name">The custom pipeline's name.</param>
/// <param name="Variables">What it was given with its start.</param>
internal sealed record PipelineJob(
    string Workspace, string Repository, string Uuid, string Branch, string Name, ImmutableArray<StepVariable> Variables);

/// <summary>A variable as a step gets it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Secured">Whether the log hides it.</param>
internal sealed record StepVariable(string Key, string Value, bool Secured);
