using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Processes;

/// <summary>The main job with targets that ask for the proof of a pipeline, as a process against its sandbox, which runs the shipped
/// step.</summary>
public sealed partial class AttestedProcessTests : IDisposable
{
    private static readonly string[] Targets =
    [
        "      - { repository: payments-api, variable: WEBHOOK_SIGNING_KEY }",
        "      - { repository: payments-api, environment: production, variable: WEBHOOK_SIGNING_KEY }",
        "      - { workspace: true, variable: WEBHOOK_SIGNING_KEY }",
    ];

    private readonly Rotator _rotator = new();

    public AttestedProcessTests() => File.WriteAllText(
        _rotator.PathOf("rotation.yaml"),
        File.ReadAllText(RepositoryFiles.Sample)
            .Replace(Targets[0], string.Join('\n', Targets) + "\n    verify: attested", StringComparison.Ordinal)
            .Replace("\nvaults:\n", "\nattestation: { pipeline: prove }\n\nvaults:\n", StringComparison.Ordinal));

    private RotationInventory Inventory => InventoryFile.Read(_rotator.PathOf("rotation.yaml"), InventoryKinds.All).Inventory!;

    private ManagedSecret Webhook => Inventory.Secrets.Single(s => s.Name == "payments-webhook");

    [Fact]
    public async Task A_rotation_that_pipelines_prove_ends_attested()
    {
        var ended = await RotateAsync();
        var after = await SandboxView.OfAsync(_rotator);

        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Out.Should().Contain("3 attested");
        after.Agrees(Webhook).Should().BeTrue();
        (await EvidenceAsync()).Should().Contain("\"level\":\"attested\"").And.Contain("payments-api/production:WEBHOOK_SIGNING_KEY");
    }

    [Fact]
    public async Task A_target_that_another_scope_shadows_puts_everything_back()
    {
        await ChangeAsync(state => state.Workspaces["acme"].Repositories["secret-rotator"].Variables
            .Add(new VariableState
            {
                Uuid = "{00000000-0000-4000-8000-000000000001}",
                Key = "WEBHOOK_SIGNING_KEY",
                Value = "a value of someone else",
                Secured = true,
            }));
        var before = await SandboxView.OfAsync(_rotator);

        var ended = await RotateAsync();
        var after = await SandboxView.OfAsync(_rotator);

        ended.ExitCode.Should().Be(4, ended.Error);
        Unwrapped(ended.Out).Should().Contain(
                "workspace:WEBHOOK_SIGNING_KEY: pipeline #1 (prove) of secret-rotator sees another value than the one that was sent. It "
                    + "is shadowed by a variable WEBHOOK_SIGNING_KEY of the repository secret-rotator");
        (after.Current(Webhook), after.Agrees(Webhook)).Should().Be((before.Current(Webhook), true));
        after.Staged(Webhook).Should().BeEmpty();
    }

    [Theory]
    [InlineData("bitbucket.step=500", "ended as ERROR")]
    [InlineData("bitbucket.step@prove-production=garbage", "gave no answer for WEBHOOK_SIGNING_KEY")]
    [InlineData("bitbucket.run@payments-api:prove=403", "refused to run the pipeline")]
    [InlineData("bitbucket.log=garbage", "gave no answer for WEBHOOK_SIGNING_KEY")]
    [InlineData("bitbucket.storage=403", "refused to show the log")]
    public async Task A_proof_that_fails_puts_everything_back(string fault, string said)
    {
        var before = await SandboxView.OfAsync(_rotator);

        var ended = await RotateAsync("--fault", fault);
        var after = await SandboxView.OfAsync(_rotator);

        ended.ExitCode.Should().Be(4, ended.Error);
        Unwrapped(ended.Out).Should().Contain(said);
        after.Agrees(Webhook).Should().BeTrue();
        before.Versions(Webhook).Select(v => v.Content).Should().Contain(after.Current(Webhook)).And.HaveCount(1);
    }

    [Fact]
    public async Task A_run_that_dies_while_its_pipelines_run_is_finished_by_the_next_one_with_the_same_value_and_a_new_proof()
    {
        (await RotateAsync("--fault", "bitbucket.steps=kill")).ExitCode.Should().NotBe(0);
        var staged = (await SandboxView.OfAsync(_rotator)).Versions(Webhook)[^1].Content;

        var ended = await RotateAsync("--take-over", "payments-webhook");
        var after = await SandboxView.OfAsync(_rotator);

        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Out.Should().Contain("3 attested");
        (after.Current(Webhook), after.Agrees(Webhook)).Should().Be((staged, true));
    }

    [Fact]
    public async Task Neither_value_nor_proof_is_said_anywhere()
    {
        var ended = await RotateAsync("--log-level", "debug");
        var said = ended.Out + ended.Error + await EvidenceAsync();

        said.Should().NotContain((await SandboxView.OfAsync(_rotator)).Current(Webhook));
        // Digests stand in evidence; an answer of a step doesn't.
        var answers = Answer()
            .Matches(await File.ReadAllTextAsync(_rotator.PathOf(".sandbox/state.json"), TestContext.Current.CancellationToken))
            .Select(m => m.Groups[1].Value).ToList();
        answers.Should().HaveCount(3);
        answers.Where(said.Contains).Should().BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    private Task<Ended> RotateAsync(params string[] arguments) =>
        _rotator.RunAsync(["rotate", "--sandbox", "--only", "payments-webhook", .. arguments]);

    private async Task ChangeAsync(Action<BitbucketState> change)
    {
        await using var sandbox = await RunningSandbox.StartAsync(
            Inventory, new SandboxOptions { StateFolder = _rotator.PathOf(".sandbox"), RealClock = SystemClock.Instance },
            TestContext.Current.CancellationToken);
        await sandbox.Host.Store.ChangeAsync(state => change(state.Bitbucket));
    }

    private async Task<string> EvidenceAsync() =>
        await File.ReadAllTextAsync(
            Directory.EnumerateFiles(_rotator.PathOf(".sandbox/evidence"), "*.jsonl").Single(), TestContext.Current.CancellationToken);

    private static string Unwrapped(string text) => Space().Replace(text, " ");

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Space();

    [GeneratedRegex(
        @"secret-rotator attestation 1 WEBHOOK_SIGNING_KEY ([0-9a-f]{64})", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Answer();
}
