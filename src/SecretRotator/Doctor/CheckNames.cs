using System.Collections.Immutable;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor;

/// <summary>What areas and answers are called, in text, in JSON and on the command line.</summary>
internal static class CheckNames
{
    /// <summary>The words of all areas, sorted.</summary>
    public static ImmutableArray<string> Areas { get; } =
        ["backends", "bitbucket", "identity", "inventory", "network", "pipeline-file", "repository", "runner", "vaults"];

    /// <summary>An area's heading for people.</summary>
    public static string Heading(CheckArea area) => area == CheckArea.PipelineFile ? "Pipeline file" : area.ToString();
}
