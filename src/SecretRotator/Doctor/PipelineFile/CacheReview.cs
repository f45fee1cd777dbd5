using System.IO.Enumeration;
using System.Text.RegularExpressions;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Looks for programs that are made with the help of a cache and then run with secrets. A repository's caches are those of all its
/// branches, so anyone who can push any branch can put code into them.
/// </summary>
internal static class CacheReview
{
    /// <summary>Reviews the steps of a file.</summary>
    /// <param name="steps">The steps in the order of the file.</param>
    /// <param name="scripts">What the scripts of a step do.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Review(
        ImmutableArray<PipelineStep> steps, Func<PipelineStep, ImmutableArray<ScriptFacts>> scripts, FindingList findings)
    {
        foreach (var pipeline in steps.GroupBy(step => step.Pipeline, ReferenceEqualityComparer.Instance))
        {
            var makers = new List<(PipelineStep Step, YamlNode Caches, ImmutableArray<Artifact> Artifacts)>();
            foreach (var step in pipeline)
            {
                if (makers.Count > 0 && scripts(step) is var facts
                    && (step.HasOidc || step.HasEnvironment || facts.Any(script => script.NamesSecrets)))
                {
                    var programs = facts.SelectMany(script => script.Commands).SelectMany(ProgramsIn).ToHashSet(StringComparer.Ordinal);
                    foreach (var (maker, caches, artifacts) in makers)
                        if (artifacts.Any(artifact => Gets(step, artifact) && programs.Any(artifact.Holds)))
                            findings.Add(
                                PipelineFault.CachedProgram, caches.At,
                                $"{maker.Name} takes a cache and makes what {Lower(step.Name)} runs with its secrets");
                }

                if (step.Value("caches") is YamlNode.Sequence { Items.IsEmpty: false } filled
                    && ArtifactsOf(step) is { IsEmpty: false } made)
                    makers.Add((step, filled, made));
            }
        }
    }

    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    // https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/: a list of paths, a mapping with "paths", or with
    // "upload", whose scoped artifacts no other step gets.
    private static ImmutableArray<Artifact> ArtifactsOf(PipelineStep step) => step.Value("artifacts") switch
    {
        YamlNode.Sequence paths => [Artifact.Of(null, paths)],
        YamlNode.Mapping mapping when mapping.Find("upload") is YamlNode.Sequence upload =>
        [
            .. upload.Items.OfType<YamlNode.Mapping>()
                .Where(each => each.Find("type").AsText() != "scoped")
                .Select(each => Artifact.Of(each.Find("name").AsText(), each.Find("paths"))),
        ],
        YamlNode.Mapping mapping when mapping.Find("paths") is { } paths => [Artifact.Of(null, paths)],
        _ => [],
    };

    private static bool Gets(PipelineStep step, Artifact artifact) => step.Value("artifacts").Find("download") switch
    {
        YamlNode.Scalar { Text: "false" } => false,
        YamlNode.Sequence names => artifact.Name is null || names.Items.OfType<YamlNode.Scalar>().Any(name => name.Text == artifact.Name),
        _ => true,
    };

    private static IEnumerable<string> ProgramsIn(ScriptCommand command) => Programs.Matches(command.Text)
        .Select(match => match.Groups["path"].Value)
        .Select(path => Beginnings.Replace(path, ""))
        .Where(path => path.Length > 0);

    // A command by its path, or the file that an interpreter is given.
    private static readonly Regex Programs = ReviewPattern.Of(
        ShellWords.CommandPosition + @"(?:[""']?(?<path>[^\s;&|()""']*/[^\s;&|()""']+)|(?:" + ShellWords.Shell
            + @"|source|\.|node|dotnet|python[\d.]*|ruby|perl|php|java\s+-jar)\s+(?:-[\w-]+\s+)*[""']?(?<path>[^\s;&|()""'-][^\s;&|()""']*))");

    private static readonly Regex Beginnings = ReviewPattern.Of(@"^(?:\./|\$\{?BITBUCKET_CLONE_DIR\}?/)+");

    private sealed record Artifact(string? Name, ImmutableArray<string> Paths)
    {
        public static Artifact Of(string? name, YamlNode? paths) => new(
            name,
            [.. paths.Items()
                .OfType<YamlNode.Scalar>()
                .Where(path => path.Text is [not '!', ..])
                .Select(path => Beginnings.Replace(path.Text, "").TrimEnd('/'))]);

        // A directory means everything in it.
        public bool Holds(string path) =>
            Paths.Any(
                glob => FileSystemName.MatchesSimpleExpression(glob, path, ignoreCase: false)
                    || FileSystemName.MatchesSimpleExpression(glob + "/*", path, ignoreCase: false));
    }
}
