namespace SecretRotator.Providers;

/// <summary>The Bitbucket pipeline that the program runs in.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Uuid">The pipeline's uuid, in lower case and without braces.</param>
/// <param name="Build">Its build number.</param>
internal sealed record PipelineFacts(string Workspace, string Repository, string Uuid, int Build)
{
    /// <summary>
    /// The uuid of the step, in lower case and without braces, and how often it was run, from 1; null where Bitbucket doesn't tell both.
    /// </summary>
    public (string Uuid, int Run)? Step { get; init; }

    /// <summary>The page of the step, or of the pipeline where Bitbucket doesn't tell the step.</summary>
    public Uri Page => new(string.Create(
        CultureInfo.InvariantCulture,
        $"https://bitbucket.org/{Workspace}/{Repository}/pipelines/results/{Build}"
            + $"{(Step is var (step, _) ? $"/steps/%7B{step}%7D" : "")}"));
}
