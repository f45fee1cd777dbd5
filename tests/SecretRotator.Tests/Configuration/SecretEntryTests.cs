using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

public sealed class SecretEntryTests
{
    private const string Path = "path: prod/payments/db";

    private const string Second = """

          - name: billing
            vault: prod
            path: prod/billing
            value: { kind: password }
            consumer: reads-from-vault
            targets: [ { repository: billing, variable: DB_PASSWORD } ]
        """;

    [Theory]
    [InlineData("    vault: prod\n", "", "rotation.yaml:13:5: The key \"vault\" is missing in a secret. Add \"vault: prod\".")]
    [InlineData(
        "    value: { kind: password }\n", "",
        "rotation.yaml:13:5: The key \"value\" is missing in a secret. Add \"value: { kind: password, length: 40 }\".")]
    [InlineData(
        "name: payments-db", "name: Payments-DB",
        "rotation.yaml:13:11: \"Payments-DB\" can't be the name of a secret. Write lower-case letters, digits and hyphens, at most 63, "
            + "and begin with a letter or a digit.")]
    [InlineData(
        "    vault: prod\n", "    vualt: prod\n    vault: prod\n",
        "rotation.yaml:14:5: Unknown key \"vualt\" in a secret. Did you mean \"vault\"? Known keys: name, vault, path, owner, "
            + "rotate-every, window, wait, grace, hold, verify, value, backend, consumer, targets.")]
    [InlineData("    vault: prod\n", "    vault: plant\n", "rotation.yaml:14:12: There is no vault \"plant\". Known vaults: azure, prod.")]
    [InlineData(
        "  owner: team@acme.example\n", "",
        "rotation.yaml:12:5: The secret has no owner. Add \"owner: platform@acme.example\" to it or to \"defaults\".")]
    [InlineData(
        "  rotate-every: 30d\n", "",
        "rotation.yaml:12:5: The secret doesn't say how often it rotates. Add \"rotate-every: 30d\" to it or to \"defaults\".")]
    public void What_is_wrong_with_an_entry_is_said_at_its_place(string before, string after, string problem) =>
        Problems(before, after).Should().Equal(problem);

    [Theory]
    [InlineData("payments-db")]
    [InlineData("\"PAYMENTS-DB\"")]
    public void Two_secrets_can_not_share_a_name_whatever_its_case(string name) =>
        Problems(Text + Second.Replace("name: billing", "name: " + name, StringComparison.Ordinal)).Should().Contain(
            $"rotation.yaml:21:11: There is a secret \"{name.Trim('"')}\" already, on line 13. Choose another name, or delete one of "
                + "the two.");

