using SecretRotator.Configuration;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>No secret value may stand in the inventory, and no message repeats one that does.</summary>
public sealed class SecretLiteralTests
{
    // Put together here, so that scanners of this repository don't take the tests for a leak.
    private static readonly string AwsKey = "AKIA" + "ABCDEFGHIJKLMNOP";
    private static readonly string Random = "kJ8sd7F3hQ" + "w9ZxP2mN5vB1cR4tY6";
    private static readonly string Jwt = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJ4In0" + ".c2lnbmF0dXJl";

    private const string Advice =
        "If it is one, delete it here and replace it wherever it is in use: everyone who can read the repository has it. If it isn't, "
            + "choose a plainer text.";

    public static TheoryData<string, string> Literals => new()
    {
        { AwsKey, "an AWS access key id" },
        { "ASIA" + "ABCDEFGHIJKLMNOP", "an AWS access key id" },
        { "\"-----BEGIN " + "RSA PRIVATE KEY-----\"", "a private key" },
        { "\"-----BEGIN " + "OPENSSH PRIVATE KEY-----\\nb3Bl\"", "a private key" },
        { Jwt, "a JSON web token" },
        { "ATATT" + "3xFfGF0abcdefgh", "an Atlassian token" },
        { "ATCTT" + "3xFfGF0abcdefgh=12AB", "an Atlassian token" },
        { "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789", "an access token" },
        { Random, "random characters" },
        { "9f86d081884c7d659a2feaa0c55ad015" + "a3bf4f1b2b0b822cd15d6c15b0f00a08", "random characters" },
        { "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "random characters" },
        { "\"xK#9v!mQ2$" + "rT7&pL\"", "random characters" },
    };

    [Theory]
    [MemberData(nameof(Literals), DisableDiscoveryEnumeration = true)]
    public void A_literal_that_looks_like_a_secret_is_refused_and_not_repeated(string literal, string kind) =>
        Problems("owner: team@acme.example", "owner: " + literal).Should().Equal(
            $"rotation.yaml:9:10: This looks like a secret value ({kind}), which is not allowed in this file. {Advice}");

    [Theory]
    [MemberData(nameof(Literals), DisableDiscoveryEnumeration = true)]
    public void It_is_refused_at_any_place_and_under_any_key(string literal, string kind)
    {
        foreach (var before in new[]
        {
            "vault: prod",
            "value: { kind: password }",
            "variable: DB_PASSWORD",
            "role: x",
            "kind: aws-secrets-manager",
        })
        {
            var yaml = before == "role: x"
                ? With("region: eu-west-1", $"region: eu-west-1, role: {literal}")
                : With(before, before[..(before.IndexOf(':', StringComparison.Ordinal) + 2)] + literal);
            var problems = Problems(yaml);

            problems.Should().Contain(problem => problem.Contains($"This looks like a secret value ({kind})", StringComparison.Ordinal));
            string.Concat(problems).Should().NotContain(literal.Trim('"')[..12]);
        }
    }

    [Fact]
    public void A_secret_that_stands_as_a_key_is_refused_and_not_repeated() =>
        Problems("  owner: team@acme.example", $"  owner: team@acme.example\n  {Random}: 1").Should().Equal(
            $"rotation.yaml:10:3: This looks like a secret value (random characters), which is not allowed in this file. {Advice}");

    [Fact]
    public void A_secret_in_a_comment_is_refused() =>
        Problems("    vault: prod", $"    vault: prod # was {AwsKey}").Should().Equal(
            $"rotation.yaml:14:23: This looks like a secret value (an AWS access key id), which is not allowed in this file. {Advice}");

    [Fact]
    public void A_secret_is_found_in_a_file_that_can_not_be_parsed() =>
        Problems($"a: [1\nb: {AwsKey}\n").Should().Contain(
            $"rotation.yaml:2:4: This looks like a secret value (an AWS access key id), which is not allowed in this file. {Advice}");

    [Fact]
    public void A_shape_is_looked_for_in_a_path_but_chance_is_not_since_vaults_name_secrets_by_chance() =>
        (Problems("path: prod/payments/db", "path: " + Random).Length,
            Problems("path: prod/payments/db", "path: " + AwsKey).Length).Should().Be((0, 1));

    [Theory]
    [InlineData("password: hunter2")]
    [InlineData("Secret: hunter2")]
    [InlineData("api_key: hunter2")]
    [InlineData("client-secret: \"hunter2\"")]
    public void A_key_that_announces_a_value_is_refused_without_repeating_it(string entry)
    {
        var problem = Problems("    vault: prod", $"    vault: prod\n    {entry}").Should().ContainSingle().Which;

        problem.Should()
            .Be($"rotation.yaml:15:5: The key \"{entry[..entry.IndexOf(':', StringComparison.Ordinal)]}\" would hold a secret value, "
            + "which is not allowed in this file. Delete the line. \"value\" of a secret says how a new value is made.");
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/secret-rotator/very-long-path/with-2024-and-1st-team")]
    [InlineData("arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab")]
    [InlineData("https://acme-prod.vault.azure.net/secrets/payments-db/with/2/parts")]
    [InlineData("payments-platform-team+oncall2@subsidiary.acme-industries.example")]
    [InlineData("an identifier that the ingest service pairs with a client certificate (see RFC 9562, ticket OPS-12345)")]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    [InlineData("PAYMENTS_DB_PASSWORD_EU_WEST_1_REPLICA_2")]
    [InlineData("paymentsApiProductionDatabasePassword2")]
    [InlineData("PaymentsApiV2ProductionDatabasePassword")]
    [InlineData("2026-12-20T00:00:00 Europe/Berlin, week 52, shifts 06:00-14:00 and 14:00-22:00")]
    [InlineData("https://acme.atlassian.net/wiki/spaces/OPS/pages/123456789012/Rotation+of+the+year")]
    public void Addresses_identifiers_and_prose_are_no_secrets(string text) =>
        SecretLiteral.KindOf(text).Should().BeNull();

    [Theory]
    [InlineData("aB3$dE6gH9jK2!xQ", true)]
    [InlineData("aB3$dE6gH9jK2xxQ", false)]
    [InlineData("aB3$dE6gH9jK2!x", false)]
    [InlineData("it\u00a0was\taB3$dE6gH9jK2!xQ\u3000once", true)]
    [InlineData("aB3$dE6g\u00a0H9jK2!xQ", false)]
    public void A_word_of_sixteen_characters_with_two_symbols_among_all_other_classes_looks_random(string text, bool looksRandom) =>
        SecretLiteral.LooksRandom(text).Should().Be(looksRandom);

    [Fact]
    public void Almost_every_generated_value_of_usual_size_is_recognised()
    {
        var random = new Random(1);
        var alphabets = new[]
        {
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
            "0123456789abcdef",
        };
        var missed = Enumerable.Range(0, 4_000)
            .Count(i => SecretLiteral.KindOf(
                string.Concat(Enumerable.Range(0, 40).Select(_ => alphabets[i % 4][random.Next(alphabets[i % 4].Length)]))) is null);

        missed.Should().BeLessThan(120);
    }
}
