using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Reviews a <c>bitbucket-pipelines.yml</c>: bytes to nodes with places (<see cref="AnchoredYaml"/>), nodes to steps
/// (<see cref="PipelineOutline"/>), scripts to command lines (<see cref="ScriptLexer"/>), and then rule by rule. What is found is a
/// <see cref="PipelineFault"/> with its place. It is tuned to be right rather than to find everything: a warning that is wrong teaches
/// people to look away.
/// </summary>
internal sealed class PipelineFileReview
{
    private readonly FindingList _findings;
    private readonly ScriptSource _source;
    private readonly Dictionary<YamlNode, ScriptFacts> _scripts = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _ofServices = new(StringComparer.Ordinal);
    private readonly HashSet<(YamlNode Script, bool HoldsSecrets)> _reviewed = [];
    private readonly List<PipelineStep> _withSecrets = [];
    private readonly SortedSet<string> _environments = new(StringComparer.OrdinalIgnoreCase);

    private PipelineFileReview(string text, FindingList findings)
    {
        _findings = findings;
        _source = new ScriptSource(text);
    }

    /// <summary>Everything that is found, and what else is known of the file then. Never throws for what the bytes are.</summary>
    /// <param name="file">The file as results name it.</param>
    /// <param name="utf8">Its whole content.</param>
    public static PipelineFileFacts Read(string file, ReadOnlySpan<byte> utf8)
    {
        var findings = new FindingList(Quoted.Printable(file, maximum: 200));
        if (AnchoredYaml.Decode(utf8, findings) is not { } text)
            return new PipelineFileFacts(findings.ToSorted(), [], 0, [], []);
        var review = new PipelineFileReview(text, findings);
        ImmutableArray<PipelineStep> steps = [];
        try
        {
            var (root, anchored) = AnchoredYaml.Read(text, findings);
            steps = root is null ? [] : review.ReviewRoot(root, anchored);
        }
        catch (RegexMatchTimeoutException)
        {
            // Patterns for shells look back and forth within a command. A match that takes seconds was crafted to, or the machine is
            // stalled.
            findings.Add(
                PipelineFault.NotReviewed, Position.Start, "A command is too long or too odd to be reviewed in time, so the rest was not");
        }

        SecretReview.ReviewShapes(text, findings);
        return new PipelineFileFacts(
            findings.ToSorted(),
            [.. review._scripts.Values.SelectMany(script => script.ToolCalls).OrderBy(call => call.At.Line).ThenBy(call => call.At.Column)],
            steps.DistinctBy(step => step.At).Count(),
            [.. review._withSecrets.DistinctBy(step => step.At)],
            [.. review._environments]);
    }

    private ImmutableArray<PipelineStep> ReviewRoot(YamlNode root, IReadOnlySet<YamlNode> anchored)
    {
        if (root is not YamlNode.Mapping mapping)
        {
            _findings.Add(PipelineFault.Structure, root.At, "The file has to be a mapping with \"pipelines\"");
            return [];
        }

        if (mapping.Find("image") is { } image)
            ImageReview.Review(image, _findings);
        foreach (var service in mapping.Find("definitions").Find("services").Entries())
            ReviewService(service.Value);
        var options = mapping.Find("options");
        foreach (var docker in options.Entries().Where(entry => entry.Key == "docker" && entry.Value.IsTrue()))
            _findings.Add(PipelineFault.DockerService, docker.KeyAt, "Every step gets a Docker daemon");
        ReviewClone(mapping.Find("clone"));

        var steps = PipelineOutline.Read(mapping, _findings, anchored);
        foreach (var step in steps)
            Review(step);
        CacheReview.Review(steps, step => [.. Scripts(step).Select(FactsOf)], _findings);
        ReviewDefaults(steps, hasImage: mapping.Find("image") is not null, hasMaxTime: options.Find("max-time") is not null);
        return steps;
    }

    // What the whole file could say once is found once, at the first step that lacks it.
    private void ReviewDefaults(ImmutableArray<PipelineStep> steps, bool hasImage, bool hasMaxTime)
    {
        var own = steps.Where(step => step.Value("script") is not null).DistinctBy(step => step.At).ToList();
        if (!hasMaxTime && own.Where(step => step.Value("max-time") is null).ToList() is [var endless, ..] all)
            _findings.Add(
                PipelineFault.MaxTimeMissing, endless.At,
                all.Count == 1
                    ? $"{endless.Name} has no max-time, and the file sets none"
                    : $"{endless.Name} and {all.Count - 1} more have no max-time, and the file sets none");
        if (!hasImage && own.FirstOrDefault(step => step.Value("image") is null && !step.HasNoContainer) is { } bare)
            _findings.Add(PipelineFault.ImageDefault, bare.At, $"{bare.Name} has no image, and the file sets none");
    }

    private void ReviewService(YamlNode service)
    {
        if (service.Find("image") is { } image)
            ImageReview.Review(image, _findings);
        var variables = service.Find("variables").Entries();
        SecretReview.Review(variables, onlyRandom: true, _findings);
        _ofServices.UnionWith(
            variables.Select(entry => entry.Value.AsText()).OfType<string>().Where(value => !SecretLiteral.LooksRandom(value)));
    }

