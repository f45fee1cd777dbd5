using System.Collections.Immutable;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>What the review of a pipeline file found out.</summary>
/// <param name="Findings">What is wrong, in the order of the file.</param>
/// <param name="Calls">Every call of this program.</param>
/// <param name="Steps">How many steps there are.</param>
/// <param name="WithSecrets">The steps that hold secrets.</param>
/// <param name="Environments">The deployment environments of the steps that rotate, sorted.</param>
internal sealed record PipelineFileFacts(
    ImmutableArray<CheckResult> Findings,
    ImmutableArray<ToolCall> Calls,
    int Steps,
    ImmutableArray<PipelineStep> WithSecrets,
    ImmutableArray<string> Environments)
{
    /// <summary>Of a file that can't be read.</summary>
    public static PipelineFileFacts None { get; } = new([], [], 0, [], []);
}
