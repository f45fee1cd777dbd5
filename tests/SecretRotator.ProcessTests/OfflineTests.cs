namespace SecretRotator.Tests.Processes;

public sealed class OfflineTests : IDisposable
{
    private readonly Rotator _rotator = new();

    [Fact]
    public async Task Validate_answers_0_for_the_sample_inventory()
    {
        File.Copy(Path.Combine(RepositoryFiles.Root, "rotation.yaml"), _rotator.PathOf("rotation.yaml"));

        var ended = await _rotator.RunAsync("validate");

        ended.Should().Be(new Ended(0, "rotation.yaml is valid: 10 secrets in 3 vaults, 19 targets.\n", ""));
    }

    [Fact]
    public async Task A_missing_inventory_answers_2_on_stderr_and_nothing_on_stdout()
    {
        var ended = await _rotator.RunAsync("plan");

        ended.ExitCode.Should().Be(2);
        ended.Out.Should().BeEmpty();
        ended.Error.Should().StartWith("rotation.yaml: ");
    }

    [Fact]
    public async Task An_unknown_setting_answers_2_and_names_it()
    {
        _rotator.Environment["SECRET_ROTATOR__PARALELISM"] = "2";

        var ended = await _rotator.RunAsync("validate", "--output", "json");

        ended.ExitCode.Should().Be(2);
        JsonDocument.Parse(ended.Out).RootElement.GetProperty("problems")[0]
            .GetProperty("message")
            .GetString()
            .Should().Contain("SECRET_ROTATOR__PARALELISM");
    }

    [Fact]
    public async Task Help_answers_0_and_a_wrong_option_answers_2()
    {
        (await _rotator.RunAsync("--help")).ExitCode.Should().Be(0);
        (await _rotator.RunAsync("plan", "--nonsense")).ExitCode.Should().Be(2);
    }

    [Theory]
    [InlineData()]
    [InlineData("plan")]
    [InlineData("rollback")]
    public async Task Help_is_the_same_with_a_thousand_secrets_in_the_inventory(params string[] command)
    {
        var help = await _rotator.RunAsync([.. command, "--help"]);
        var secrets = Enumerable.Range(0, 1000).Select(i =>
            $"  - {{ name: secret-{i}, vault: prod, path: p/{i}, value: {{ kind: hex, bytes: 32 }}, consumer: reads-from-vault, "
                + $"targets: [ {{ repository: api, "
                + $"variable: KEY_{i} }} ] }}\n");
        await File.WriteAllTextAsync(
            _rotator.PathOf("rotation.yaml"),
            $$"""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator }
            vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }
            defaults: { owner: platform@acme.example, rotate-every: 30d }
            secrets:
            {{string.Concat(secrets)}}
            """,
            TestContext.Current.CancellationToken);
        (await _rotator.RunAsync("validate")).ExitCode.Should().Be(0);

        (await _rotator.RunAsync([.. command, "--help"])).Should().Be(help);
    }

    public void Dispose() => _rotator.Dispose();
}
