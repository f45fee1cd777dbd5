using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SecretRotator.Sandbox.Bitbucket.Pipelines;

/// <summary>The step of a custom pipeline, as far as a sandbox runs it.</summary>
/// <param name="Script">Its commands, a line or a block each, one after the other.</param>
/// <param name="Environment">The deployment environment that it runs in, or null.</param>
internal sealed record ScriptStep(string Script, string? Environment);

/// <summary>Finds custom pipelines in the text of a <c>bitbucket-pipelines.yml</c>.</summary>
internal static class PipelineFile
{
    /// <summary>The first step of a custom pipeline; null where there is none, or the text is no such file.</summary>
    public static ScriptStep? Find(string? text, string name)
    {
        if (text is null)
            return null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var items = Child(Child(Child(stream.Documents[0].RootNode, "pipelines"), "custom"), name) as YamlSequenceNode;
            var step = items?.Select(item => Child(item, "step")).OfType<YamlMappingNode>().FirstOrDefault();
            if (Child(step, "script") is not YamlSequenceNode script)
                return null;
            return new ScriptStep(string.Join('\n', script.Select(Text)), Text(Child(step, "environment") ?? Child(step, "deployment")));
        }
        catch (Exception e) when (e is YamlException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static YamlNode? Child(YamlNode? node, string key) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlNode? node) => (node as YamlScalarNode)?.Value;
}
