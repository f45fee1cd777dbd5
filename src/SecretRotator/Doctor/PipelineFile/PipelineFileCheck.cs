using System.Collections.Immutable;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Reviews the repository's <c>bitbucket-pipelines.yml</c>. Needs no network.</summary>
/// <param name="path">The file; results name it just so.</param>
internal sealed class PipelineFileCheck(string path) : ICheck
{
    /// <summary>Where Bitbucket looks for the file, from the root of a repository.</summary>
    public const string UsualPath = "bitbucket-pipelines.yml";

    private const string Id = "pipeline-file";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.PipelineFile;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(Run());

    /// <summary>The calls of the tool in a pipeline file; none where it can't be read.</summary>
    public static ImmutableArray<ToolCall> CallsIn(string path)
    {
        try
        {
            return PipelineFileReview.Read(path, Content(path)).Calls;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return [];
        }
    }

    private ImmutableArray<CheckResult> Run()
    {
        byte[] content;
        try
        {
            content = Content(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [Unread($"There is no {path} here.", "The pipeline that runs the rotation can't be reviewed from here.")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return [Unread($"{path} can't be read.", "The pipeline that runs the rotation can't be reviewed.")];
        }

        var (findings, calls, steps) = PipelineFileReview.Read(path, content);
        return findings.IsEmpty
            ? [CheckResult.Pass(
                CheckArea.PipelineFile, Id,
                $"{HumanText.Count(steps, "step")}, {HumanText.Count(calls.Length, "call")} of secret-rotator, nothing to find fault with.")
                with { File = path }]
            : findings;
    }

    private static byte[] Content(string path)
    {
        using var stream = File.OpenRead(path);
        var content = new byte[Math.Min(stream.Length, AnchoredYaml.MaximumBytes + 1)];
        stream.ReadExactly(content);
        return content;
    }

    private CheckResult Unread(string observed, string why) =>
        CheckResult.Unknown(CheckArea.PipelineFile, Id, observed, why) with { File = path };
}
