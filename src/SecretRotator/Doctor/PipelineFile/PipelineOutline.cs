using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Finds the steps of a pipeline file, and whatever in its structure Bitbucket would refuse or ignore. The structure is that of Atlassian's
/// configuration reference (https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/).
/// Keys that it doesn't know pass unless they are near one that it does: Bitbucket's own list grows.
/// </summary>
internal sealed class PipelineOutline
{
    // A pipeline has 100 steps at most; beyond this many, the file nests aliases of lists of aliases.
    private const int MaximumItems = 20_000;

    private static readonly string[] RootKeys = ["image", "pipelines", "definitions", "options", "clone", "labels", "export", "triggers"];

    private static readonly string[] StepKeys =
    [
        "after-script", "artifacts", "caches", "clone", "concurrency-group", "condition", "custom", "deployment", "environment",
        "fail-fast",
        "image", "input-variables", "max-time", "name", "oidc", "output-variables", "runs-on", "runtime", "script", "services", "size",
        "trigger", "type",
    ];

    private static readonly string[] StageKeys = ["name", "steps", "condition", "deployment", "environment", "trigger"];
    private static readonly string[] OptionKeys = ["docker", "max-time", "runtime", "size"];
    private static readonly string[] Sections = ["default", "branches", "pull-requests", "tags", "bookmarks", "custom"];

    private readonly FindingList _findings;
    private readonly IReadOnlySet<YamlNode> _anchored;
    private readonly PipelineTriggers _triggers;
    private readonly ImmutableArray<PipelineStep>.Builder _steps = ImmutableArray.CreateBuilder<PipelineStep>();
    private int _items;

    private PipelineOutline(FindingList findings, IReadOnlySet<YamlNode> anchored, PipelineTriggers triggers) =>
        (_findings, _anchored, _triggers) = (findings, anchored, triggers);

    /// <summary>The steps in the order of the file.</summary>
    /// <param name="root">The file's root.</param>
    /// <param name="findings">Takes what is found.</param>
    /// <param name="anchored">The nodes that have anchors: a key that holds such may have any name.</param>
    public static ImmutableArray<PipelineStep> Read(YamlNode.Mapping root, FindingList findings, IReadOnlySet<YamlNode> anchored)
    {
        var outline = new PipelineOutline(findings, anchored, PipelineTriggers.Read(root));
        outline.ReadRoot(root);
        return outline._steps.ToImmutable();
    }

    private void ReadRoot(YamlNode.Mapping root)
    {
        CheckKeys(
            [.. root.Entries.Where(entry => RootKeys.Contains(entry.Key, StringComparer.Ordinal) || !HoldsAnchor(entry.Value))], RootKeys);
        CheckKeys(root.Find("options").Entries(), OptionKeys);
        foreach (var shared in root.Find("definitions").Find("pipelines").Entries())
            ReadPipeline(shared.Value, "definitions", isStartedByPush: false);
        if (root.Find("pipelines") is not YamlNode.Mapping pipelines)
        {
            // A file that only lends its pipelines to others has none of its own.
            if (root.Find("pipelines") is { } other)
                Refuse(other, "\"pipelines\" has to be a mapping of \"default\", \"branches\", \"custom\" and the like");
            else if (root.Find("export") is null)
                Refuse(root, "The file has no \"pipelines\"");
            return;
        }

        CheckKeys(pipelines.Entries, Sections);
        foreach (var section in pipelines.Entries)
            ReadSection(section);
    }

    private void ReadSection(YamlEntry section)
    {
        if (section.Key == "default")
            ReadPipeline(section.Value, section.Key, isStartedByPush: true);
        else if (!Sections.Contains(section.Key, StringComparer.Ordinal))
            return;
        else if (section.Value is YamlNode.Mapping named)
            foreach (var pipeline in named.Entries)
                ReadPipeline(pipeline.Value, section.Key, _triggers.StartByPush(section.Key, pipeline.Key));
        else
            Refuse(section.Value, $"\"{section.Key}\" has to be a mapping of names or patterns to pipelines");
    }

    private void ReadPipeline(YamlNode node, string section, bool isStartedByPush)
    {
        switch (node)
        {
            case YamlNode.Sequence list:
                ReadItems(list, new Place(list, isStartedByPush, Stage: null), ["step", "parallel", "stage", "variables"]);
                break;
            case YamlNode.Mapping mapping when mapping.Find("import") is not null:
                break;
            case YamlNode.Mapping mapping when section == "pull-requests" && mapping.Find("destinations") is YamlNode.Mapping destinations:
                foreach (var destination in destinations.Entries)
                    ReadPipeline(destination.Value, section, isStartedByPush);
                break;
            default:
                Refuse(node, "A pipeline has to be a list of steps, or an \"import\"");
                break;
        }
    }

