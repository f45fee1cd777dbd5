using SecretRotator.Configuration;
using SecretRotator.Providers;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>Mistakes that people make in inventories, from files as they write them, and others of the same kind.</summary>
public sealed class InventoryCaseTests
{
    private const string Forms =
        "Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or 10m (minutes).";

    [Theory]
    [InlineData("C01-rotate-every-30", $"10:17: \"30\" is not a period. Did you mean \"30d\"? {Forms}")]
    [InlineData(
        "C03-ssh-key-to-a-variable",
        "16:16: The target carries a private SSH key, which has several lines, and a Bitbucket variable takes no line breaks. Add "
            + "\"encoding: base64\", and decode it where it is used: printf %s \"$KEY\" | base64 -d.")]
    [InlineData(
        "C05-partial-arn-ending-in-secret",
        "14:11: \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db\u2026\" ends in \"-secret\": is this the whole ARN? A "
            + "whole one ends in six characters that AWS drew at random. Write the ARN as AWS shows it, or the name alone: "
            + "prod/db-secret.")]
    [InlineData(
        "C06-path-with-field",
        "14:11: \"prod/db#password\" names a field, and a path is the name of the whole secret. Write \"path: prod/db\", and the field "
            + "into the value, such as \"value: { kind: password, field: password }\", or into a target: \"field: password\".")]
    [InlineData(
        "C08-no-break-space",
        "13:11: The character U+00A0 (no-break space) looks like a space, and YAML doesn't take it for one. Write a space in its place; "
            + "a text that needs the character must be quoted.")]
    [InlineData(
        "C10-nested-field",
        "15:37: \"db.password\" reads as a path into the object, and only fields of the outermost object can be named. Name such a "
            + "field, or keep the value in a secret of its own. If that is the field's whole name, write 'db\\.password'.")]
    public void A_mistake_gets_one_message_that_says_what_to_write(string file, string problem) =>
        InventoryParser.Parse(
            "rotation.yaml", File.ReadAllBytes(TestData.PathOf($"cases/inventories/{file}.yaml")), InventoryKinds.All).Problems
                .Select(p => p.ToString()).Should().Equal("rotation.yaml:" + problem);

    [Theory]
    [InlineData("rotate-every", "\"30\"", "30d")]
    [InlineData("rotate-every", "90days", "90d")]
    [InlineData("rotate-every", "2 weeks", "2w")]
    [InlineData("rotate-every", "3 months", "P3M")]
    [InlineData("rotate-every", "1 year", "P1Y")]
    [InlineData("rotate-every", "30D", "30d")]
    [InlineData("rotate-every", "p3m", "P3M")]
    [InlineData("minimum-interval", "10", "10m")]
    [InlineData("minimum-interval", "10 min", "10m")]
    [InlineData("claim-limit", "2", "2h")]
    public void A_period_without_its_unit_or_with_one_in_words_is_told_as_it_is_written(string key, string period, string meant) =>
        Problems(
            key == "rotate-every"
                ? With("rotate-every: 30d", $"rotate-every: {period}")
                : With("minimum-interval: 10m", $"{key}: {period}"))
            .Should().ContainSingle().Which.Should().EndWith($"is not a period. Did you mean \"{meant}\"? {Forms}");

    [Theory]
    [InlineData("monthly")]
    [InlineData("30.5")]
    [InlineData("-30")]
    [InlineData("1e3")]
    public void A_period_that_nothing_can_be_guessed_from_gets_the_forms(string period) =>
        Problems("rotate-every: 30d", $"rotate-every: {period}").Should()
            .Equal($"rotation.yaml:10:17: \"{period}\" is not a period. {Forms}");

