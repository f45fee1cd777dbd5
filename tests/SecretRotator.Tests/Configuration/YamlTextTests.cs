using SecretRotator.Configuration;
using SecretRotator.Providers;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData(
        new byte[] { 0xef, 0xbb, 0xbf, (byte)'a' },
        "rotation.yaml:1:1: The file begins with a byte order mark. Save it as UTF-8 without one.")]
    [InlineData(new byte[] { 0xff, 0xfe, (byte)'a', 0 }, "rotation.yaml:1:1: The file is UTF-16. Save it as UTF-8.")]
    [InlineData(
        new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xc3, 0x28 }, "rotation.yaml:2:2: Here the file isn't UTF-8. Save it as UTF-8.")]
    [InlineData(
        new byte[] { (byte)'a', 0 },
        "rotation.yaml:1:2: The character U+0000 can't be seen and has no place in an inventory. Delete it. If the file is full of such, "
            + "it isn't an inventory.")]
    [InlineData(
        new byte[] { 0xe2, 0x80, 0xae },
        "rotation.yaml:1:1: The character U+202E can't be seen and has no place in an inventory. Delete it. If the file is full of such, "
            + "it isn't an inventory.")]
    [InlineData(
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F' },
        "rotation.yaml:1:1: The character U+007F can't be seen and has no place in an inventory. Delete it. If the file is full of such, "
            + "it isn't an inventory.")]
    public void Bytes_that_are_no_plain_text_get_one_problem_at_their_place(byte[] bytes, string problem) =>
        InventoryParser.Parse("rotation.yaml", bytes, InventoryKinds.All).Problems.Select(p => p.ToString()).Should().Equal(problem);

    [Theory]
    [InlineData("", "rotation.yaml:1:1: The file is empty. Begin with \"version: 1\"; docs/inventory.md shows the rest.")]
    [InlineData("# nothing\n", "rotation.yaml:1:1: The file is empty. Begin with \"version: 1\"; docs/inventory.md shows the rest.")]
    [InlineData(
        "bitbucket:\n\tworkspace: acme\n",
        "rotation.yaml:2:1: There is a tab in the indentation. Indent with spaces, here and everywhere: YAML takes no tabs.")]
    [InlineData(
        "a: 1\n---\nb: 1\n",
        "rotation.yaml:2:1: A second document begins here. Keep one document in the file, without \"---\" and \"...\" in between.")]
    [InlineData(
        "a: [1\n",
        "rotation.yaml:2:1: This isn't YAML: while parsing a flow sequence, did not find expected ',' or ']'. Look for a missing quote, "
            + "bracket, colon or space, here or just before.")]
    [InlineData(
        "- a\n",
        "rotation.yaml:1:1: Found a list where an inventory is expected. Write \"key: value\" pairs. Known keys: version, bitbucket, "
            + "vaults, limits, freezes, evidence, controls, attestation, notify, heartbeat, "
            + "defaults, include, secrets.")]
    [InlineData(
        "hello\n",
        "rotation.yaml:1:1: Found a plain text where an inventory is expected. Write \"key: value\" pairs. Known keys: version, "
            + "bitbucket, vaults, limits, freezes, evidence, controls, attestation, notify, heartbeat, "
            + "defaults, include, secrets.")]
    public void A_file_that_is_no_single_mapping_gets_one_problem(string yaml, string problem) =>
        Problems(yaml).Should().Equal(problem);

    [Theory]
    [InlineData("owner: \"the team\n  of payments\"")]
    [InlineData("owner: 'the team\nof payments'")]
    [InlineData("owner: \"the \\\n  team\n  of \\\"payments\\\"\"")]
    public void A_quoted_text_may_go_on_at_its_key_s_column_and_before(string owner) =>
        Accepted("owner: team@acme.example", owner + "\n  # don't").Secrets[0].Owner.Should().StartWith("the team").And.Contain("of ");

    [Fact]
    public void A_quote_that_never_ends_is_told_where_it_begins() =>
        Problems("owner: team@acme.example", "owner: \"team")
            .Should().ContainSingle().Which
            .Should().StartWith("rotation.yaml:9:10: This isn't YAML");

    [Fact]
    public void An_alias_is_refused_where_it_stands_and_its_anchor_too() =>
        Problems(
            With("owner: team@acme.example", "owner: &o team@acme.example")
                .Replace("    vault: prod", "    vault: *o", StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:9:10: An anchor (\"&\") can't be used in an inventory. Write the value out where it is needed, or put it "
                + "under \"defaults\".",
            "rotation.yaml:14:12: An alias (\"*\") can't be used in an inventory. Write the value out, or put it under \"defaults\".");

    [Fact]
    public void A_merge_key_is_refused() =>
        Problems("    vault: prod", "    <<: { vault: prod }\n    vault: prod").Should().Equal(
            "rotation.yaml:14:5: A merge key (\"<<\") can't be used in an inventory. Write the keys out, or put them under \"defaults\".");

    [Theory]
    [InlineData("!!python/object:os.system prod")]
    [InlineData("!!str prod")]
    [InlineData("! prod")]
    public void A_tag_is_refused(string value) =>
        Problems("vault: prod", "vault: " + value).Should().Equal(
            "rotation.yaml:14:12: A tag (\"!\") can't be used in an inventory. Write the value without it.");

    [Fact]
    public void A_key_that_stands_twice_is_refused_at_its_second_place() =>
        Problems("    vault: prod", "    vault: prod\n    vault: azure").Should().Equal(
            "rotation.yaml:15:5: The key \"vault\" appears twice, first on line 14. Delete one of the two.");

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(39)]
    public void A_key_that_stands_twice_is_found_among_many(int repeated)
    {
        var vaults = string.Concat(
            Enumerable.Range(0, 40).Append(repeated).Select(i => $"\n  v{i}: {{ kind: aws-secrets-manager, region: eu-west-1 }}"));

        Problems("vaults:", "vaults:" + vaults).Should().Equal(
            $"rotation.yaml:44:3: The key \"v{repeated}\" appears twice, first on line {repeated + 4}. Delete one of the two.");
    }

    [Theory]
    [InlineData("? [vault]\n    : prod")]
    [InlineData("\"\": prod")]
    public void A_key_that_is_no_text_is_refused(string entry) =>
        Problems("    vault: prod", $"    vault: prod\n    {entry}").Should()
            .ContainSingle(p => p.EndsWith(": A key must be a text. Write \"key: value\".", StringComparison.Ordinal));

    [Fact]
    public void An_escape_for_a_control_character_is_refused() =>
        Problems("owner: team@acme.example", "owner: \"team\\e[31m\"").Should().Equal(
            "rotation.yaml:9:10: The text holds a character that can't be seen. Write it without tabs, controls and escapes for such.");

    [Fact]
    public void All_problems_come_at_once_in_the_order_of_the_file() =>
        Problems(
            With("vault: prod", "vault: pord").Replace("region: eu-west-1", "region: europe", StringComparison.Ordinal)
                .Replace("owner:", "onwer:", StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:4:46: \"europe\" is not an AWS region. Write a region's system name such as eu-west-1.",
            "rotation.yaml:9:3: Unknown key \"onwer\" in \"defaults\". Did you mean \"owner\"? Known keys: owner, rotate-every, window, "
                + "wait, grace, verify.",
            "rotation.yaml:13:5: The secret has no owner. Add \"owner: platform@acme.example\" to it or to \"defaults\".",
            "rotation.yaml:14:12: There is no vault \"pord\". Did you mean \"prod\"? Known vaults: azure, prod.");

    [Fact]
    public void After_a_hundred_problems_the_rest_is_counted()
    {
        var problems = Problems(
            With("value: { kind: password }",
                "value: { kind: password }\n" + string.Concat(Enumerable.Range(0, 130).Select(i => $"    zz{i}: 1\n"))));

        problems.Should().HaveCount(101);
        problems[^1].Should().Be("rotation.yaml: And 30 more problems. Fix the ones above first.");
    }

    [Fact]
    public void What_a_message_repeats_is_shortened_and_holds_no_control_characters() =>
        Problems("vault: prod", $"vault: {new string('x', 150)}").Should().Equal(
            $"rotation.yaml:14:12: There is no vault \"{new string('x', 60)}…\". Known vaults: azure, prod.");

    [Fact]
    public void A_key_with_a_line_break_stays_on_one_line_in_a_message() =>
        Problems(
            "  prod: { kind: aws-secrets-manager, region: eu-west-1 }",
            "  prod: { kind: aws-secrets-manager, region: eu-west-1 }\n  \"a\\nb\": x").Should().Equal(
            "rotation.yaml:5:3: \"a?b\" can't be the name of a vault. Write lower-case letters, digits and hyphens, at most 63, and "
                + "begin with a letter or a digit.",
            "rotation.yaml:5:11: Found a plain text where a vault is expected. Write \"a?b: { kind: aws-secrets-manager, region: "
                + "eu-west-1 }\".");

    [Fact]
    public void A_file_name_can_not_smuggle_lines_into_the_log() =>
        InventoryParser.Parse("a\n\u001b[31mb.yaml", Encoding.UTF8.GetBytes("- 1"), InventoryKinds.All).Problems[0].File.Should()
            .Be("a??[31mb.yaml");

    [Fact]
    public void Windows_line_ends_change_no_place() =>
        Problems(With("vault: prod", "vault: pord").ReplaceLineEndings("\r\n")).Should().Equal(
            "rotation.yaml:14:12: There is no vault \"pord\". Did you mean \"prod\"? Known vaults: azure, prod.");

    [Theory]
    [InlineData("owner:", "rotation.yaml:9:9: \"owner\" is empty. Write \"owner: platform@acme.example\", or delete the line.")]
    [InlineData("owner: ~", "rotation.yaml:9:10: \"owner\" is empty. Write \"owner: platform@acme.example\", or delete the line.")]
    [InlineData("owner: \"\"", "rotation.yaml:9:10: \"owner\" is empty. Write for example \"owner: platform@acme.example\".")]
    [InlineData("owner: 12", "rotation.yaml:9:10: \"owner\" must be a text, and \"12\" without quotes is a number. Write it in quotes.")]
    [InlineData(
        "owner: true", "rotation.yaml:9:10: \"owner\" must be a text, and \"true\" without quotes is a truth value. Write it in quotes.")]
    [InlineData("owner: |\n    a\n    b", "rotation.yaml:9:10: \"owner\" has several lines. Write it on one line, or fold it with \">-\".")]
    [InlineData("owner: [a, b]", "rotation.yaml:9:10: \"owner\" must be a text. Write for example \"owner: platform@acme.example\".")]
    public void A_text_must_be_a_text(string line, string problem) =>
        Problems("owner: team@acme.example", line).Should().Equal(problem);

    [Fact]
    public void A_text_that_is_too_long_is_refused() =>
        Problems("owner: team@acme.example", "owner: " + string.Concat(Enumerable.Repeat("team ", 60)).Trim()).Should().Equal(
            "rotation.yaml:9:10: \"owner\" has 299 characters. Write at most 200.");

    [Fact]
    public void A_folded_text_becomes_one_line() =>
        Secret("owner: team@acme.example", "owner: >-\n    the platform team,\n    room 12\n").Owner.Should()
            .Be("the platform team, room 12");
}
