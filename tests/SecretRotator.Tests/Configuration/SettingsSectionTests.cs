using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>Everything above <c>secrets</c>: version, Bitbucket, vaults, limits, freezes, defaults.</summary>
public sealed class SettingsSectionTests
{
    [Fact]
    public void Another_version_is_the_only_problem_since_its_keys_may_mean_anything() =>
        Problems(With("version: 1", "version: 2").Replace("owner:", "onwer:", StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:1:1: This program reads version 1 of the inventory, and the file says 2. Write \"version: 1\", or use a newer "
                + "program.");

    [Theory]
    [InlineData(
        "version: one",
        "rotation.yaml:1:10: \"version\" must be a whole number from 1 to 2,147,483,647. Write for example \"version: 1\", without "
            + "quotes.")]
    [InlineData(
        "version: \"1\"",
        "rotation.yaml:1:10: \"version\" must be a whole number from 1 to 2,147,483,647. Write for example \"version: 1\", without "
            + "quotes.")]
    [InlineData("# version", "rotation.yaml:2:1: The key \"version\" is missing in an inventory. Add \"version: 1\".")]
    public void A_version_is_a_number_and_required(string line, string problem) =>
        Problems("version: 1", line).Should().Equal(problem);

    [Theory]
    [InlineData(
        "{ home: acme/rotator }", "rotation.yaml:2:12: The key \"workspace\" is missing in \"bitbucket\". Add \"workspace: acme\".")]
    [InlineData(
        "{ workspace: acme }", "rotation.yaml:2:12: The key \"home\" is missing in \"bitbucket\". Add \"home: acme/secret-rotator\".")]
    [InlineData(
        "{ workspace: ac me, home: acme/rotator }",
        "rotation.yaml:2:25: \"ac me\" can't be a workspace. Write the slug as it is in the address: letters, digits, dots, hyphens and "
            + "underscores, at most 62.")]
    [InlineData(
        "{ workspace: .., home: acme/rotator }",
        "rotation.yaml:2:25: \"..\" can't be a workspace. Write the slug as it is in the address: letters, digits, dots, hyphens and "
            + "underscores, at most 62.")]
    [InlineData(
        "{ workspace: acme, home: rotator }",
        "rotation.yaml:2:37: \"rotator\" is not a repository with its workspace. Write WORKSPACE/REPOSITORY such as \"home: "
            + "acme/secret-rotator\".")]
    [InlineData(
        "{ workspace: acme, home: other/Rotator }",
        "rotation.yaml:2:37: The home \"other/Rotator\" is not in the workspace \"acme\". Write \"home: acme/rotator\".")]
    [InlineData(
        "{ workspace: acme, home: acme/r, token: abc }",
        "rotation.yaml:2:45: The key \"token\" would hold a secret value, which is not allowed in this file. Delete the line. \"value\" "
            + "of a secret says how a new value is made.")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: abc }",
        "rotation.yaml:2:57: \"credential\" must say where the credential is kept, and never is the credential itself. Write "
            + "vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as \"credential: vault://prod/ci/bitbucket-token\".")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: vault://prod }",
        "rotation.yaml:2:57: \"credential\" must say where the credential is kept, and never is the credential itself. Write "
            + "vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as \"credential: vault://prod/ci/bitbucket-token\".")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: \"vault://prod/a#\" }",
        "rotation.yaml:2:57: \"credential\" must say where the credential is kept, and never is the credential itself. Write "
            + "vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as \"credential: vault://prod/ci/bitbucket-token\".")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: vault://pro/a }",
        "rotation.yaml:2:57: There is no vault \"pro\". Did you mean \"prod\"? Known vaults: azure, prod.")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: vault://azure/ci/token }",
        "rotation.yaml:2:57: \"ci/token\" can't be the name of a secret in Azure Key Vault. Write letters, digits and hyphens, at most "
            + "120.")]
    [InlineData(
        "{ workspace: acme, home: acme/r, credential: vault://prod/prod/payments/db }",
        "rotation.yaml:2:57: The secret \"payments-db\" would overwrite the Bitbucket credential with a value that Bitbucket doesn't "
            + "accept. Keep the credential in a secret, or a field, that no entry generates: only Bitbucket makes its tokens.")]
    public void What_is_wrong_with_bitbucket_is_said_at_its_place(string bitbucket, string problem) =>
        Problems("{ workspace: acme, home: acme/secret-rotator }", bitbucket).Should().Equal(problem);

    [Fact]
    public void Workspace_and_home_are_kept_in_lower_case()
    {
        var inventory = Accepted("{ workspace: acme, home: acme/secret-rotator }", "{ workspace: Acme, home: ACME/Secret-Rotator }");

        (inventory.Workspace, inventory.Home).Should().Be(("acme", new VariableScope.Repository("acme", "secret-rotator")));
    }

    [Theory]
    [InlineData("vault://prod/ci/bitbucket-token", "ci/bitbucket-token", null)]
    [InlineData("vault://prod/ci/bitbucket#token", "ci/bitbucket", "token")]
    public void The_credential_s_place_is_read(string text, string path, string? field) =>
        Accepted("home: acme/secret-rotator", $"home: acme/secret-rotator, credential: \"{text}\"").Credential.Should()
            .Be(new VaultReference("prod", path, field));

    [Theory]
    [InlineData("{ kind: password, field: token }", true)]
    [InlineData("{ kind: ssh-key, field: private, public-field: token }", true)]
    [InlineData("{ kind: password, field: other }", false)]
    [InlineData("{ kind: vault-managed }", false)]
    public void The_credential_may_share_a_secret_with_fields_that_are_generated_but_not_be_one(string value, bool isOverwritten) =>
        Problems(
            With("home: acme/secret-rotator", "home: acme/secret-rotator, credential: \"vault://prod/prod/payments/db#token\"")
                .Replace("{ kind: password }", value, StringComparison.Ordinal))
            .Any(problem => problem.Contains("would overwrite the Bitbucket credential", StringComparison.Ordinal)).Should()
            .Be(isOverwritten);

    [Theory]
    [InlineData("{ region: eu-west-1 }", "rotation.yaml:4:9: The key \"kind\" is missing in a vault. Add \"kind: aws-secrets-manager\".")]
    [InlineData(
        "{ kind: aws-secret-manager, region: eu-west-1 }",
        "rotation.yaml:4:17: \"aws-secret-manager\" is not a kind of vault. Did you mean \"aws-secrets-manager\"? Write one of: "
            + "aws-secrets-manager, azure-key-vault, google-secret-manager, hashicorp-vault.")]
    [InlineData(
        "{ kind: aws-secrets-manager }", "rotation.yaml:4:9: The key \"region\" is missing in an AWS vault. Add \"region: eu-west-1\".")]
    [InlineData(
        "{ kind: aws-secrets-manager, region: eu_west_1 }",
        "rotation.yaml:4:46: \"eu_west_1\" is not an AWS region. Write a region's system name such as eu-west-1.")]
    [InlineData(
        "{ kind: aws-secrets-manager, region: eu-west-1, role: rotator }",
        "rotation.yaml:4:63: \"rotator\" is not the ARN of an IAM role. Write it as arn:aws:iam::123456789012:role/NAME.")]
    [InlineData(
        "{ kind: aws-secrets-manager, region: eu-west-1, uri: x }",
        "rotation.yaml:4:57: Unknown key \"uri\" in an AWS vault. Known keys: kind, region, role.")]
    [InlineData(
        "{ kind: azure-key-vault }",
        "rotation.yaml:4:9: The key \"uri\" is missing in an Azure vault. Add \"uri: https://acme-prod.vault.azure.net/\".")]
    [InlineData(
        "eu-west-1",
        "rotation.yaml:4:9: Found a plain text where a vault is expected. Write \"prod: { kind: aws-secrets-manager, region: eu-west-1 "
            + "}\".")]
    public void What_is_wrong_with_a_vault_is_said_at_its_place(string vault, string problem) =>
        Problems("{ kind: aws-secrets-manager, region: eu-west-1 }", vault).Should().Equal(problem);

    [Theory]
    [InlineData("http://acme.vault.azure.net/")]
    [InlineData("https://acme.vault.azure.net:8443/")]
    [InlineData("https://acme.vault.azure.net/secrets")]
    [InlineData("https://acme.vault.azure.net.example.com/")]
    [InlineData("https://vault.azure.net/")]
    [InlineData("https://a.b.vault.azure.net/")]
    [InlineData("https://me@acme.vault.azure.net/")]
    [InlineData("acme.vault.azure.net")]
    [InlineData("https://ACME.vault.azure.net/")]
    [InlineData("https:/acme.vault.azure.net/./")]
    public void Azure_s_token_goes_to_no_host_but_a_key_vault_over_https(string uri) =>
        Problems("https://acme-prod.vault.azure.net/", uri).Should().Equal(
            $"rotation.yaml:5:40: \"{uri}\" is not the address of an Azure Key Vault. Write https://NAME.vault.azure.net/ (or "
                + ".vault.azure.cn, .vault.usgovcloudapi.net) in lower case, with the vault's name and nothing more.");

    [Fact]
    public void A_vault_s_name_has_to_fit_into_an_address() =>
        Problems("azure: {", "Azure West: {").Should().Equal(
            "rotation.yaml:5:3: \"Azure West\" can't be the name of a vault. Write lower-case letters, digits and hyphens, at most 63, "
                + "and begin with a letter or a digit.");

    [Fact]
    public void There_has_to_be_a_vault() =>
        Problems("version: 1\nbitbucket: { workspace: acme, home: acme/r }\nvaults: {}\nsecrets: []\n").Should().Equal(
            "rotation.yaml:3:9: \"vaults\" names no vault. Write for example \"vaults: { prod: { kind: aws-secrets-manager, region: "
                + "eu-west-1 } }\".",
            "rotation.yaml:4:10: \"secrets\" has no items. Write \"secrets: [ { name: payments-db, vault: prod, path: prod/payments/db, "
                + "... } ]\", or delete the line.");

    [Theory]
    [InlineData(
        "rotations-per-run: 0", 30,
        "\"rotations-per-run\" must be a whole number from 1 to 10,000. Write for example \"rotations-per-run: 25\", without quotes.")]
    [InlineData(
        "rotations-per-run: 99999999999", 30,
        "\"rotations-per-run\" must be a whole number from 1 to 10,000. Write for example \"rotations-per-run: 25\", without quotes.")]
    [InlineData(
        "failures-before-stop: -1", 33,
        "\"failures-before-stop\" must be a whole number from 1 to 10,000. Write for example \"failures-before-stop: 3\", without quotes.")]
    [InlineData(
        "bitbucket-calls-per-hour: 1.5", 37,
        "\"bitbucket-calls-per-hour\" must be a whole number from 1 to 10,000. Write for example \"bitbucket-calls-per-hour: 900\", "
            + "without quotes.")]
    [InlineData(
        "share-of-inventory: 50", 31, "\"share-of-inventory\" must be a text, and \"50\" without quotes is a number. Write it in quotes.")]
    [InlineData("share-of-inventory: half", 31, "\"half\" is not a share. Write a percentage above 0% and up to 100%, such as 50%.")]
    [InlineData("share-of-inventory: 0%", 31, "\"0%\" is not a share. Write a percentage above 0% and up to 100%, such as 50%.")]
    [InlineData("share-of-inventory: 100.1%", 31, "\"100.1%\" is not a share. Write a percentage above 0% and up to 100%, such as 50%.")]
    [InlineData(
        "minimum-interval: 30s", 29,
        "\"30s\" is not a period. Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or 10m "
            + "(minutes).")]
    [InlineData(
        "minimum-interval: PT30S", 29,
        "\"minimum-interval\" must lie between one minute and seven days. Write for example \"minimum-interval: 10m\".")]
    [InlineData(
        "claim-limit: P1M", 24, "\"claim-limit\" must lie between one minute and seven days. Write for example \"claim-limit: 2h\".")]
    [InlineData(
        "claim-limits: 2h", 11,
        "Unknown key \"claim-limits\" in \"limits\". Did you mean \"claim-limit\"? Known keys: rotations-per-run, share-of-inventory, "
            + "failures-before-stop, bitbucket-calls-per-hour, minimum-interval, claim-limit.")]
    public void What_is_wrong_with_a_limit_is_said_at_its_place(string limit, int column, string problem) =>
        Problems("{ minimum-interval: 10m }", $"{{ {limit} }}").Should().Equal($"rotation.yaml:6:{column}: {problem}");

    [Fact]
    public void Limits_are_read_and_the_rest_is_as_by_default() =>
        Accepted("{ minimum-interval: 10m }", "{ share-of-inventory: 12.5%, claim-limit: PT90M }").Limits
            .Should().Be(RunLimits.Default with { ShareOfInventory = 0.125m, ClaimLimit = Duration.FromMinutes(90) });

    [Theory]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 2027-01-04T00:00",
        "rotation.yaml:7:38: The freeze doesn't end after it begins. Write a \"to\" that is later than \"from\".")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 2026-12-20",
        "rotation.yaml:7:20: \"2026-12-20\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an offset: "
            + "\"zone\" says where it counts.")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 2026-12-20T00:00Z",
        "rotation.yaml:7:20: \"2026-12-20T00:00Z\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an "
            + "offset: \"zone\" says where it counts.")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 1926-12-20T00:00",
        "rotation.yaml:7:20: \"1926-12-20T00:00\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an "
            + "offset: \"zone\" says where it counts.")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 2026-02-30T00:00",
        "rotation.yaml:7:20: \"2026-02-30T00:00\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an "
            + "offset: \"zone\" says where it counts.")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 2026-12-20T24:01",
        "rotation.yaml:7:20: \"2026-12-20T24:01\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an "
            + "offset: \"zone\" says where it counts.")]
    [InlineData(
        "from: 2026-12-20T00:00", "from: 9999-12-31T24:00",
        "rotation.yaml:7:20: \"9999-12-31T24:00\" is not a date with a time. Write for example \"from: 2026-12-20T00:00\", without an "
            + "offset: \"zone\" says where it counts.")]
    [InlineData(", reason: year end", "", "rotation.yaml:7:12: The key \"reason\" is missing in a freeze. Add \"reason: year-end close\".")]
    [InlineData(
        "zone: Europe/Berlin, reason", "zone: Europe/Berlon, reason",
        "rotation.yaml:7:66: There is no time zone \"Europe/Berlon\". Did you mean \"Europe/Berlin\"? Write an IANA name such as "
            + "Europe/Berlin or UTC.")]
    [InlineData(
        "zone: Europe/Berlin, reason", "zone: CEST, reason",
        "rotation.yaml:7:66: There is no time zone \"CEST\". Did you mean \"CET\"? Write an IANA name such as Europe/Berlin or UTC.")]
    public void What_is_wrong_with_a_freeze_is_said_at_its_place(string before, string after, string problem) =>
        Problems(before, after).Should().Equal(problem);

    [Fact]
    public void A_freeze_is_read()
    {
        var freeze = Accepted("from: 2026-12-20T00:00", "from: 2026-12-20T12:30:15").Freezes.Should().ContainSingle().Which;

        (freeze.From, freeze.To, freeze.Zone.Id, freeze.Reason).Should()
            .Be((new LocalDateTime(2026, 12, 20, 12, 30, 15), new LocalDateTime(2027, 1, 4, 0, 0), "Europe/Berlin", "year end"));
    }

    [Theory]
    [InlineData("2026-12-20T24:00")]
    [InlineData("2026-12-20T24:00:00")]
    public void The_end_of_a_day_is_the_begin_of_the_next(string written) =>
        Accepted("from: 2026-12-20T00:00", $"from: {written}").Freezes
            .Should().ContainSingle().Which.From
            .Should().Be(new LocalDateTime(2026, 12, 21, 0, 0));
}
