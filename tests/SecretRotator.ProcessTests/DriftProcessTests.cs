using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Processes;

/// <summary>Every kind of drift, made by hand in the sandbox and found by the command <c>verify</c> as a process.</summary>
public sealed class DriftProcessTests(DeliveredSandbox delivered) : IClassFixture<DeliveredSandbox>
{
    private const string Webhook = "payments-webhook";
    private const string WebhookKey = "WEBHOOK_SIGNING_KEY";
    private const string WebhookTarget = "payments-webhook payments-api:WEBHOOK_SIGNING_KEY: ";

    [Fact]
    public async Task Without_drift_it_answers_0_and_names_what_no_one_manages()
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var ended = await rotator.RunAsync("verify", "--sandbox", "--output", "json");
        var unmanaged = JsonDocument.Parse(ended.Out).RootElement.GetProperty("unmanaged").EnumerateArray().Select(Name).ToArray();

        ended.ExitCode.Should().Be(0);
        unmanaged.Should().Contain("workspace:ARTIFACTORY_TOKEN").And.NotContain("payments-api:" + WebhookKey);
    }

    [Fact]
    public Task A_missing_target_is_found() =>
        ShouldFindAsync(
            Webhook, state => Api(state).Variables.Remove(Find(state)), "payments-webhook: targets-changed", WebhookTarget + "missing");

    [Fact]
    public Task A_renamed_target_is_found() =>
        ShouldFindAsync(Webhook, state => Find(state).Key = "WEBHOOK_OLD", WebhookTarget + "renamed");

    [Fact]
    public Task A_target_that_can_be_read_is_found() =>
        ShouldFindAsync(Webhook, state => Find(state).Secured = false, WebhookTarget + "unsecured");

    [Fact]
    public Task A_key_that_stands_twice_in_different_case_is_found() =>
        ShouldFindAsync(Webhook, state => Api(state).Variables.Add(New("webhook_signing_key")), WebhookTarget + "ambiguous");

    [Fact]
    public Task A_deployment_variable_that_hides_a_repository_s_is_found() =>
        ShouldFindAsync(
            Webhook, state => Api(state).Environments.Single(e => e.Name == "production").Variables.Add(New(WebhookKey)),
            WebhookTarget + "shadowed");

    [Fact]
    public Task A_variable_of_another_entry_s_repository_that_hides_a_workspace_s_is_found() =>
        ShouldFindAsync(
            "payments-db", state => Acme(state).Repositories["billing-worker"].Variables.Add(New("PAYMENTS_DB_PASSWORD")),
            "payments-db workspace:PAYMENTS_DB_PASSWORD: shadowed");

    [Fact]
    public Task A_target_that_was_made_anew_is_found() =>
        ShouldFindAsync(Webhook, state => Find(state).Uuid = New(WebhookKey).Uuid, "payments-webhook: targets-changed");

    [Fact]
    public Task A_version_made_in_the_vault_is_found() => ShouldFindAsync(
        Webhook,
        state =>
        {
            var secret = Secret(state);
            secret.Versions.ForEach(version => version.Stages.Clear());
            secret.Versions.Add(
                new AwsVersionState { Id = "11111111-1111-4111-8111-111111111111", SecretString = "worthless", Stages = ["AWSCURRENT"] });
        },
        "payments-webhook: vault-moved");

    [Fact]
    public Task A_record_of_delivery_that_is_gone_is_found() =>
        ShouldFindAsync(Webhook, state => Secret(state).Tags.Remove("secret-rotator:delivered"), "payments-webhook: never-delivered");

    [Fact]
    public Task A_record_of_delivery_that_can_not_be_read_is_unknown() =>
        ShouldFindAsync(Webhook, state => Secret(state).Tags["secret-rotator:delivered"] = "yesterday", "payments-webhook: unknown");

    [Fact]
    public Task A_service_that_took_the_secret_over_is_found() =>
        ShouldFindAsync(Webhook, state => Secret(state).OwningService = "rds", "payments-webhook: foreign");

    [Fact]
    public Task A_vault_that_rotates_by_itself_now_is_found() =>
        ShouldFindAsync(Webhook, state => Secret(state).RotationEnabled = true, "payments-webhook: foreign");

    [Fact]
    public async Task A_rotation_that_stands_open_is_found()
    {
        using var rotator = new Rotator();
        File.Copy(Inventory.RepositoryFiles.Sample, rotator.PathOf("rotation.yaml"));
        (await rotator.RunAsync(
            "rotate", "--sandbox", "--only", Webhook,
            "--fault", $"bitbucket.put@{WebhookKey}=500", "--fault", "bitbucket.delete=500")).ExitCode.Should().Be(5);

        Findings(await VerifyAsync(rotator, Webhook)).Should().Contain("payments-webhook: unfinished");
    }

    [Fact]
    public Task A_value_that_is_older_than_its_policy_allows_is_found() =>
        ShouldFindAsync(Webhook, _ => { }, ["--now", "2030-01-01T00:00:00Z"], "payments-webhook: overdue");

    [Fact]
    public Task A_scope_that_can_not_be_listed_is_unknown() =>
        ShouldFindAsync(
            Webhook, _ => { }, ["--fault", "bitbucket.list@payments-api=403"], WebhookTarget + "unknown", WebhookTarget + "unknown");

    [Fact]
    public Task A_secret_that_can_not_be_described_is_unknown() =>
        ShouldFindAsync(Webhook, _ => { }, ["--fault", "aws.DescribeSecret@webhook=400"], "payments-webhook: unknown");

    private static WorkspaceState Acme(SandboxState state) => state.Bitbucket.Workspaces["acme"];

    private static RepositoryState Api(SandboxState state) => Acme(state).Repositories["payments-api"];

    private static VariableState Find(SandboxState state) => Api(state).Variables.Single(v => v.Key == WebhookKey);

    private static AwsSecretState Secret(SandboxState state) =>
        state.SecretsManager.Secrets.Values.Single(s => s.Name == "prod/payments/webhook");

    private static VariableState New(string key) =>
        new() { Uuid = "{11111111-1111-4111-8111-111111111111}", Key = key, Value = "worthless", Secured = true };

    private Task ShouldFindAsync(string secret, Action<SandboxState> change, params string[] findings) =>
        ShouldFindAsync(secret, change, [], findings);

    private async Task ShouldFindAsync(string secret, Action<SandboxState> change, string[] arguments, params string[] findings)
    {
        using var rotator = await delivered.CopyAsync(change);
        var ended = await VerifyAsync(rotator, secret, arguments);

        ended.ExitCode.Should().Be(3, ended.Error);
        Findings(ended).Should().Equal(findings);
    }

    private static Task<Ended> VerifyAsync(Rotator rotator, string secret, params string[] arguments) =>
        rotator.RunAsync(["verify", "--sandbox", "--output", "json", "--only", secret, .. arguments]);

    private static IEnumerable<string> Findings(
        Ended ended) => JsonDocument.Parse(ended.Out).RootElement.GetProperty("findings").EnumerateArray()
        .Select(f => $"{f.GetProperty("secret").GetString()}{(f.TryGetProperty("target", out var target) ? " " + Name(target) : "")}: "
        + $"{f.GetProperty("kind").GetString()}");

    private static string Name(JsonElement target)
    {
        var repository = target.TryGetProperty("repository", out var slug) ? slug.GetString() : "workspace";
        var environment = target.TryGetProperty("environment", out var name) ? "/" + name.GetString() : "";
        return $"{repository}{environment}:{target.GetProperty("variable").GetString()}";
    }
}
