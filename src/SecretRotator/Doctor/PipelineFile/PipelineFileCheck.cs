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

    /// <summary>What is known of a pipeline file; nothing where it can't be read.</summary>
    public static PipelineFileFacts FactsOf(string path)
    {
        try
        {
            return PipelineFileReview.Read(path, Content(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return PipelineFileFacts.None;
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

        var facts = PipelineFileReview.Read(path, content);
        var addresses = AddressesOf(facts);
        return facts.Findings.IsEmpty
            ? [
                CheckResult.Pass(
                    CheckArea.PipelineFile, Id,
                    $"{HumanText.Count(facts.Steps, "step")}, {HumanText.Count(facts.Calls.Length, "call")} of secret-rotator, nothing to "
                        + "find fault with.") with { File = path },
                .. addresses,
            ]
            : [.. facts.Findings, .. addresses];
    }

    // No fault: whether fixed addresses are needed depends on what the steps call.
    private IEnumerable<CheckResult> AddressesOf(PipelineFileFacts facts)
    {
        if (facts.WithSecrets.IsEmpty)
            yield break;
        var own = facts.WithSecrets.Count(step => step.IsSelfHosted);
        var published = facts.WithSecrets.Count(step => !step.IsSelfHosted && step.HasPublishedAddresses);
        var any = facts.WithSecrets.Length - own - published;
        (int Steps, string Where)[] parts =
        [
            (own, "on self-hosted runners, so from addresses of yours"),
            (published, "from the ranges that Atlassian publishes (atlassian-ip-ranges)"),
            (any, "from any address of Bitbucket's builders"),
        ];
        var told = parts.Where(part => part.Steps > 0).Select(part => $"{part.Steps} {part.Where}");
        yield return CheckResult.Pass(
            CheckArea.PipelineFile, "step-addresses",
            $"{HumanText.Count(facts.WithSecrets.Length, "step")} that hold{(facts.WithSecrets.Length == 1 ? "s" : "")} secrets: "
                + $"{string.Join("; ", told)}.") with
        { File = path };
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
