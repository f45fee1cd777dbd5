using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor;

public sealed class PipelineFileCheckTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-");

    [Fact]
    public async Task A_file_without_faults_passes_and_says_what_was_looked_at()
    {
        var path = Write(
            "image: a@sha256:2222222222222222222222222222222222222222222222222222222222222222\npipelines: { default: [ { step: { "
                + "max-time: 5, script: [secret-rotator validate] } } ] }\n");

        (await RunAsync(path)).Select(result => (result.Id, result.Status, result.Observed)).Should().Equal(
            ("pipeline-file", CheckStatus.Pass, "1 step, 1 call of secret-rotator, nothing to find fault with."),
            ("step-addresses", CheckStatus.Pass, "1 step that holds secrets: 1 from any address of Bitbucket's builders."));
    }

    [Fact]
    public async Task Steps_with_secrets_are_told_by_the_addresses_that_they_call_from()
    {
        const string step = "image: a:1@sha256:0000000000000000000000000000000000000000000000000000000000000000, max-time: 5, oidc: true";
        var path = Write(
            $"pipelines: {{ default: [ {{ step: {{ {step}, runs-on: [self.hosted, linux], script: [a] }} }}, {{ step: {{ {step}, size: 4x, "
                + $"runtime: {{ cloud: {{ atlassian-ip-ranges: true }} }}, script: [b] }} }}, {{ step: {{ {step}, script: [c] }} }} ] }}\n");

        (await RunAsync(path)).Single(result => result.Id == "step-addresses").Observed.Should().Be(
            "3 steps that hold secrets: 1 on self-hosted runners, so from addresses of yours; 1 from the ranges that Atlassian publishes "
                + "(atlassian-ip-ranges); 1 from any address of Bitbucket's builders.");
    }

    [Fact]
    public async Task Findings_name_the_file() =>
        (await RunAsync(Write("pipelines: text\n")))
            .Should().ContainSingle().Which
            .Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Fail && r.File!.EndsWith("bitbucket-pipelines.yml") && r.Line == 1 && r.Column == 12);

    [Fact]
    public async Task A_file_that_is_not_there_or_not_readable_is_unknown_and_no_failure()
    {
        (await RunAsync(Path.Combine(_directory.FullName, "nowhere.yml")))
            .Should().ContainSingle().Which.Status
            .Should().Be(CheckStatus.Unknown);
        (await RunAsync(_directory.FullName)).Should().ContainSingle().Which.Status.Should().Be(CheckStatus.Unknown);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static Task<IReadOnlyList<CheckResult>> RunAsync(string path) => new PipelineFileCheck(path).RunAsync(CancellationToken.None);

    private string Write(string text)
    {
        var path = Path.Combine(_directory.FullName, "bitbucket-pipelines.yml");
        File.WriteAllText(path, text);
        return path;
    }
}