    private void ReviewClone(YamlNode? clone)
    {
        foreach (var entry in clone.Entries().Where(entry => entry.Key == "skip-ssl-verify" && entry.Value.IsTrue()))
            _findings.Add(PipelineFault.TlsUnchecked, entry.KeyAt, "Git's server isn't checked by its certificate");
    }

    private void Review(PipelineStep step)
    {
        if (step.Value("image") is { } image)
            ImageReview.Review(image, _findings);
        ReviewClone(step.Value("clone"));
        foreach (var service in step.Value("services").Items().OfType<YamlNode.Scalar>().Where(each => each.Text == "docker"))
            _findings.Add(PipelineFault.DockerService, service.At, $"{step.Name} gets a Docker daemon", group: "a step");

        var scripts = Scripts(step);
        var facts = scripts.Select(FactsOf).ToArray();
        ReviewRotation(step, [.. facts.SelectMany(script => script.ToolCalls)]);
        ReviewToken(step, facts);
        var holdsSecrets = step.HasOidc || facts.Any(script => script.NamesSecrets || !script.ToolCalls.IsEmpty);
        if (holdsSecrets)
            _withSecrets.Add(step);
        for (var i = 0; i < scripts.Length; i++)
            ReviewScript(scripts[i], facts[i], holdsSecrets);
    }

    private void ReviewRotation(PipelineStep step, ImmutableArray<ToolCall> calls)
    {
        if (calls.FirstOrDefault(call => call.Rotates) is not { } rotation)
            return;
        if (step.Environment is { } environment)
            _environments.Add(environment);
        if (!step.IsSerialized)
            _findings.Add(PipelineFault.ConcurrencyMissing, rotation.At, $"{step.Name} rotates secrets, and two runs of it can meet");
        if (!step.HasEnvironment)
            _findings.Add(PipelineFault.EnvironmentMissing, rotation.At, $"{step.Name} rotates secrets outside any environment");
        if (step.IsStartedByPush)
            _findings.Add(PipelineFault.RotationOnPush, rotation.At, $"{step.Name} rotates secrets in a pipeline that every push starts");
    }

    private void ReviewToken(PipelineStep step, IReadOnlyList<ScriptFacts> scripts)
    {
        if (step.HasOidc)
            return;
        var uses = scripts.SelectMany(script => script.TokenUses).ToArray();
        if (uses.Length > 0)
            _findings.Add(
                PipelineFault.OidcMissing, uses[0], $"{step.Name} uses the OIDC token without asking for it", status: CheckStatus.Fail);
        else if (scripts.SelectMany(script => script.ToolCalls).FirstOrDefault(call => call.NeedsIdentity) is { } call)
            _findings.Add(PipelineFault.OidcMissing, call.At, $"{step.Name} runs secret-rotator without asking for an OIDC token");
    }

    private static YamlNode.Sequence[] Scripts(PipelineStep step) =>
        [.. new[] { step.Value("script"), step.Value("after-script") }.OfType<YamlNode.Sequence>()];

    // A script behind an anchor is looked at once for each answer to whether there are secrets near.
    private void ReviewScript(YamlNode.Sequence node, ScriptFacts script, bool holdsSecrets)
    {
        if (!_reviewed.Add((node, holdsSecrets)))
            return;
        var throwaways = new ThrowawayValues(_ofServices, script);
        foreach (var command in script.Commands)
        {
            CommandReview.Review(command, holdsSecrets, _findings);
            SecretReview.Review(command, throwaways, _findings);
        }

        CommandReview.ReviewHostKeys(script, _findings);

        foreach (var pipe in script.Pipes)
        {
            ImageReview.ReviewPipe((YamlNode.Scalar)pipe.Find("pipe")!, _findings);
            SecretReview.Review(pipe.Find("variables").Entries(), onlyRandom: false, _findings);
            foreach (var entry in pipe.Find("variables").Entries())
                if (entry.Value.Texts().Select(CommandReview.FindSwitch).OfType<PipelineFault>().FirstOrDefault() is { } fault)
                    _findings.Add(fault, entry.Value.At, $"{Quoted.Of(entry.Key)} turns off the check of the server's identity");
        }

        SecretReview.ReviewCloudKeys(script, _findings);
    }

    private ScriptFacts FactsOf(YamlNode.Sequence script) =>
        _scripts.TryGetValue(script, out var known) ? known : _scripts[script] = ScriptFacts.Read(script, _source);
}

/// <summary>What the review of a pipeline file found out.</summary>
/// <param name="Findings">What is wrong, in the order of the file.</param>
/// <param name="Calls">Every call of this program.</param>
/// <param name="Steps">How many steps there are.</param>
/// <param name="WithSecrets">The steps that hold secrets.</param>
/// <param name="Environments">The deployment environments of the steps that rotate, sorted.</param>
internal sealed record PipelineFileFacts(
    ImmutableArray<CheckResult> Findings,
    ImmutableArray<ToolCall> Calls,
    int Steps,
    ImmutableArray<PipelineStep> WithSecrets,
    ImmutableArray<string> Environments)
{
    /// <summary>Of a file that can't be read.</summary>
    public static PipelineFileFacts None { get; } = new([], [], 0, [], []);
}
