namespace SecretRotator.ServerTests;

/// <summary>Says which servers are missing, whose tests are left out.</summary>
public sealed class InstalledServersTests
{
    [Theory]
    [InlineData("redis-server")]
    public void A_server_is_installed(string program) => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program))),
        $"There is no {program} on the PATH, so the tests against it were left out.");
}
