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

        (await RunAsync(path))
            .Should().ContainSingle().Which
            .Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Pass && r.Observed == "1 step, 1 call of secret-rotator, nothing to find fault with.");
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
