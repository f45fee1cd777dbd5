using System.Text.Json.Nodes;
using SecretRotator.Commands;
using SecretRotator.Doctor;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private static readonly CheckResult Passed = new(CheckArea.Network, "endpoint", CheckStatus.Pass, "It answers.");

    private static readonly CheckResult Failed = new(
        CheckArea.PipelineFile, "image-not-pinned", CheckStatus.Fail, "The image has no digest.")
    {
        Why = "A tag can be moved.",
        Fix = "Write image: NAME@sha256:DIGEST.",
        File = "bitbucket-pipelines.yml",
        Line = 3,
        Column = 8,
    };

    private readonly CommandFixture _run = new();

    [Theory]
    [InlineData(CheckStatus.Pass, 0)]
    [InlineData(CheckStatus.Unknown, 0)]
    [InlineData(CheckStatus.Warn, 0)]
    [InlineData(CheckStatus.Fail, 3)]
    public async Task Only_a_failed_check_stops_a_pipeline(object status, int expected)
    {
        _run.Sessions.DoctorReport = Of(Passed, Passed with { Status = (CheckStatus)status });

        (await _run.RunAsync("doctor")).Should().Be(expected);
    }

    [Fact]
    public async Task Its_options_are_handed_on()
    {
        await _run.RunAsync(
            "doctor", "--offline", "--no-values", "--area", "network", "pipeline-file", "--sandbox", "--fault", "no-access");

        var asked = _run.Sessions.DoctorRequests.Single();
        asked.Offline.Should().BeTrue();
        asked.LeavesValues.Should().BeTrue();
        Enum.GetValues<CheckArea>().Where(asked.Includes).Should().Equal(CheckArea.Network, CheckArea.PipelineFile);
        asked.SandboxRun!.Faults.Should().Equal("no-access");
        asked.Inventory.Inventory.Should().NotBeNull();
    }

    [Fact]
    public async Task An_inventory_that_cannot_be_read_ends_nothing()
    {
        await File.WriteAllTextAsync(_run.InventoryPath, "version: 1\nfoo: 2\n", TestContext.Current.CancellationToken);

        await _run.RunAsync("doctor");

        _run.Sessions.DoctorRequests.Single().Inventory.Problems.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("doctor --fault no-access", "--fault needs --sandbox.")]
    [InlineData("doctor --area moon", "'moon' not recognized")]
    [InlineData("doctor --output sarif", "doctor has no --output sarif")]
    public async Task A_mistake_on_its_command_line_answers_2(string arguments, string said)
    {
        (await _run.RunAsync(arguments.Split(' '))).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Should().Contain(said);
        _run.Sessions.DoctorRequests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_finding_in_a_file_is_told_with_its_place()
    {
        _run.Sessions.DoctorReport = Of(Passed, Failed);

        await _run.RunAsync("doctor");

        _run.Out.Should().Contain("Pipeline file\n  fail    image-not-pinned: bitbucket-pipelines.yml:3:8: The image has no\n");
        _run.Out.Should().Contain("To fix: Write image").And.EndWith("2 answers: 1 fail, 1 pass.\n");
    }

    [Fact]
    public async Task A_name_with_control_characters_is_harmless()
    {
        _run.Sessions.DoctorReport = Of(Passed with { Observed = "x\u001b[31m\u202e" });

        await _run.RunAsync("doctor");

        _run.Out.Should().NotContain("\u001b").And.NotContain("\u202e");
    }

    [Fact]
    public void The_JSON_is_as_its_schema_says()
    {
        foreach (var status in Enum.GetValues<CheckStatus>())
            foreach (var area in Enum.GetValues<CheckArea>())
                Schema.Accepts(Json(Of(Passed with { Area = area, Status = status }, Failed))).Should().BeTrue();
        Schema.Accepts(Json(Of() with { Sandbox = new SandboxNote(Samples.Now, ".sandbox"), Offline = true })).Should().BeTrue();
    }

    [Fact]
    public void The_schema_refuses_what_is_no_answer()
    {
        var json = Json(Of(Failed));
        json["results"]![0]!["status"] = "fine";
        Schema.Accepts(json).Should().BeFalse();
        json = Json(Of(Failed));
        json["results"]![0]!["secret"] = "x";
        Schema.Accepts(json).Should().BeFalse();
    }

    [Fact]
    public async Task A_check_that_breaks_hides_none_of_the_others()
    {
        var broken = new List<Exception>();

        var results = await CheckRunner.AskAsync(
            [new Breaking(), new PassingCheck()], 1, broken.Add, TestContext.Current.CancellationToken);

        results.Select(result => (result.Id, result.Status)).Should()
            .Equal(("check-broken", CheckStatus.Fail), ("endpoint", CheckStatus.Pass));
        broken.Should().ContainSingle();
        results[0].Observed.Should().NotContain("a library's text");
    }

    public void Dispose() => _run.Dispose();

    private static SchemaEvaluator Schema { get; } = new(
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "doctor.schema.json")))!.AsObject());

    private static DoctorReport Of(params CheckResult[] results) => new([.. results], Offline: false, Sandbox: null);

    private static JsonNode Json(DoctorReport report) =>
        JsonNode.Parse(
            TestTerminal.Written(
                terminal => terminal.WriteJson(json => ResultContext.Write(json, new DoctorJson(report, ExitCodes.Of(report))))))!;

    private sealed class Breaking : ICheck
    {
        public CheckArea Area => CheckArea.Network;

        public bool NeedsNetwork => false;

        public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) =>
            throw new InvalidOperationException("a library's text");
    }

    private sealed class PassingCheck : ICheck
    {
        public CheckArea Area => CheckArea.Network;

        public bool NeedsNetwork => false;

        public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<CheckResult>>([Passed]);
    }
}
