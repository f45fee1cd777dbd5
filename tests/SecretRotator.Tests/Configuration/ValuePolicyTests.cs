using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

public sealed class ValuePolicyTests
{
    private const string Value = "value: { kind: password }";

    [Theory]
    [InlineData(
        "value: hunter2",
        "rotation.yaml:16:12: \"value\" says how a new value is made, and never is the value itself. Write for example \"value: { kind: "
            + "password, length: 40 }\".")]
    [InlineData(
        "value: uuid",
        "rotation.yaml:16:12: \"value\" says how a new value is made, and never is the value itself. Write \"value: { kind: uuid }\".")]
    [InlineData("value: { length: 40 }", "rotation.yaml:16:12: The key \"kind\" is missing in a value. Add \"kind: password\".")]
    [InlineData(
        "value: { kind: pasword }",
        "rotation.yaml:16:20: \"pasword\" is not a kind of value. Did you mean \"password\"? Write one of: password, hex, base64, "
            + "base64url, uuid, ssh-key, vault-managed, issued, external.")]
    [InlineData(
        "value: { kind: password, lenght: 40 }",
        "rotation.yaml:16:30: Unknown key \"lenght\" in a password value. Did you mean \"length\"? Known keys: kind, field, length, "
            + "classes, exclude, weak-because.")]
    [InlineData(
        "value: { kind: password, bytes: 40 }",
        "rotation.yaml:16:30: Unknown key \"bytes\" in a password value. Known keys: kind, field, length, classes, exclude, weak-because.")]
    [InlineData(
        "value: { kind: password, length: 1025 }",
        "rotation.yaml:16:38: \"length\" must be a whole number from 1 to 1,024. Write for example \"length: 40\", without quotes.")]
    [InlineData(
        "value: { kind: password, length: \"40\" }",
        "rotation.yaml:16:38: \"length\" must be a whole number from 1 to 1,024. Write for example \"length: 40\", without quotes.")]
    [InlineData(
        "value: { kind: password, classes: [] }",
        "rotation.yaml:16:39: \"classes\" has no items. Write \"classes: [lower, upper, digit]\", or delete the line.")]
    [InlineData(
        "value: { kind: password, classes: [letters] }",
        "rotation.yaml:16:40: \"letters\" is not a class of characters. Write one of: lower, upper, digit, symbol.")]
    [InlineData(
        "value: { kind: password, classes: [lower, lower] }",
        "rotation.yaml:16:47: The class \"lower\" appears twice. Delete one of the two.")]
    [InlineData(
        "value: { kind: password, exclude: \"0123456789\" }",
        "rotation.yaml:16:30: \"exclude\" leaves nothing of the class \"digit\", of which a password must hold a character. Exclude "
            + "fewer characters, or leave that class out of \"classes\".")]
    [InlineData(
        "value: { kind: password, exclude: \"ä\" }",
        "rotation.yaml:16:39: \"exclude\" names characters that no password holds. Write characters of printable ASCII only.")]
    [InlineData(
        "value: { kind: password, length: 3, weak-because: short }",
        "rotation.yaml:16:30: A password of 3 characters can't hold a character of each of 4 classes. Write a greater length, or fewer "
            + "classes.")]
    [InlineData(
        "value: { kind: password, length: 12 }",
        "rotation.yaml:16:12: The value would have 78 bits of entropy, and 128 are asked for. Make it longer, or say with "
            + "\"weak-because: REASON\" why less is enough.")]
    [InlineData(
        "value: { kind: uuid }",
        "rotation.yaml:16:12: The value would have 122 bits of entropy, and 128 are asked for. Make it longer, or say with "
            + "\"weak-because: REASON\" why less is enough.")]
    [InlineData(
        "value: { kind: hex, bytes: 15 }",
        "rotation.yaml:16:12: The value would have 120 bits of entropy, and 128 are asked for. Make it longer, or say with "
            + "\"weak-because: REASON\" why less is enough.")]
    [InlineData(
        "value: { kind: hex, bytes: 16, weak-because: old device }",
        "rotation.yaml:16:36: The value has 128 bits of entropy, so there is no weakness to explain. Delete the line.")]
    [InlineData(
        "value: { kind: base64, bytes: 0 }",
        "rotation.yaml:16:35: \"bytes\" must be a whole number from 1 to 1,024. Write for example \"bytes: 32\", without quotes.")]
    [InlineData(
        "value: { kind: vault-managed, field: a }",
        "rotation.yaml:16:35: Unknown key \"field\" in a vault-managed value. Known keys: kind.")]
    [InlineData(
        "value: { kind: ssh-key, field: a }",
        "rotation.yaml:16:12: The key \"public-field\" is missing in an ssh-key value. Add \"public-field: public\".")]
    [InlineData(
        "value: { kind: ssh-key, public-field: a }",
        "rotation.yaml:16:12: The key \"field\" is missing in an ssh-key value. Add \"field: private\".")]
    [InlineData(
        "value: { kind: ssh-key, algorithm: rsa, bits: 2048, field: a, public-field: b }",
        "rotation.yaml:16:51: \"bits\" must be a whole number from 3,072 to 16,384. Write for example \"bits: 4096\", without quotes.")]
    [InlineData("value: []", "rotation.yaml:16:12: \"value\" has no items. Write \"value: { kind: password, length: 40 }\".")]
    [InlineData(
        "value: [ password ]",
        "rotation.yaml:16:14: Found a plain text where an item of \"value\" is expected. Write \"{ kind: password, field: NAME }\" for "
            + "each field.")]
    [InlineData(
        "value: [ { kind: password } ]",
        "rotation.yaml:16:14: The key \"field\" is missing in an item of \"value\". Add \"field: NAME\": the items of a list are fields "
            + "of one JSON secret.")]
    [InlineData(
        "value: [ { kind: vault-managed } ]",
        "rotation.yaml:16:14: A vault-managed value can't be in a list. Write \"value: { kind: vault-managed }\" alone: the vault makes "
            + "the whole secret.")]
    [InlineData(
        "value: [ { kind: hex, field: a }, { kind: hex, field: a } ]",
        "rotation.yaml:16:39: The field \"a\" is generated twice. Give each item a field of its own.")]
    public void What_is_wrong_with_a_value_is_said_at_its_place(string value, string problem) =>
        Problems(Value, value).Should().Equal(problem);

