using System.Collections.Immutable;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor;

/// <summary>What areas and answers are called, in text, in JSON and on the command line.</summary>
internal static class CheckNames
{
    /// <summary>The words of all areas, sorted.</summary>
    public static ImmutableArray<string> Areas { get; } =
        ["backends", "bitbucket", "identity", "inventory", "network", "pipeline-file", "runner", "vaults"];

    /// <summary>An area's word.</summary>
    public static string Of(CheckArea area) => area switch
    {
        CheckArea.Inventory => "inventory",
        CheckArea.Identity => "identity",
        CheckArea.Bitbucket => "bitbucket",
        CheckArea.Vaults => "vaults",
        CheckArea.Backends => "backends",
        CheckArea.Network => "network",
        CheckArea.Runner => "runner",
        CheckArea.PipelineFile => "pipeline-file",
        _ => throw new ArgumentOutOfRangeException(nameof(area), area, "A new area needs a word."),
    };

    /// <summary>An area's heading for people.</summary>
    public static string Heading(CheckArea area) => area == CheckArea.PipelineFile ? "Pipeline file" : area.ToString();

    /// <summary>An answer's word.</summary>
    public static string Of(CheckStatus status) => status switch
    {
        CheckStatus.Pass => "pass",
        CheckStatus.Unknown => "unknown",
        CheckStatus.Warn => "warn",
        CheckStatus.Fail => "fail",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A new answer needs a word."),
    };
}