    private void ReadItems(YamlNode.Sequence list, Place place, string[] allowed)
    {
        if (list.Items.IsEmpty)
            Refuse(list, "This list of steps is empty");
        foreach (var item in list.Items)
        {
            if (++_items > MaximumItems)
            {
                if (_items == MaximumItems + 1)
                    Refuse(item, $"There are more than {MaximumItems:N0} steps, counting those behind aliases; the rest isn't looked at");
                return;
            }

            // Several spellings are common of which Bitbucket takes one: a list within the list isn't it.
            if (item is YamlNode.Mapping { Entries: [var entry] } && allowed.Contains(entry.Key, StringComparer.Ordinal))
                ReadItem(entry, place);
            else if (item is YamlNode.Mapping { Entries: [{ Value: YamlNode.Scalar { Plain: true, Text: var text } } name, _, ..] }
                && CoreSchema.IsNull(text) && allowed.Contains(name.Key, StringComparer.Ordinal))
                _findings.Add(
                    PipelineFault.Structure, name.KeyAt,
                    $"The keys of the {name.Key} have to be indented under {name.Key}:, further than {name.Key} itself");
            else
                Refuse(item, $"One of {string.Join(", ", allowed.Select(key => $"\"{key}\""))} is expected here{Hint(item, allowed)}");
        }
    }

    private void ReadItem(YamlEntry item, Place place)
    {
        switch (item.Key, item.Value)
        {
            case ("step", YamlNode.Mapping step):
                ReadStep(new PipelineStep(step, place.Stage, place.Pipeline, place.IsStartedByPush));
                break;
            case ("parallel", YamlNode.Sequence steps):
                ReadItems(steps, place, ["step"]);
                break;
            case ("parallel", YamlNode.Mapping group) when group.Find("steps") is YamlNode.Sequence steps:
                ReadItems(steps, place, ["step"]);
                break;
            case ("stage", YamlNode.Mapping inner) when inner.Find("steps") is YamlNode.Sequence steps:
                CheckKeys(inner.Entries, StageKeys);
                ReadItems(steps, place with { Stage = inner }, ["step", "parallel"]);
                break;
            case ("variables", YamlNode.Sequence variables):
                foreach (var variable in variables.Items.OfType<YamlNode.Mapping>())
                    SecretReview.ReviewDefault(variable, _findings);
                break;
            case (var key, var value):
                Refuse(value, key switch
                {
                    "step" => "A step has to be a mapping with a \"script\"",
                    "variables" => "\"variables\" has to be a list, each with a \"name\"",
                    _ => $"\"{key}\" needs a list of \"steps\"",
                });
                break;
        }
    }

    private void ReadStep(PipelineStep step)
    {
        CheckKeys(step.Node.Entries, StepKeys);
        if (step.Value("script") is null && step.Value("type") is null)
            _findings.Add(PipelineFault.Structure, step.At, $"{step.Name} has no \"script\"");
        foreach (var key in new[] { "script", "after-script" })
            if (step.Value(key) is { } script)
                CheckScript(key, script);
        _steps.Add(step);
    }

    private void CheckScript(string key, YamlNode script)
    {
        if (script is not YamlNode.Sequence list)
        {
            Refuse(script, $"\"{key}\" has to be a list of commands");
            return;
        }

        foreach (var item in list.Items)
            if (item is YamlNode.Mapping mapping && mapping.Find("pipe") is not YamlNode.Scalar)
                Refuse(item,
                    "A command has to be a text, or a \"pipe\" with its \"variables\". A text with a colon and a blank needs quotes");
            else if (item is YamlNode.Sequence)
                Refuse(item, "A command has to be a text, not a list");
    }

    private void CheckKeys(ImmutableArray<YamlEntry> entries, string[] known)
    {
        var missing = known.Except(entries.Select(entry => entry.Key), StringComparer.Ordinal).ToArray();
        foreach (var entry in entries)
            if (!known.Contains(entry.Key, StringComparer.Ordinal) && Spelling.Closest(entry.Key, missing) is { } meant)
                _findings.Add(
                    PipelineFault.UnknownKey, entry.KeyAt,
                    $"Bitbucket has no key {Quoted.Of(entry.Key)} here; \"{meant}\" was probably meant");
    }

    // Merge keys bring one node to many places, and it is enough to look into it once.
    private bool HoldsAnchor(YamlNode node, HashSet<YamlNode>? seen = null)
    {
        seen ??= new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        return _anchored.Contains(node)
            || (seen.Add(node)
                && (node.Items().Any(item => HoldsAnchor(item, seen)) || node.Entries().Any(entry => HoldsAnchor(entry.Value, seen))));
    }

    private void Refuse(YamlNode node, string observed) => _findings.Add(PipelineFault.Structure, node.At, observed);

    private static string Hint(YamlNode item, string[] allowed) =>
        item.Entries().Select(entry => Spelling.Closest(entry.Key, allowed)).FirstOrDefault(meant => meant is not null) is { } meant
            ? $"; \"{meant}\" was probably meant"
            : "";

    /// <summary>Where items are.</summary>
    private sealed record Place(YamlNode Pipeline, bool IsStartedByPush, YamlNode.Mapping? Stage);
}