    [Fact]
    public void Two_entries_can_not_mean_the_same_secret() =>
        Problems(Text + Second.Replace("path: prod/billing", Path, StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:23:11: \"prod/payments/db\" is the path of a secret already, on line 15. Delete one of the two entries; a "
                + "value with several fields is one entry with a list under \"value\".");

    [Fact]
    public void Two_entries_can_not_mean_the_same_secret_through_two_names_of_one_vault() =>
        Problems(
            With("  azure: {", "  other: { kind: aws-secrets-manager, region: eu-west-1 }\n  azure: {")
            + Second.Replace("path: prod/billing", Path, StringComparison.Ordinal)
                .Replace("vault: prod", "vault: other", StringComparison.Ordinal)).Should().ContainSingle(
            p => p.StartsWith(
                "rotation.yaml:24:11: \"prod/payments/db\" is the path of a secret already, on line 16.", StringComparison.Ordinal));

    [Fact]
    public void The_same_path_in_two_regions_means_two_secrets() =>
        Problems(
            With("  azure: {", "  other: { kind: aws-secrets-manager, region: eu-west-2 }\n  azure: {")
            + Second.Replace("path: prod/billing", Path, StringComparison.Ordinal)
                .Replace("vault: prod", "vault: other", StringComparison.Ordinal)).Should().BeEmpty();

    [Theory]
    [InlineData(
        "prod/payments db",
        "rotation.yaml:15:11: \"prod/payments db\" can't be the name of a secret in AWS Secrets Manager. Write letters, digits and any "
            + "of /_+=.@-, at most 512, or the secret's whole ARN.")]
    [InlineData(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
        "rotation.yaml:15:11: \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db\" is not the whole ARN of a secret. Write "
            + "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX with the six characters that AWS added, or the name alone.")]
    [InlineData(
        "arn:aws:secretsmanager:eu-west-2:123456789012:secret:prod/db-AbCdEf",
        "rotation.yaml:15:11: The ARN is of the region \"eu-west-2\", and the vault \"prod\" of \"eu-west-1\". Write the name of a vault "
            + "in the ARN's region, or another ARN.")]
    public void A_path_has_to_suit_secrets_manager(string path, string problem) =>
        Problems(Path, "path: " + path).Should().Equal(problem);

    [Theory]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf")]
    [InlineData("MyStackDatabaseSecret3B817195-8zWHfMgwHr8J")]
    [InlineData("prod/payments-AbCdEf")]
    public void A_path_may_be_an_ARN_or_a_name_that_a_stack_made(string path) =>
        Secret(Path, "path: " + path).Path.Should().Be(path);

    [Theory]
    [InlineData("prod_db")]
    [InlineData("a/b")]
    public void A_path_has_to_suit_key_vault(string path) =>
        Problems(With("    vault: prod", "    vault: azure").Replace(Path, "path: " + path, StringComparison.Ordinal)).Should().Equal(
            $"rotation.yaml:15:11: \"{path}\" can't be the name of a secret in Azure Key Vault. Write letters, digits and hyphens, at "
                + "most 120.");

    [Fact]
    public void A_name_in_key_vault_leaves_room_for_its_companion() =>
        Problems(With("    vault: prod", "    vault: azure").Replace(Path, "path: " + new string('a', 121), StringComparison.Ordinal))
            .Should().ContainSingle(
            p => p.Contains("at most 120", StringComparison.Ordinal));

    [Fact]
    public void No_secret_in_key_vault_may_be_another_one_s_companion() =>
        Problems(
            With("    vault: prod", "    vault: azure").Replace(Path, "path: db-Staged", StringComparison.Ordinal)
            + Second.Replace("path: prod/billing", "path: DB", StringComparison.Ordinal)
                .Replace("vault: prod", "vault: azure", StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:15:11: \"db-Staged\" is where the secret of line 23 keeps its new value while it rotates. Choose a name that "
                + "doesn't end in -staged.");

    [Theory]
    [InlineData(
        "0d", "\"rotate-every\" is not longer than nothing. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as "
            + "30d, 12h, 2w or 10m (minutes).")]
    [InlineData(
        "9m", "\"rotate-every\" is shorter than \"minimum-interval\" of \"limits\", so it could never be kept. Write a longer period, or "
            + "lower \"minimum-interval\".")]
    [InlineData("P11Y", "\"rotate-every\" is longer than 10 years. Write a shorter period.")]
    [InlineData(
        "-30d", "\"-30d\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or "
            + "10m (minutes).")]
    [InlineData(
        "30 days",
        "\"30 days\" is not a period. Did you mean \"30d\"? Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as "
            + "30d, 12h, 2w or 10m (minutes).")]
    [InlineData(
        "P", "\"P\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or 10m "
            + "(minutes).")]
    [InlineData(
        "P1DT", "\"P1DT\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or "
            + "10m (minutes).")]
    [InlineData(
        "P-1D", "\"P-1D\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or "
            + "10m (minutes).")]
    public void A_period_has_to_be_one_that_can_be_kept(string period, string problem) =>
        Problems("rotate-every: 30d", "rotate-every: " + period).Should().Equal("rotation.yaml:10:17: " + problem);

    public static TheoryData<string, Period> Periods => new()
    {
        { "30d", Period.FromDays(30) },
        { "2w", Period.FromWeeks(2) },
        { "12h", Period.FromHours(12) },
        { "10m", Period.FromMinutes(10) },
        { "P30D", Period.FromDays(30) },
        { "P1M", Period.FromMonths(1) },
        { "PT12H", Period.FromHours(12) },
        { "P1Y2M", new PeriodBuilder { Years = 1, Months = 2 }.Build() },
        { "P1W2DT3H4M5S", new PeriodBuilder { Weeks = 1, Days = 2, Hours = 3, Minutes = 4, Seconds = 5 }.Build() },
    };

    [Theory]
    [MemberData(nameof(Periods), DisableDiscoveryEnumeration = true)]
    public void A_period_is_read(string text, Period period) =>
        Secret("    vault: prod", "    vault: prod\n    rotate-every: " + text).RotateEvery.Should().Be(period);

    [Fact]
    public void An_entry_s_own_owner_takes_the_place_of_the_default_one() =>
        Secret("    vault: prod", "    vault: prod\n    owner: payments@acme.example").Owner.Should().Be("payments@acme.example");

    [Fact]
    public void An_entry_knows_its_line() => Secret("    vault: prod", "    vault: prod").Line.Should().Be(13);
}
