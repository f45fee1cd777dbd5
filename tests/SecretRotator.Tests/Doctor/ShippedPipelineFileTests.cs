using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Hosting;
using SecretRotator.Providers.Aws;
using SecretRotator.Tests.Commands;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Doctor;

/// <summary>The pipeline file that <c>init</c> writes, with the shards of docs/pipelines.md at its end, and this repository's
/// own.</summary>
public sealed partial class ShippedPipelineFileTests
{
    private const string File = "bitbucket-pipelines.yml";
    private const string Checksum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly string Own = System.IO.File.ReadAllText(Path.Combine(RepositoryFiles.Root, File));
    private static readonly string Page = System.IO.File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "pipelines.md"));
    private static readonly string Text =
        Made("https://releases.acme.example/secret-rotator", Checksum) + Shards().Match(Page).Groups["yaml"].Value;

    public static TheoryData<string> Files => [Own, Text, Made(null, null)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_review_finds_nothing_in_it(string text) =>
        PipelineFileReview.Read(File, Encoding.UTF8.GetBytes(text)).Findings.Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Files))]
    public void It_uses_keys_that_Bitbucket_knows(string text)
    {
        var schema = JsonNode.Parse(System.IO.File.ReadAllText(TestData.PathOf("bitbucket/pipelines.schema.json")))!.AsObject();

        var evaluator = new SchemaEvaluator(schema);

        evaluator.Accepts(ToJson(Root(text))).Should().BeTrue();
        var broken = ToJson(Root(text))!;
        broken["pipelines"]!["default"]![0]!["step"]!["script"] = "make";
        evaluator.Accepts(broken).Should().BeFalse("the schema does look at steps");
    }

    [Fact]
    public void It_has_the_pipelines_that_the_documentation_names()
    {
        var documented = PipelineRow().Matches(Page).Select(row => row.Groups["name"].Value).ToList();

        ((YamlNode.Mapping)Root().Find("pipelines")!).Find("custom").Entries().Select(entry => entry.Key).Should().Equal(
            "plan", "adopt", "rotate", "rotate-now", "rollback", "take-over", "verify", "doctor", "schedules", "report", "sharded-rotate");
        documented.Should().BeEquivalentTo(
            ["default", .. ((YamlNode.Mapping)Root().Find("pipelines")!).Find("custom").Entries().Select(entry => entry.Key)]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_schedules_that_come_with_it_start_pipelines_of_it(string text) =>
        ScheduleFolder.Read(Path.Combine(RepositoryFiles.Root, "schedules"), new("acme", "secret-rotator"), Samples.Now).Schedules
            .Select(schedule => schedule.Pipeline)
            .Should().BeSubsetOf(((YamlNode.Mapping)Root(text).Find("pipelines")!).Find("custom").Entries().Select(entry => entry.Key));

    [Fact]
    public void Its_image_is_that_of_this_repository() => Text.Should().Contain(ImageOf(Root(Own)));

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void A_release_runs_only_if_its_archive_is_the_one_that_was_pinned(bool isPinned, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A shell runs the commands.");
        var folder = Directory.CreateTempSubdirectory("rotator-");
        try
        {
            Run(folder.FullName, """
                mkdir path release && printf '#!/bin/sh\necho "it runs: $*"\n' > secret-rotator && chmod +x secret-rotator
                tar -czf release/archive.tar.gz secret-rotator && rm secret-rotator
                cat > path/curl <<'END' && chmod +x path/curl
                #!/bin/sh
                while [ $# -gt 1 ]; do [ "$1" = --output ] && to=$2; shift; done
                echo "$1" > url
                cp release/archive.tar.gz "$to"
                END
                """);
            var archive = System.IO.File.ReadAllBytes(Path.Combine(folder.FullName, "release", "archive.tar.gz"));
            var text = Made(
                "https://releases.acme.example/x/", isPinned ? Convert.ToHexStringLower(SHA256.HashData(archive)) : Checksum);
            var script = Texts(Steps(text).First(step => step.Name.Contains("Plan", StringComparison.Ordinal)), text);

            var ended = Run(folder.FullName, $"PATH=$PWD/path:$PATH\n{string.Join('\n', script)}");

            ended.ExitCode.Should().Be(exitCode, ended.Out);
            ended.Out.Contains("it runs: plan", StringComparison.Ordinal).Should().Be(isPinned);
            System.IO.File.ReadAllText(Path.Combine(folder.FullName, "url")).Should()
                .MatchRegex(@"^https://releases\.acme\.example/x/secret-rotator-\d+\.\d+\.\d+[^/]*-linux-x64\.tar\.gz\n$");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_command_in_it_is_one_that_the_tool_takes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A shell expands the command lines.");
        var calls = Calls(index: 0);

        calls.Should().HaveCountGreaterThan(12);
        foreach (var arguments in calls)
            Errors(arguments).Should().BeEmpty(string.Join(' ', arguments));
        calls.Should().ContainEquivalentOf(
            new[] { "rotate", "--force", "payments-db", "grid-api", "--reason", "leaked in a log", "--report", "report.html" },
            options => options.WithStrictOrdering());
        calls.Should().ContainEquivalentOf(
            new[] { "rollback", "payments-db", "--to", "previous", "--reason", "leaked in a log" },
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

    [Theory]
    [MemberData(nameof(Files))]
    public void Steps_that_hold_secrets_do_not_run_as_root(string text)
    {
        var image = Root(text).Find("image");
        foreach (var step in Steps(text).Where(step => step.HasOidc))
            (((step.Value("image") ?? image) as YamlNode.Mapping)?.Find("run-as-user") as YamlNode.Scalar)?.Text.Should()
                .Be("1654", step.Name);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Evidence_is_kept_whatever_the_outcome(string file)
    {
        foreach (var step in Steps(file).Where(step => Texts(step, file).Any(text => text.Contains(" rotate ", StringComparison.Ordinal))))
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

        images.Where(image => image != "shell").Should().HaveCount(3).And.OnlyContain(image => Pinned().IsMatch(image));
        images[0].Should().Be(ImageOf(Root(Own)));
        images[^1].Should().Contain("chiseled", "it is the one that is made unless another is named");
        var last = lines.SkipWhile(line => !line.Contains("chiseled@", StringComparison.Ordinal)).ToList();
        last.Should().Contain("USER 1654");
        last.Single(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal)).Should()
            .StartWith("ENTRYPOINT [", "there is no shell to run it");
        last.Should().NotContain(line => line.StartsWith("RUN ", StringComparison.Ordinal), "there is nothing to run");
    }

    private static string Made(string? releaseUrl, string? sha256) => new StarterFiles(
        "acme", "secret-rotator", new AwsProvider().Start, "Production", IsPremium: false, releaseUrl, sha256, HasGitIgnore: false)
        .Files.Single(file => file.Path == File).Text;

    private static YamlNode.Mapping Root(string? text = null) =>
        (YamlNode.Mapping)AnchoredYaml.Read(text ?? Text, new FindingList(File)).Root!;

    private static string ImageOf(YamlNode.Mapping root) =>
        ((root.Find("image") as YamlNode.Mapping)!.Find("name") as YamlNode.Scalar)!.Text;

    private static ImmutableArray<PipelineStep> Steps(string? text = null)
    {
        var (root, anchored) = AnchoredYaml.Read(text ?? Text, new FindingList(File));
        return PipelineOutline.Read((YamlNode.Mapping)root!, new FindingList(File), anchored);
    }

    private static IEnumerable<string> Texts(PipelineStep step, string? text = null)
    {
        var source = new ScriptSource(text ?? Text);
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
        .. new[] { Text, Own }.SelectMany(file => Steps(file).SelectMany(step => Texts(step, file))).Distinct(StringComparer.Ordinal)
            .Where(text => Rotator().IsMatch(text))
            .Select(text => Rotator().Replace(text, "printf '%s\\n' "))
            .Select(text => Run(".", text, index).Out.TrimEnd('\n').Split('\n')),
    ];

    private static (int ExitCode, string Out) Run(string folder, string script, int index = 0)
    {
        var start = new ProcessStartInfo("sh", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NAMES"] = "payments-db grid-api";
        start.Environment["NAME"] = "payments-db";
        start.Environment["VERSION"] = "previous";
        start.Environment["REASON"] = "leaked in a log";
        start.Environment["BITBUCKET_PARALLEL_STEP"] = index.ToString(CultureInfo.InvariantCulture);
        start.Environment["BITBUCKET_PARALLEL_STEP_COUNT"] = "4";
        using var shell = Process.Start(start)!;
        var said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, said);
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlNode.Mapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry.Value)))),
        YamlNode.Sequence list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlNode.Scalar { Plain: true, Text: var text } when CoreSchema.Truth(text) is { } truth => truth,
        YamlNode.Scalar { Plain: true, Text: var text } when CoreSchema.IsNumber(text) => JsonNode.Parse(text),
        YamlNode.Scalar scalar => scalar.Text,
        _ => null,
    };

    [GeneratedRegex("^(bin|publish)/secret-rotator ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rotator();

    [GeneratedRegex("@sha256:[0-9a-f]{64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pinned();

    [GeneratedRegex(
        @"^```yaml bitbucket-pipelines\.yml\n(?<yaml>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shards();

    [GeneratedRegex(
        @"^\| `(?<name>[a-z-]+)` \| (?:a push|a schedule|by hand)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PipelineRow();
}
