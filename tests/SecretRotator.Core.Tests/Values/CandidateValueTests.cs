namespace SecretRotator.Tests.Values;

public sealed class CandidateValueTests
{
    private static readonly VariableTarget Whole = new(new VariableScope.Workspace("acme"), "KEY", Field: null, MayCreate: false);

    [Fact]
    public void A_plain_secret_is_new_as_a_whole() =>
        Make(new ValuePolicy.Plain(new ValueGenerator.Hex(2, null)), "whatever").Should().MatchRegex("^[0-9a-f]{4}$");

    [Fact]
    public void A_json_secret_gets_new_fields_and_keeps_the_rest() =>
        Make(new ValuePolicy.Json([new("b", new ValueGenerator.Hex(2, null)), new("a", new ValueGenerator.Hex(1, null))]),
            "{ \"a\":\"1\", \"host\" : \"h\",\"b\":null }")
            .Should().MatchRegex("^\\{ \"a\":\"[0-9a-f]{2}\", \"host\" : \"h\",\"b\":\"[0-9a-f]{4}\" \\}$");

    [Fact]
    public void Both_parts_of_a_key_pair_are_replaced_together()
    {
        var policy = new ValuePolicy.Json([new("private", new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", "c"))]);

        Make(policy, "{\"public\":\"\",\"private\":\"\"}")
            .Should()
            .MatchRegex("^\\{\"public\":\"ssh-ed25519 [^\"]+ c\",\"private\":\"-----BEGIN OPENSSH PRIVATE KEY-----\\\\n[^\"]+\\\\n\"\\}$");
    }

    [Fact]
    public void A_plain_secret_is_made_without_the_current_one()
    {
        var policy = new ValuePolicy.Plain(new ValueGenerator.Hex(2, null));
        using var value = CandidateValue.Make(policy, current: null, new SeededRandom(1));

        CandidateValue.NeedsCurrent(policy).Should().BeFalse();
        value.RevealText().Should().MatchRegex("^[0-9a-f]{4}$");
    }

    [Fact]
    public void A_json_secret_is_not_made_without_the_current_one()
    {
        var policy = new ValuePolicy.Json([new("a", new ValueGenerator.Hex(2, null))]);

        CandidateValue.NeedsCurrent(policy).Should().BeTrue();
        FluentActions.Invoking(() => CandidateValue.Make(policy, current: null, new SeededRandom(1))).Should()
            .Throw<ArgumentNullException>();
    }

    [Fact]
    public void The_current_value_stays_usable()
    {
        using var current = SecretValue.FromText("{\"a\":\"1\"}");
        CandidateValue.Make(new ValuePolicy.Json([new("a", new ValueGenerator.Hex(2, null))]), current, new SeededRandom(1)).Dispose();

        current.RevealText().Should().Be("{\"a\":\"1\"}");
    }

    [Fact]
    public void What_the_vault_makes_is_not_made_here() =>
        FluentActions.Invoking(() => Make(new ValuePolicy.VaultManaged(), "x")).Should().Throw<ArgumentException>();

    [Fact]
    public void A_target_without_field_carries_the_whole_content() => Of(Whole, "{\"a\":\"1\"}").Should().Be("{\"a\":\"1\"}");

    [Fact]
    public void A_target_with_a_field_carries_that_field() => Of(Whole with { Field = "a" }, "{\"a\":\"1\"}").Should().Be("1");

    [Theory]
    [InlineData("", "")]
    [InlineData("two\nlines\n", "dHdvCmxpbmVzCg==")]
    [InlineData("\u20ac?>~", "4oKsPz5+")]
    public void A_target_in_base64_carries_the_bytes_of_its_part_on_one_line_with_padding(string value, string carried) =>
        Of(Whole with { Field = "a", Encoding = TargetEncoding.Base64 },
            System.Text.Json.Nodes.JsonNode.Parse("{}")!.AsObject() is var json && json.TryAdd("a", value) ? json.ToJsonString() : "")
                .Should().Be(carried);

    [Fact]
    public void What_a_target_carries_outlives_the_content()
    {
        var content = SecretValue.FromText("text");
        using var value = TargetValue.Of(Whole, content);
        content.Dispose();

        value.RevealText().Should().Be("text");
    }

    private static string Make(ValuePolicy policy, string current)
    {
        using var old = SecretValue.FromText(current);
        using var value = CandidateValue.Make(policy, old, new SeededRandom(1));
        return value.RevealText();
    }

    private static string Of(VariableTarget target, string content)
    {
        using var whole = SecretValue.FromText(content);
        using var value = TargetValue.Of(target, whole);
        return value.RevealText();
    }
}
