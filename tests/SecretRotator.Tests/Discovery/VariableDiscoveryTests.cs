using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Discovery;
using SecretRotator.Providers;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Discovery;

public sealed class VariableDiscoveryTests
{
    private const string Secret = "a-value-that-no one-may-see";

    private static readonly VariableScope.Repository Api = new("acme", "payments-api");
    private static readonly DiscoveryRequest Everything = new("acme", null, [], null);

    private readonly List<string> _announced = [];

    private static RotationInventory Sample { get; } = InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!;

    [Theory]
    [InlineData("DB_PASSWORD", true)]
    [InlineData("db_passwd", true)]
    [InlineData("GITHUB_TOKEN", true)]
    [InlineData("NPM_AUTH_TOKEN", true)]
    [InlineData("STRIPE_API_KEY", true)]
    [InlineData("APIKEY", true)]
    [InlineData("SSH_PRIVATE_KEY", true)]
    [InlineData("DBPASSWORD", true)]
    [InlineData("SENTRY_DSN", true)]
    [InlineData("TOKEN_URL", false)]
    [InlineData("PASSWORD_LENGTH", false)]
    [InlineData("SECRET_NAME", false)]
    [InlineData("LOG_LEVEL", false)]
    [InlineData("PRIMARY_KEY", false)]
    [InlineData("PUBLIC_KEY", false)]
    [InlineData("COMPASS_DIRECTION", false)]
    [InlineData("TOKENIZER", false)]
    public void A_name_tells_of_a_secret_or_not(string key, bool secret) => SecretNames.LooksSecret(key).Should().Be(secret);

    [Fact]
    public async Task What_is_uncovered_is_found_in_workspace_repositories_and_environments()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await SeedAsync(stage);

        var report = await RunAsync(stage, Everything);