    [Theory]
    [InlineData(
        "value: { kind: ssh-key, field: a, public-field: a }",
        "rotation.yaml:16:39: The private and the public key would go into the same field. Write two different names for \"field\" and "
            + "\"public-field\".")]
    [InlineData(
        "value: { kind: ssh-key, algorithm: dsa, field: a, public-field: b }",
        "rotation.yaml:16:40: \"dsa\" is not an algorithm. Did you mean \"rsa\"? Write one of: ed25519, rsa.")]
    [InlineData(
        "value: { kind: ssh-key, bits: 4096, field: a, public-field: b }",
        "rotation.yaml:16:29: An ed25519 key has no choice of \"bits\". Delete the line, or write \"algorithm: rsa\".")]
    [InlineData(
        "value: { kind: ssh-key, algorithm: rsa, bits: 4097, field: a, public-field: b }",
        "rotation.yaml:16:45: The size of an RSA key must be a multiple of 8. Write for example 3072 or 4096.")]
    public void What_is_wrong_with_an_SSH_key_is_said_at_its_place(string value, string problem) =>
        Problems(With(Value, value).Replace("variable: DB_PASSWORD", "variable: DB_PASSWORD, encoding: base64", StringComparison.Ordinal))
            .Should().Equal(problem);

    [Fact]
    public void A_value_that_stands_where_the_kind_is_missing_is_not_overlooked() =>
        Problems(Value, "value: { password: hunter2 }").Should().Equal(
            "rotation.yaml:16:12: The key \"kind\" is missing in a value. Add \"kind: password\".",
            "rotation.yaml:16:14: The key \"password\" would hold a secret value, which is not allowed in this file. Delete the line. "
                + "\"value\" of a secret says how a new value is made.");

    [Fact]
    public void Key_vault_can_not_rotate_by_itself() =>
        Problems(
            With(Value, "value: { kind: vault-managed }").Replace("    vault: prod", "    vault: azure", StringComparison.Ordinal)
                .Replace("prod/payments/db", "db", StringComparison.Ordinal)).Should().Equal(
            "rotation.yaml:16:14: Azure Key Vault can't rotate a secret by itself, so no value in it is vault-managed. Write a kind that "
                + "is generated, such as password.");

    public static TheoryData<string, ValueGenerator> Generators => new()
    {
        { "kind: password",
            new ValueGenerator.Password(
                40, [CharacterClass.Lower, CharacterClass.Upper, CharacterClass.Digit, CharacterClass.Symbol], "", null) },
        { "kind: password, length: 12, classes: [digit, lower], exclude: \"01 \", weak-because: old device",
            new ValueGenerator.Password(12, [CharacterClass.Digit, CharacterClass.Lower], "01 ", "old device") },
        { "kind: hex", new ValueGenerator.Hex(32, null) },
        { "kind: hex, bytes: 20", new ValueGenerator.Hex(20, null) },
        { "kind: base64", new ValueGenerator.Base64(32, null) },
        { "kind: base64url, bytes: 16", new ValueGenerator.Base64Url(16, null) },
        { "kind: uuid, weak-because: an identifier", new ValueGenerator.Uuid("an identifier") },
    };

    [Theory]
    [MemberData(nameof(Generators), DisableDiscoveryEnumeration = true)]
    public void A_value_without_a_field_is_the_whole_secret(string value, ValueGenerator generator) =>
        Secret(Value, $"value: {{ {value} }}").Value.Should()
            .BeEquivalentTo(new ValuePolicy.Plain(generator), options => options.PreferringRuntimeMemberTypes());

    [Theory]
    [MemberData(nameof(Generators), DisableDiscoveryEnumeration = true)]
    public void A_value_with_a_field_is_one_field_of_a_JSON_secret(string value, ValueGenerator generator) =>
        Secret(Value, $"value: {{ {value}, field: password }}").Value.Should().BeEquivalentTo(
                new ValuePolicy.Json([new GeneratedField("password", generator)]), options => options.PreferringRuntimeMemberTypes());

    [Theory]
    [InlineData("", SshKeyAlgorithm.Ed25519, 4096, "")]
    [InlineData(", algorithm: rsa", SshKeyAlgorithm.Rsa, 4096, "")]
    [InlineData(", algorithm: rsa, bits: 3072, comment: deploy", SshKeyAlgorithm.Rsa, 3072, "deploy")]
    public void An_SSH_key_has_two_fields(string more, SshKeyAlgorithm algorithm, int bits, string comment)
    {
        var field = Secret(
            $"{Value}\n    targets:\n      - {{",
            $"value: {{ kind: ssh-key, field: private, public-field: public{more} }}\n    targets:\n      - {{ encoding: base64,").Value
                .Should().BeOfType<ValuePolicy.Json>().Which.Fields.Should().ContainSingle().Which;

        field.Should().Be(new GeneratedField("private", new ValueGenerator.SshKey(algorithm, bits, "public", comment)));
    }

    [Fact]
    public void A_value_may_be_left_to_the_vault() =>
        Secret(Value, "value: { kind: vault-managed }").Value.Should().Be(new ValuePolicy.VaultManaged());
}