    [Theory]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-apikey", false)]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-Config", false)]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-secret-a1B2c3", true)]
    [InlineData("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-secreT", false)]
    [InlineData("prod/db-secret", true)]
    public void A_word_in_place_of_the_six_characters_of_an_ARN_is_asked_about(string path, bool isRight) =>
        Problems("path: prod/payments/db", $"path: \"{path}\"").IsEmpty.Should().Be(isRight);

    [Theory]
    [InlineData("prod/db#password", "path: prod/db\"", "field: password")]
    [InlineData("vault://prod/prod/db#password", "path: prod/db\"", "field: password")]
    [InlineData(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3#pin",
        "path: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3\"", "field: pin")]
    [InlineData(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3:pin::",
        "path: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3\"", "field: pin")]
    public void A_path_that_names_a_field_in_another_tool_s_form_says_where_the_field_goes(string path, string instead, string field) =>
        Problems("path: prod/payments/db", $"path: \"{path}\"").Should().ContainSingle().Which.Should().Contain(instead).And.Contain(field);

    [Theory]
    [InlineData("owner: team@acme.example", "owner: year\u00a0end", "9:14: The character U+00A0 (no-break space)")]
    [InlineData("owner: team@acme.example", "owner:\u202fx", "9:9: The character U+202F looks")]
    [InlineData("owner: team@acme.example", "owner: it's\u3000x", "9:14: The character U+3000 looks")]
    [InlineData("owner: team@acme.example", "owner: [ \"a\",\u00a0b ]", "9:16: The character U+00A0")]
    [InlineData("owner: team@acme.example", "owner: 'it''s'\u00a0", "9:17: The character U+00A0")]
    [InlineData("version: 1", "\u00a0version: 1", "1:1: The character U+00A0")]
    public void A_character_that_looks_like_a_space_is_named_with_its_place(string before, string after, string problem) =>
        Problems(before, after).Should().ContainSingle().Which.Should().StartWith("rotation.yaml:" + problem);

    [Theory]
    [InlineData("owner: \"Cl\u00f4ture\u00a0: \\\" \u00a0 x\"")]
    [InlineData("owner: 'it''s\u00a0x'")]
    [InlineData("owner: x # a\u00a0remark: \"it's\u00a0fine\"")]
    [InlineData("owner: x\n  # \"\u00a0")]
    public void In_quotes_and_comments_it_may_stand(string owner) => Problems("owner: team@acme.example", owner).Should().BeEmpty();

    [Theory]
    [InlineData("db[0]", "db\\[0]")]
    [InlineData("/db/password", "\\/db/password")]
    [InlineData("$.db.password", "$\\.db\\.password")]
    public void A_field_that_reads_as_a_path_is_refused_with_the_way_to_write_it_as_a_name(string field, string literal)
    {
        Problems("kind: password", $"kind: password, field: '{field}'")
            .Should().ContainSingle().Which
            .Should().EndWith($"write '{literal}'.");
        Secret("kind: password", $"kind: password, field: '{literal}'").Value.Should().BeOfType<ValuePolicy.Json>().Which.Fields[0].Field
            .Should().Be(field);
    }

    [Theory]
    [InlineData("$schema")]
    [InlineData("db/password")]
    [InlineData("DB password")]
    [InlineData("a\\b")]
    public void Other_names_of_fields_are_taken_as_they_are(string field) =>
        Secret("kind: password", $"kind: password, field: '{field}'").Value.Should().BeOfType<ValuePolicy.Json>().Which.Fields[0].Field
            .Should().Be(field);

    [Fact]
    public void A_nested_field_of_a_target_or_a_public_key_is_refused_as_well()
    {
        Problems(
            With("kind: password", "kind: password, field: a")
                .Replace("variable: DB_PASSWORD", "variable: DB_PASSWORD, field: a.b", StringComparison.Ordinal)).Should()
                .ContainSingle().Which.Should().Contain("\"a.b\" reads as a path");
        Problems("value: { kind: password }", "value: [ { kind: ssh-key, field: a, public-field: b.c } ]").Should()
            .Contain(p => p.Contains("\"b.c\" reads as a path"));
    }
}
