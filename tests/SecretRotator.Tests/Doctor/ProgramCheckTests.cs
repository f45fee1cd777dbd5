using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Doctor.Runner;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor;

public sealed class ProgramCheckTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("repository-");

    [Fact]
    public void A_program_that_may_be_executed_passes()
    {
        Write("publish/secret-rotator", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Run("publish/secret-rotator plan", isInPipeline: true)
            .Should().ContainSingle().Which
            .Should().Match<CheckResult>(r => r.Status == CheckStatus.Pass && r.Line == 4 && r.Column == 30);
    }

    [Fact]
    public void A_program_that_no_one_may_execute_is_126()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no execute bit there.");
        Write("publish/secret-rotator", UnixFileMode.UserRead);

        Run("./publish/secret-rotator plan", isInPipeline: false).Should().ContainSingle().Which.Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Fail && r.Observed.Contains("126") && r.Fix!.Contains("chmod +x ./publish/secret-rotator")
                    && r.Why!.Contains("Permission denied (127)"));
    }

    [Theory]
    [InlineData(true, nameof(CheckStatus.Fail))]
    [InlineData(false, nameof(CheckStatus.Unknown))]
    public void A_program_that_is_not_on_the_path_is_127_in_the_step_and_unknown_anywhere_else(bool isInPipeline, string status) =>
        Run("secret-rotator plan", isInPipeline)
            .Should().ContainSingle().Which
            .Should().Match<CheckResult>(r => r.Status.ToString() == status && r.Observed == "\"secret-rotator\" isn't on the PATH (127).");

    [Fact]
    public void A_program_on_the_path_passes_whichever_directory_it_is_in()
    {
        Write("bin/secret-rotator", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Run("secret-rotator plan; secret-rotator verify", isInPipeline: true)
            .Should().ContainSingle().Which.Status
            .Should().Be(CheckStatus.Pass);
    }

    [Theory]
    [InlineData("dotnet run --project src/SecretRotator -- plan")]
    [InlineData("$BITBUCKET_CLONE_DIR/secret-rotator plan")]
    public void What_a_shell_or_the_SDK_makes_of_it_is_left_to_them(string command) => Run(command, isInPipeline: true).Should().BeEmpty();

    public void Dispose() => _directory.Delete(recursive: true);

    private ImmutableArray<CheckResult> Run(string command, bool isInPipeline)
    {
        var calls = PipelineFileReview.Read(
            "f", Encoding.UTF8.GetBytes($"pipelines:\n  default:\n    - step:\n        script: [ true ,    '{command}' ]\n")).Calls;
        return new ProgramCheck(
            calls, _directory.FullName,
            ["relative", Path.Combine(_directory.FullName, "nowhere"), Path.Combine(_directory.FullName, "bin")], isInPipeline).Run();
    }

    private void Write(string path, UnixFileMode mode)
    {
        var file = Path.Combine(_directory.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, mode);
    }
}
