using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Hosting;
using SecretRotator.Tests.Commands;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Doctor;

/// <summary>The repository's own <c>bitbucket-pipelines.yml</c>, which users copy.</summary>
public sealed partial class OwnPipelineFileTests
{
    private static readonly string File = Path.Combine(RepositoryFiles.Root, "bitbucket-pipelines.yml");
    private static readonly string Text = System.IO.File.ReadAllText(File);

    [Fact]
    public void The_review_finds_nothing_in_it() => PipelineFileReview.Of(File, System.IO.File.ReadAllBytes(File)).Should().BeEmpty();

    [Fact]
    public void It_uses_keys_that_Bitbucket_knows()
    {
        var schema = JsonNode.Parse(System.IO.File.ReadAllText(TestData.PathOf("bitbucket/pipelines.schema.json")))!.AsObject();

        var evaluator = new SchemaEvaluator(schema);

        evaluator.Accepts(ToJson(Root())).Should().BeTrue();
        var broken = ToJson(Root())!;
        broken["pipelines"]!["default"]![0]!["step"]!["script"] = "make";
        evaluator.Accepts(broken).Should().BeFalse("the schema does look at steps");
    }

    [Fact]
    public void It_has_the_pipelines_that_the_documentation_names() =>
        ((YamlNode.Mapping)Root().Find("pipelines")!)
            .Find("custom")
            .Entries()
            .Select(entry => entry.Key)
            .Should().Equal("rotate", "rotate-now", "dry-run-report", "verify", "sharded-rotate");

    [Fact]
    public void Every_command_in_it_is_one_that_the_tool_takes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A shell expands the command lines.");
        var calls = Calls(index: 0);

        calls.Should().HaveCountGreaterThan(6);
        foreach (var arguments in calls)
            Errors(arguments).Should().BeEmpty(string.Join(' ', arguments));
        calls.Should().ContainEquivalentOf(
            new[] { "rotate", "--force", "payments-db", "grid-api", "--reason", "leaked in a log", "--report", "report.html" },
            options => options.WithStrictOrdering());
    }

    [Fact]
    public void Its_shards_cover_the_inventory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A shell expands the command lines.");

        Enumerable.Range(0, 4)
            .Select(index => Calls(index)
                .First(arguments => arguments.Contains("--shard"))
                .SkipWhile(word => word != "--shard")
                .ElementAt(1)).Should().Equal("1/4", "2/4", "3/4", "4/4");
        Steps().Where(step => Texts(step).Any(text => text.Contains("--shard", StringComparison.Ordinal))).Should().HaveCount(4);
    }

    [Fact]
    public void Steps_that_hold_secrets_do_not_run_as_root()
    {
        var image = Root().Find("image");
        foreach (var step in Steps().Where(step => step.HasOidc))
            (((step.Value("image") ?? image) as YamlNode.Mapping)?.Find("run-as-user") as YamlNode.Scalar)?.Text.Should()
                .Be("1654", step.Name);
    }

    [Fact]
    public void Evidence_is_kept_whatever_the_outcome()
    {
        foreach (var step in Steps().Where(step => Texts(step).Any(text => text.Contains(" rotate ", StringComparison.Ordinal))))
        {
            var uploads = ((YamlNode.Mapping)step.Value("artifacts")!).Find("upload").Items().OfType<YamlNode.Mapping>();
            uploads.Should().Contain(
                    upload => ((YamlNode.Scalar)upload.Find("capture-on")!).Text == "always"
                        && upload.Find("paths").Items().OfType<YamlNode.Scalar>().Any(path => path.Text == "evidence/**"), step.Name);
        }
    }

    [Fact]
    public void The_container_builds_on_the_same_image_and_runs_as_a_user()
    {
        var lines = System.IO.File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "Containerfile"));
        var images = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ToArray();

        images.Should().HaveCount(2).And.OnlyContain(image => Pinned().IsMatch(image));
        images[0].Should().Be(((Root().Find("image") as YamlNode.Mapping)!.Find("name") as YamlNode.Scalar)!.Text);
        images[1].Should().Contain("chiseled");
        lines.Where(line => line.StartsWith("USER ", StringComparison.Ordinal)).Should().Equal("USER $APP_UID");
        lines.Last(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal)).Should()
            .StartWith("ENTRYPOINT [", "there is no shell to run it");
        lines.SkipWhile(line => !line.Contains("chiseled", StringComparison.Ordinal)).Should()
            .NotContain(line => line.StartsWith("RUN ", StringComparison.Ordinal), "there is nothing to run");
    }

    private static YamlNode.Mapping Root() => (YamlNode.Mapping)AnchoredYaml.Read(Text, new FindingList(File))!;

    private static ImmutableArray<PipelineStep> Steps() => PipelineOutline.Read(Root(), new FindingList(File));

    private static IEnumerable<string> Texts(PipelineStep step)
    {
        var source = new ScriptSource(Text);
        return new[] { step.Value("script"), step.Value("after-script") }.SelectMany(script => script.Items()).OfType<YamlNode.Scalar>()
            .SelectMany(item => source.Commands(item)).Select(command => command.Text);
    }

    private static IReadOnlyList<string> Errors(IReadOnlyList<string> arguments) =>
        [.. Published().Parse(arguments).Errors.Select(error => error.Message)];

    private static CommandRunner Published() => new(
        new TestTerminal().Terminal, new Dictionary<string, string>(), ".", new FakeSessionFactory { HasSandbox = false },
        new Interruption(_ => { }));

    // The arguments as the step's shell makes them.
    private static List<string[]> Calls(int index) =>
    [
        .. Steps().SelectMany(Texts).Distinct(StringComparer.Ordinal)
            .Where(text => text.StartsWith("publish/secret-rotator ", StringComparison.Ordinal)).Select(text =>
        {
            var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(text.Replace("publish/secret-rotator ", "printf '%s\\n' ", StringComparison.Ordinal));
            start.Environment["NAMES"] = "payments-db grid-api";
            start.Environment["REASON"] = "leaked in a log";
            start.Environment["BITBUCKET_PARALLEL_STEP"] = index.ToString(CultureInfo.InvariantCulture);
            start.Environment["BITBUCKET_PARALLEL_STEP_COUNT"] = "4";
            using var shell = Process.Start(start)!;
            var lines = shell.StandardOutput.ReadToEnd().TrimEnd('\n').Split('\n');
            shell.WaitForExit();
            return lines;
        }),
    ];

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlNode.Mapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry.Value)))),
        YamlNode.Sequence list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlNode.Scalar { Plain: true, Text: var text } when CoreSchema.Truth(text) is { } truth => truth,
        YamlNode.Scalar { Plain: true, Text: var text } when CoreSchema.IsNumber(text) => JsonNode.Parse(text),
        YamlNode.Scalar scalar => scalar.Text,
        _ => null,
    };

    [GeneratedRegex("@sha256:[0-9a-f]{64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pinned();
}
