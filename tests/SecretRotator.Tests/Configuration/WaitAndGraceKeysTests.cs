using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>The keys <c>wait</c> and <c>grace</c>, of one secret and of all.</summary>
public sealed class WaitAndGraceKeysTests
{
    private const string Entry = "    vault: prod\n";
    private const string Value = "    value: { kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD "
        + "}\n"
        + "    consumer: reads-from-vault\n";

    private const string Backed = "    value: { kind: password, field: pw }\n"
        + "    targets: [ { repository: payments-api, variable: DB_PASSWORD, whole: true } ]\n";

    private const string Pair = "    backend: { kind: mariadb, server: db.internal, admin: vault://prod/admin, users: [a, b] }\n";
    private const string Default = "  rotate-every: 30d\n";

    [Fact]
    public void Without_the_keys_nothing_waits_and_nothing_is_retired() =>
        (Secret(Entry, Entry).Wait, Secret(Entry, Entry).Grace).Should().Be((null, null));

    [Theory]
    [InlineData("idle", 24)]
    [InlineData("{ idle: 12h }", 12)]
    [InlineData("{ idle: 7d }", 168)]
    public void A_wait_has_a_limit_of_its_own_or_a_day(string wait, int hours) =>
        Secret(Entry, $"{Entry}    wait: {wait}\n").Wait.Should().Be(new IdleWait(Duration.FromHours(hours)));

    [Theory]
    [InlineData("", 24)]
    [InlineData("    wait: { idle: 12h }\n", 12)]
    [InlineData("    wait: none\n", null)]
    public void What_is_changed_in_place_is_changed_while_nothing_runs_unless_its_entry_says_otherwise(string wait, int? hours) =>
        Secret(Value, $"{Backed}    backend: {{ kind: mariadb, server: db.internal, overlap: none }}\n{wait}").Wait.Should()
            .Be(hours is { } some ? new IdleWait(Duration.FromHours(some)) : null);

    [Fact]
    public void An_old_credential_stays_valid_until_the_pipelines_have_finished_that_may_hold_it() =>
        Secret(Value, Backed + Pair).Grace.Should().Be(new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6)));

    [Fact]
    public void An_old_credential_always_has_a_grace() =>
        Problems(Value, $"{Backed}{Pair}    grace: none\n").Should().ContainSingle().Which.Should()
            .Contain("Without a grace the old credential would never be disabled, and its slot would never be free");

    [Fact]
    public void A_grace_is_a_time() =>
        Secret(Entry, Entry + "    grace: 2h\n").Grace.Should().Be(new GracePolicy.Lasting(Duration.FromHours(2)));

    [Fact]
    public void A_grace_waits_for_pipelines_up_to_a_limit() =>
        Secret(Entry, Entry + "    grace: { until: running-pipelines-finish, limit: 6h }\n").Grace.Should()
            .Be(new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6)));

    [Fact]
    public void Both_may_be_defaults()
    {
        var secret = Secret(Default, Default + "  wait: idle\n  grace: 2h\n");

        (secret.Wait, secret.Grace).Should().Be((new IdleWait(Duration.FromHours(24)), new GracePolicy.Lasting(Duration.FromHours(2))));
    }

    [Fact]
    public void None_lifts_a_default()
    {
        var text = With(Default, Default + "  wait: idle\n  grace: 2h\n")
            .Replace(Entry, Entry + "    wait: none\n    grace: none\n", StringComparison.Ordinal);
        var secret = Read(text).Inventory!.Secrets[0];

        (secret.Wait, secret.Grace).Should().Be((null, null));
    }

    [Theory]
    [InlineData(
        "wait: always",
        "rotation.yaml:15:11: \"wait\" must say what is waited for, or \"none\". Write \"wait: idle\", with a limit of your own \"wait: "
            + "{ idle: 12h }\", or \"wait: none\".")]
    [InlineData(
        "wait: [idle]",
        "rotation.yaml:15:11: \"wait\" must say what is waited for, or \"none\". Write \"wait: idle\", with a limit of your own \"wait: "
            + "{ idle: 12h }\", or \"wait: none\".")]
    [InlineData(
        "wait: { idle: 8d }", "rotation.yaml:15:19: \"idle\" must lie between one minute and seven days. Write for example \"idle: 24h\".")]
    [InlineData("wait: {}", "rotation.yaml:15:11: The key \"idle\" is missing in \"wait\". Add \"idle: 24h\".")]
    [InlineData(
        "grace: soon",
        "rotation.yaml:15:12: \"soon\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, "
            + "12h, 2w or 10m (minutes).")]
    [InlineData(
        "grace: 30s",
        "rotation.yaml:15:12: \"30s\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, "
            + "12h, 2w or 10m (minutes).")]
    [InlineData(
        "grace: 8d",
        "rotation.yaml:15:12: \"grace\" must lie between one minute and seven days. Write for example \"grace: { until: "
            + "running-pipelines-finish, limit: 6h }\".")]
    [InlineData(
        "grace: running-pipelines-finish",
        "rotation.yaml:15:12: A grace that waits for pipelines needs a limit, since one that never finishes would keep the old version "
            + "valid forever. Write \"grace: { until: running-pipelines-finish, limit: 6h }\".")]
    [InlineData(
        "grace: { until: running-pipelines-finish }", "rotation.yaml:15:12: The key \"limit\" is missing in \"grace\". Add \"limit: 6h\".")]
    [InlineData(
        "grace: { until: monday, limit: 6h }",
        "rotation.yaml:15:21: \"monday\" is nothing that a grace lasts until. Write \"until: running-pipelines-finish\".")]
    [InlineData(
        "grace: [2h]",
        "rotation.yaml:15:12: \"grace\" must say how long an old version stays valid, or \"none\". Write a time such as \"grace: 2h\", "
            + "or \"grace: { until: running-pipelines-finish, limit: 6h }\", or \"grace: none\".")]
    [InlineData(
        "rotate-every: 2h\n    grace: 2h",
        "rotation.yaml:16:5: The grace lasts as long as the value does, so the next rotation would have to wait for it. Write a shorter "
            + "grace, or a longer \"rotate-every\".")]
    public void What_is_wrong_is_said_at_its_place(string line, string problem) =>
        Problems(Entry, $"{Entry}    {line}\n").Should().Equal(problem);

    [Fact]
    public void A_vault_managed_secret_has_no_grace_of_its_own() =>
        Problems(With(Entry, Entry + "    grace: 2h\n").Replace("{ kind: password }", "{ kind: vault-managed }", StringComparison.Ordinal))
            .Should().Equal(
            "rotation.yaml:15:5: A vault-managed secret can't have a grace: the vault's own rotation decides how long the old value is "
                + "good. Delete the line, or write \"grace: none\".");

    [Fact]
    public void A_default_grace_is_not_meant_for_a_vault_managed_secret() =>
        Read(With(Default, Default + "  grace: 2h\n")
            .Replace("{ kind: password }", "{ kind: vault-managed }", StringComparison.Ordinal)).Inventory!.Secrets[0].Grace.Should()
            .BeNull();
}
