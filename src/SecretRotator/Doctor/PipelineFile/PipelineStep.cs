using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>A step, where it is reached from. A step behind an anchor is reached from several places.</summary>
/// <param name="Node">The step.</param>
/// <param name="Stage">The stage around it, or null.</param>
/// <param name="Pipeline">The list of the pipeline that it is reached from.</param>
/// <param name="IsStartedByPush">Whether a push or a pull request of any user starts that pipeline.</param>
internal sealed record PipelineStep(YamlNode.Mapping Node, YamlNode.Mapping? Stage, YamlNode Pipeline, bool IsStartedByPush)
{
    /// <summary>Its first key.</summary>
    public Position At => Node.Entries is [var first, ..] ? first.KeyAt : Node.At;

    /// <summary>How messages call it.</summary>
    public string Name => Value("name").AsText() is { Length: > 0 } name ? $"The step {Quoted.Of(name)}" : "This step";

    /// <summary>The value of one of its keys, or null.</summary>
    public YamlNode? Value(string key) => Node.Find(key);

    /// <summary>Whether the step asks for the OIDC token.</summary>
    public bool HasOidc => Value("oidc").IsTrue();

    /// <summary>Whether runs of it wait for one another: a group of its own, or a deployment's lock.</summary>
    public bool IsSerialized => Value("concurrency-group") is not null || HasAround("deployment");

    /// <summary>Whether an environment restricts it.</summary>
    public bool HasEnvironment => HasAround("deployment") || HasAround("environment");

    /// <summary>Whether a runner without containers runs it, so that it has no image.</summary>
    public bool HasNoContainer => Labels().Any(label => label.Contains("shell", StringComparison.Ordinal) || label is "windows" or "macos");

    /// <summary>The deployment environment that restricts it, or null.</summary>
    public string? Environment => Around("environment").AsText() ?? Around("deployment").AsText();

    /// <summary>Whether it runs on a runner of one's own, whose address one knows.</summary>
    public bool IsSelfHosted => Labels().Contains("self.hosted", StringComparer.Ordinal);

    /// <summary>Whether its calls come from the ranges that Atlassian publishes
    /// (https://support.atlassian.com/bitbucket-cloud/docs/step-options/).</summary>
    public bool HasPublishedAddresses => Value("runtime").Find("cloud").Find("atlassian-ip-ranges").IsTrue();

    private YamlNode? Around(string key) => Value(key) ?? Stage?.Find(key);

    private bool HasAround(string key) => Around(key) is not null;

    private IEnumerable<string> Labels() => Value("runs-on").Texts();
}
