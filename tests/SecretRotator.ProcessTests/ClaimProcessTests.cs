namespace SecretRotator.Tests.Processes;

/// <summary>What a run leaves claimed, and who may go on with it. The holder is this very process, which runs.</summary>
public sealed class ClaimProcessTests : IDisposable
{
    private readonly Rotator _rotator = new();

    public ClaimProcessTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Theory]
    [InlineData("payments-db", "aws.TagResource=503")]
    [InlineData("grid-api", "azure.PatchSecret=503")]
    public async Task A_take_over_by_name_finishes_what_a_holder_left_open_that_is_said_to_run(string name, string fault)
    {
        (await RotateAsync(name, "--fault", fault)).ExitCode.Should().Be(5);
        (await RotateAsync(name)).ExitCode.Should().Be(6);

        var next = await RotateAsync(name, "--take-over", name);

        next.ExitCode.Should().Be(0, next.Error);
        next.Error.Should().Contain("said to be running");
        var after = await SandboxView.OfAsync(_rotator);
        after.Agrees(SandboxView.Secret(name)).Should().BeTrue();
        after.Staged(SandboxView.Secret(name)).Should().BeEmpty();
        after.Claims.Should().BeEmpty();
    }

    [Fact]
    public async Task A_claim_whose_answer_is_lost_and_that_can_not_be_looked_for_is_told_as_one_that_may_stand()
    {
        var unclear = await RotateAsync("grid-api", "--fault", "bitbucket.post#1=lost", "--fault", "bitbucket.list@secret-rotator#2..=503");
        var standing = (await SandboxView.OfAsync(_rotator)).Claims;

        unclear.ExitCode.Should().Be(5);
        standing.Should().ContainSingle();
        (unclear.Out + unclear.Error).Should().Contain("SECRET_ROTATOR_CLAIM_").And.NotContain("Nothing was changed");
        (await RotateAsync("grid-api", "--take-over", "grid-api")).ExitCode.Should().Be(0);
        (await SandboxView.OfAsync(_rotator)).Claims.Should().BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    private Task<Ended> RotateAsync(string name, params string[] options) =>
        _rotator.RunAsync(["rotate", "--sandbox", "--only", name, .. options]);
}
