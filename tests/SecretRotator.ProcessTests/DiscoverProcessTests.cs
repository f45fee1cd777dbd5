using System.Text.Json.Nodes;
using SecretRotator.Configuration;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Processes;

/// <summary><c>discover</c> as a process against the sandbox.</summary>
public sealed class DiscoverProcessTests : IDisposable
{
    private static readonly SchemaEvaluator Schema = new(
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "discovery.schema.json")))!.AsObject());

    private readonly Rotator _rotator = new();

    public DiscoverProcessTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Fact]
    public async Task Everything_that_no_one_manages_is_found_and_what_can_not_be_seen_is_named()
    {
        var ended = await _rotator.RunAsync("discover", "--sandbox", "--output", "json");

        ended.ExitCode.Should().Be(3, ended.Error);
        Schema.Accepts(JsonNode.Parse(ended.Out)).Should().BeTrue(ended.Out);
        var found = JsonDocument.Parse(ended.Out).RootElement;
        found.GetProperty("variables").EnumerateArray()
            .Select(each => $"{each.GetProperty("kind").GetString()} "
            + $"{(each.TryGetProperty("repository", out var repository) ? repository.GetString() : "")} "
            + $"{each.GetProperty("variable").GetString()}")
            .Should().Contain(
                [
                    "static-cloud-key legacy-deployer AWS_ACCESS_KEY_ID",
                    "static-cloud-key legacy-deployer AWS_SECRET_ACCESS_KEY",
                    "plain-secret legacy-deployer SMTP_PASSWORD",
                    "candidate legacy-deployer DEPLOY_TOKEN",
                    "candidate  NEXUS_TOKEN",
                ])
            .And.NotContain(["candidate payments-api DB_PASSWORD", "plain-secret legacy-deployer DEPLOY_REGION"]);
        found.GetProperty("unknown").EnumerateArray().Select(each => each.GetProperty("place").GetString()).Should().Equal("handbook");
        ended.Error.Should().Contain("repositories: at least");
    }

    [Fact]
    public async Task A_search_that_saw_everything_answers_0_and_fits_80_columns()
    {
        var ended = await _rotator.RunAsync("discover", "--sandbox", "--repository", "legacy-deployer");

        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Out.Should().Contain("legacy-deployer:AWS_ACCESS_KEY_ID (AWS, unsecured)").And
            .Contain("legacy-deployer/Production:DEPLOY_TOKEN").And.Contain("no value was read");
        ended.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
    }

    [Fact]
    public async Task Calls_that_are_used_up_leave_places_out_by_name()
    {
        var ended = await _rotator.RunAsync("discover", "--sandbox", "--max-calls", "2");

        ended.ExitCode.Should().Be(3);
        ended.Out.Should().Contain("Not looked at, the calls were used up").And.Contain("archive/*");
    }

    [Fact]
    public async Task Stubs_are_for_their_owner_alone_and_never_written_over()
    {
        (await _rotator.RunAsync("discover", "--sandbox", "--project", "LEGACY", "--stubs", "stubs.yaml")).ExitCode.Should().Be(3);
        var written = await File.ReadAllTextAsync(_rotator.PathOf("stubs.yaml"), TestContext.Current.CancellationToken);
        var again = await _rotator.RunAsync("discover", "--sandbox", "--stubs", "stubs.yaml");

        written.Should().Contain("variable: DEPLOY_TOKEN").And.Contain("# Not seen: handbook");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_rotator.PathOf("stubs.yaml")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        again.ExitCode.Should().Be(2);
        (await File.ReadAllTextAsync(_rotator.PathOf("stubs.yaml"), TestContext.Current.CancellationToken)).Should().Be(written);
    }

    [Fact]
    public async Task Without_an_inventory_a_workspace_is_enough_and_its_stubs_ask_who_accepts_the_value()
    {
        using var empty = new Rotator();

        var ended = await empty.RunAsync("discover", "--sandbox", "--workspace", "acme", "--stubs", "stubs.yaml");
        var lost = await empty.RunAsync("discover", "--sandbox");

        ended.ExitCode.Should().Be(3, ended.Error);
        ended.Out.Should().Contain("legacy-deployer/Production:DEPLOY_TOKEN");
        (await File.ReadAllTextAsync(empty.PathOf("stubs.yaml"), TestContext.Current.CancellationToken)).Should()
            .Contain("consumer: TODO         # who accepts a new value?").And.Contain("postgresql");
        lost.ExitCode.Should().Be(2);
        lost.Error.Should().Contain("--workspace");
    }

    [Theory]
    [InlineData(null, "E-mail address", "", BitbucketAuthentication.AccessToken)]
    [InlineData(null, "E-mail address", BitbucketAuthentication.Email, BitbucketAuthentication.ApiToken)]
    [InlineData("BITBUCKET_EMAIL=" + BitbucketAuthentication.Email, "API token of", BitbucketAuthentication.ApiToken)]
    [InlineData("BITBUCKET_OAUTH_CLIENT_ID=" + BitbucketAuthentication.ConsumerKey, "OAuth", BitbucketAuthentication.ConsumerSecret)]
    public async Task A_credential_that_is_set_nowhere_is_asked_for(string? variable, string question, params string[] answers)
    {
        await using var sandbox = await RunningSandbox.StartAsync(
            InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!,
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true },
            TestContext.Current.CancellationToken);
        using var asked = new Rotator { Answers = answers };
        foreach (var (name, value) in sandbox.Settings.Where(each => each.Key.Contains("BITBUCKET", StringComparison.Ordinal)))
            asked.Environment[name] = value;
        if (variable?.Split('=') is [var key, var set])
            asked.Environment[key] = set;

        var ended = await asked.RunAsync("discover", "--workspace", "acme", "--repository", "legacy-deployer");

        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Error.Should().Contain(question);
    }

    public void Dispose() => _rotator.Dispose();
}