        report.Variables.Select(each => $"{each.Kind} {each.Scope}:{each.Key}").Should().Equal(
            "Candidate workspace:NEXUS_TOKEN",
            "StaticCloudKey payments-api:AWS_ACCESS_KEY_ID",
            "PlainSecret payments-api:SMTP_PASSWORD",
            "StaticCloudKey payments-api/production:AWS_SECRET_ACCESS_KEY",
            "Candidate payments-api/production:OTHER");
        (report.IsComplete, report.Scopes).Should().Be((true, 5));
    }

    [Fact]
    public async Task What_an_entry_covers_is_left_out_whatever_the_case()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(Api, "db_password");
        await stage.SeedAsync(new VariableScope.Environment("acme", "payments-api", "production"), "DB_PASSWORD");

        (await RunAsync(stage, Everything)).Variables.Should().BeEmpty();
    }

    [Fact]
    public async Task It_says_what_it_will_cost_before_it_costs_it()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var report = await RunAsync(stage, Everything with { MostCalls = 50 });

        _announced.Should().ContainSingle().Which.Should().StartWith("2 repositories: at least 5 calls").And.Contain("it stops at 50");
        report.Calls.Should().Be(stage.Recorded.Calls.Count).And.Be(8);
    }

    [Theory]
    [InlineData(1, "workspace", "payments-api", "payments-api/*", "secret-rotator", "secret-rotator/*")]
    [InlineData(4, "payments-api/staging", "payments-api/production", "secret-rotator", "secret-rotator/*")]
    [InlineData(7, "secret-rotator/*")]
    [InlineData(8)]
    public async Task It_stops_at_its_calls_and_names_what_it_left_out(int calls, params string[] unseen)
    {
        await using var stage = await BitbucketStage.StartAsync();

        var report = await RunAsync(stage, Everything with { MostCalls = calls });

        report.Unseen.Should().Equal(unseen);
        report.Calls.Should().Be(calls);
        report.IsComplete.Should().Be(unseen.Length == 0);
    }

    [Fact]
    public async Task A_place_that_can_not_be_seen_is_named_and_the_others_are_looked_at()
    {
        await using var stage = await BitbucketStage.StartAsync(
            null, "bitbucket.list@payments-api/production=403", "bitbucket.environments@secret-rotator=404");
        await stage.ChangeAsync(
            state => state.Workspaces["acme"].Repositories["handbook"] = new()
            {
                Uuid = Guid.NewGuid().ToString("B"),
                PipelinesEnabled = false,
            });
        await SeedAsync(stage);

        var report = await RunAsync(stage, Everything);

        report.Unknown.Select(place => place.Place).Should().Equal("handbook", "payments-api/production", "secret-rotator/*");
        report.Variables.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_project_and_a_list_of_repositories_narrow_it_and_leave_the_workspace_out()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await SeedAsync(stage);
        await stage.ChangeAsync(state => state.Workspaces["acme"].Repositories["secret-rotator"].Project = "TOOLS");

        (await RunAsync(stage, Everything with { Project = "TOOLS" })).Scopes.Should().Be(1);
        var report = await RunAsync(stage, Everything with { Repositories = ["payments-api"] });

        (report.Scopes, report.Variables.Length).Should().Be((3, 4));
    }

    [Fact]
    public async Task A_workspace_of_more_repositories_than_a_page_holds_is_seen_as_a_whole()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state =>
        {
            for (var i = 0; i < 120; i++)
                state.Workspaces["acme"].Repositories[$"app-{i}"] = new() { Uuid = Guid.NewGuid().ToString("B") };
        });

        (await RunAsync(stage, Everything)).Scopes.Should().Be(125);

        stage.CallsOf("repositories").Should().Be(2);
    }

    [Fact]
    public async Task A_credential_without_the_scope_for_repositories_is_told_which_one()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Credentials[0].Scopes.Remove("repository"));

        var failure = (await FluentActions.Awaiting(() => RunAsync(stage, Everything)).Should().ThrowAsync<RemoteFailureException>()).Which;

        failure.Hint.Should().Contain("\"repository\"");
    }

    [Fact]
    public async Task No_value_gets_into_what_is_found_or_announced()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await SeedAsync(stage);

        var report = await RunAsync(stage, Everything);

        stage.Recorded.Calls.Should()
            .Contain(call => call.Answer.Contains(Secret, StringComparison.Ordinal), "Bitbucket does return plain values");
        $"{string.Join('\n', report.Variables)}{string.Join('\n', _announced)}{InventoryStubs.Of(report, Sample)}".Should()
            .NotContain(Secret);
    }

    [Fact]
    public async Task Stubs_are_refused_as_they_are_and_taken_once_every_TODO_is_filled_in()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await SeedAsync(stage);
        await stage.SeedAsync(Api, new string('X', 200));
        await stage.SeedAsync(Api, new string('X', 199) + "Y");
        var stubs = InventoryStubs.Of(await RunAsync(stage, Everything), Sample);
        var sample = await File.ReadAllTextAsync(RepositoryFiles.Sample, TestContext.Current.CancellationToken);
        var entries = stubs[(stubs.IndexOf("secrets:", StringComparison.Ordinal) + "secrets:".Length)..];
        var filled = entries.Replace("vault: TODO", "vault: prod", StringComparison.Ordinal)
            .Replace("owner: TODO", "owner: me@acme.example", StringComparison.Ordinal)
            .Replace("kind: TODO", "kind: password", StringComparison.Ordinal)
            .Replace("consumer: TODO", "consumer: by-hand", StringComparison.Ordinal);
        for (var i = 0; filled.Contains("path: TODO", StringComparison.Ordinal); i++)
            filled = filled[..filled.IndexOf("path: TODO", StringComparison.Ordinal)] + $"path: stub/{i}"
                + filled[(filled.IndexOf("path: TODO", StringComparison.Ordinal) + "path: TODO".Length)..];

        InventoryParser.Parse("rotation.yaml", System.Text.Encoding.UTF8.GetBytes(sample + entries), InventoryKinds.All).Problems.Should()
            .NotBeEmpty();
        InventoryParser.Parse("rotation.yaml", System.Text.Encoding.UTF8.GetBytes(sample + filled), InventoryKinds.All).Problems.Should()
            .BeEmpty();
        stubs.Should().Contain("# payments-api:AWS_ACCESS_KEY_ID is a static key of AWS").And
            .Contain("name: payments-api-production-other").And.NotContain("variable: AWS_");
    }

    private static async Task SeedAsync(BitbucketStage stage)
    {
        var production = new VariableScope.Environment("acme", "payments-api", "production");
        await stage.SeedAsync(new VariableScope.Workspace("acme"), "NEXUS_TOKEN", Secret);
        await stage.SeedAsync(Api, "SMTP_PASSWORD", Secret, secured: false);
        await stage.SeedAsync(Api, "AWS_ACCESS_KEY_ID", Secret, secured: false);
        await stage.SeedAsync(Api, "LOG_LEVEL", Secret, secured: false);
        await stage.SeedAsync(Api, "DB_PASSWORD", Secret);
        await stage.SeedAsync(production, "OTHER", Secret);
        await stage.SeedAsync(production, "AWS_SECRET_ACCESS_KEY", Secret);
        await stage.SeedAsync(BitbucketStage.Home, "SECRET_ROTATOR_SCHEDULE_NIGHTLY", Secret, secured: false);
    }

    private Task<DiscoveryReport> RunAsync(BitbucketStage stage, DiscoveryRequest request) =>
        new VariableDiscovery(stage.Connection.Scopes, Sample, _announced.Add).RunAsync(request, TestContext.Current.CancellationToken);
}
