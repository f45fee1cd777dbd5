using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>A step, where it is reached from. A step behind an anchor is reached from several places.</summary>
/// <param name="Node">The step.</param>
/// <param name="Stage">The stage around it, or null.</param>
/// <param name="Section">The part of <c>pipelines</c> that it is reached from, such as <c>custom</c>; <c>definitions</c> for a shared
/// pipeline.</param>
internal sealed record PipelineStep(YamlNode.Mapping Node, YamlNode.Mapping? Stage, string Section)
{
    /// <summary>The list of the pipeline that it is reached from, or null.</summary>
    public YamlNode? Pipeline { get; init; }

    /// <summary>Whether a push or a pull request of any user starts that pipeline.</summary>
    public bool IsStartedByPush { get; init; }

    /// <summary>Its first key.</summary>
    public Position At => Node.Entries is [var first, ..] ? first.KeyAt : Node.At;

    /// <summary>How messages call it.</summary>
    public string Name => Value("name") is YamlNode.Scalar { Text.Length: > 0 } name ? $"The step {Quoted.Of(name.Text)}" : "This step";

    /// <summary>The value of one of its keys, or null.</summary>
    public YamlNode? Value(string key) => Node.Find(key);

    /// <summary>Whether the step asks for the OIDC token.</summary>
    public bool HasOidc => Value("oidc") is YamlNode.Scalar { Text: var text } && CoreSchema.Truth(text) == true;

    /// <summary>Whether runs of it wait for one another: a group of its own, or a deployment's lock.</summary>
    public bool IsSerialized => Value("concurrency-group") is not null || HasAround("deployment");

    /// <summary>Whether an environment restricts it.</summary>
    public bool HasEnvironment => HasAround("deployment") || HasAround("environment");

    /// <summary>Whether a runner without containers runs it, so that it has no image.</summary>
    public bool HasNoContainer => Labels().Any(label => label.Contains("shell", StringComparison.Ordinal) || label is "windows" or "macos");

    /// <summary>The deployment environment that restricts it, or null.</summary>
    public string? Environment => new[] { Around("environment"), Around("deployment") }.OfType<YamlNode.Scalar>().FirstOrDefault()?.Text;

    /// <summary>Whether it runs on a runner of one's own, whose address one knows.</summary>
    public bool IsSelfHosted => Labels().Contains("self.hosted", StringComparer.Ordinal);

    /// <summary>Whether its calls come from the ranges that Atlassian publishes
    /// (https://support.atlassian.com/bitbucket-cloud/docs/step-options/).</summary>
    public bool HasPublishedAddresses =>
        ((Value("runtime") as YamlNode.Mapping)?.Find("cloud") as YamlNode.Mapping)?.Find("atlassian-ip-ranges")
            is YamlNode.Scalar { Text: var text } && CoreSchema.Truth(text) == true;

    private YamlNode? Around(string key) => Value(key) ?? Stage?.Find(key);

    private bool HasAround(string key) => Around(key) is not null;

    private IEnumerable<string> Labels() => Value("runs-on") switch
    {
        YamlNode.Scalar scalar => [scalar.Text],
        YamlNode.Sequence list => list.Items.OfType<YamlNode.Scalar>().Select(each => each.Text),
        _ => [],
    };
}
