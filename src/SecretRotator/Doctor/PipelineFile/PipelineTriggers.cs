using System.Text.RegularExpressions;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Which pipelines a push or a pull request of any user starts: by its section, by a pattern that fits any branch or tag, or by the
/// file's <c>triggers</c> (https://www.atlassian.com/blog/bitbucket/reimagining-how-you-structure-workflows-in-bitbucket-pipelines).
/// </summary>
internal sealed class PipelineTriggers
{
    private readonly HashSet<string> _triggered;

    private PipelineTriggers(HashSet<string> triggered) => _triggered = triggered;

    /// <summary>Reads <c>triggers</c>.</summary>
    public static PipelineTriggers Read(YamlNode.Mapping root) => new(
    [
        .. root.Find("triggers").Entries()
            .Where(each => each.Key == "repository-push" || each.Key.StartsWith("pullrequest-", StringComparison.Ordinal))
            .SelectMany(each => each.Value.Items())
            .OfType<YamlNode.Mapping>()
            .Where(rule => rule.Find("condition") is not YamlNode.Scalar { Text: var condition } || !NamedBranch.IsMatch(condition))
            .SelectMany(rule => rule.Find("pipelines").Items())
            .OfType<YamlNode.Scalar>()
            .Select(name => name.Text),
    ]);

    /// <summary>Whether anyone's push starts the pipeline. A branch with a name, or with a prefix of one, may be one that not every user
    /// can push to.</summary>
    /// <param name="section">Its section.</param>
    /// <param name="key">Its name or pattern there.</param>
    public bool StartByPush(string section, string key) => section switch
    {
        "pull-requests" => true,
        "branches" or "tags" or "bookmarks" => AnyName.IsMatch(key),
        "custom" => _triggered.Contains(key),
        _ => false,
    };

    private static readonly Regex AnyName = ReviewPattern.Of(
        @"^(?:\{(?:[^{}]*,)?)?\*+(?:/\*+)?(?:(?:,[^{}]*)?\})?\z");

    private static readonly Regex NamedBranch = ReviewPattern.Of(
        @"\bBITBUCKET_(?:BRANCH|TAG)\s*==\s*[""']|(?<!!\s?)\bglob\(\s*BITBUCKET_(?:BRANCH|TAG)\s*,\s*[""'](?![*{?\[])");
}
