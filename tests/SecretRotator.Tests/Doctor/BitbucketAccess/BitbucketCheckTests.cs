using NodaTime.Testing;
using SecretRotator.Configuration;
using SecretRotator.Doctor.BitbucketAccess;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Doctor.BitbucketAccess;

/// <summary>The check over real sockets against the emulator.</summary>
public sealed class BitbucketCheckTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: db
            vault: prod
            path: db
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: DB }, { repository: payments-api, environment: production, variable: DB } ]
        """;

    [Fact]
    public async Task A_credential_that_has_ended_is_told_and_nothing_further_is_asked()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var results = await RunAsync(stage, BitbucketStage.Token("long-gone-worthless"));

        var failed = results.Single(result => result.Status == CheckStatus.Fail);
        failed.Id.Should().Be("credential-accepted");
        failed.Observed.Should().Contain("401");
        failed.Fix.Should().Contain("was revoked or has ended");
        stage.Host.Calls.Snapshot().Should().ContainSingle("every further call would be refused too");
    }

    [Fact]
    public async Task Every_scope_is_listed_once_and_each_repository_asked_once_for_its_pipelines()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var results = await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken));

        results.Should().OnlyContain(result => result.Status == CheckStatus.Pass);
        stage.Host.Calls.Snapshot()
            .Select(call => call.Operation)
            .Should().BeEquivalentTo("list", "environments", "list", "pipelinesConfig");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repository_that_never_ran_pipelines_is_told_from_one_that_is_not_seen(bool seen)
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state =>
        {
            state.Workspaces["acme"].Repositories["payments-api"].PipelinesEnabled = false;
            if (!seen)
                state.Credentials[0].Repositories = ["acme/other"];
        });

        var failed = (await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken)))
            .Single(result => result.Status == CheckStatus.Fail);

        failed.Id.Should().Be(seen ? "pipelines-enabled" : "scope-reached");
        failed.Fix.Should()
            .Contain(seen ? "https://bitbucket.org/acme/payments-api/admin/pipelines/settings" : "Give the credential access to it");
    }

    [Fact]
    public async Task Without_the_scope_to_read_repositories_a_404_stays_unclear_and_says_so()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state =>
        {
            state.Workspaces["acme"].Repositories["payments-api"].PipelinesEnabled = false;
            state.Credentials[0].Scopes = ["pipeline", "pipeline:variable"];
        });

        var failed = (await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken)))
            .Single(result => result.Status == CheckStatus.Fail);

        failed.Observed.Should().Contain("can't be determined without the scope \"repository\"");
    }

    [Fact]
    public async Task A_missing_environment_is_named_with_those_that_there_are()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(
            state => state.Workspaces["acme"].Repositories["payments-api"].Environments
                .RemoveAll(environment => environment.Name == "production"));

        var failed = (await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken)))
            .Single(result => result.Status == CheckStatus.Fail);

        failed.Id.Should().Be("scope-reached");
        failed.Observed.Should().Contain("no deployment environment named production").And.Contain("staging");
        stage.CallsOf("repository").Should().Be(0, "what is wrong is known already");
    }

    [Fact]
    public async Task An_API_token_is_judged_by_its_own_words()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Credentials[1].Scopes = ["read:pipeline:bitbucket"]);

        var results = await RunAsync(
            stage, new BitbucketCredential.ApiToken(BitbucketAuthentication.Email, SecretValue.FromText(BitbucketAuthentication.ApiToken)));

        results.Single(result => result.Id == "scopes").Observed.Should()
            .Be("The credential lacks admin:pipeline:bitbucket; it has read:pipeline:bitbucket.");
        results.Single(result => result.Id == "call-budget").Status.Should()
            .Be(CheckStatus.Unknown, "limits are told to access tokens only");
    }

    [Fact]
    public async Task Reports_that_the_credential_may_not_write_are_a_warning()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Credentials[0].Scopes = ["pipeline", "pipeline:variable"]);

        var results = await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken), reports: true);

        results.Single(result => result.Id == "scopes").Status.Should().Be(CheckStatus.Warn);
    }

    [Fact]
    public async Task A_server_in_trouble_fails_once_and_not_for_every_scope()
    {
        await using var stage = await BitbucketStage.StartAsync(null, "bitbucket.*=503");

        var results = await RunAsync(stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken));

        results.Single(result => result.Status == CheckStatus.Fail).Id.Should().Be("credential-accepted");
        results.Single(result => result.Id == "scopes").Status.Should().Be(CheckStatus.Unknown);
    }

    [Theory]
    [InlineData(true, CheckStatus.Pass)]
    [InlineData(false, CheckStatus.Warn)]
    public async Task Who_may_deploy_to_the_environment_that_rotates_is_told(bool isForAdministrators, object status)
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repository("secret-rotator", new ScriptedRandom(16))
            .Environment("Production", new ScriptedRandom(16)).IsForAdministrators = isForAdministrators);

        var results = await RunAsync(
            stage, BitbucketStage.Token(BitbucketAuthentication.AccessToken), environments: ["production", "no-such"]);

        results.Where(result => result.Id == "environment-admins").Select(result => result.Status).Should()
            .Equal((CheckStatus)status, CheckStatus.Unknown);
        results.First(result => result.Id == "environment-branches").Why.Should()
            .Contain("https://bitbucket.org/acme/secret-rotator/admin/pipelines/deployment-settings");
    }

    private static async Task<IReadOnlyList<CheckResult>> RunAsync(
        BitbucketStage stage, BitbucketCredential credential, bool reports = false, ImmutableArray<string>? environments = null)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Yaml, TestContext.Current.CancellationToken);
        var inventory = InventoryFile.Read(file, InventoryKinds.All).Inventory!;
        File.Delete(file);
        var check = new BitbucketCheck(
            inventory,
            _ => Task.FromResult(credential),
            (shown, notes) => BitbucketConnection.Create(
                new BitbucketSettings
                {
                    Api = new Uri(stage.Host.EndpointOf("bitbucket"), "2.0"),
                    Patience = new() { Attempt = Timeout.InfiniteTimeSpan, Tries = 1 },
                },
                shown,
                RunLimits.Default,
                new FakeClock(Noon),
                stage.Time,
                new ScriptedRandom(128),
                () => notes.Over(new SocketsHttpHandler { UseProxy = false })),
            reports,
            environments ?? [],
            parallelism: 4);
        return await check.RunAsync(TestContext.Current.CancellationToken);
    }
}
