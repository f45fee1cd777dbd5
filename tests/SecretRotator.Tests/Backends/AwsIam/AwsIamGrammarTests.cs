using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Backends.AwsIam;

public sealed class AwsIamGrammarTests
{
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";

    [Fact]
    public void Role_and_region_are_those_of_the_secret_s_vault() =>
        Read("user: ci-deploy", vault: "{ kind: aws-secrets-manager, region: eu-west-1, role: \"" + Role + "\" }").Should()
            .Be(new AwsIamDefinition("ci-deploy", Role, "eu-west-1", "accessKeyId", "secretAccessKey"));

    [Fact]
    public void It_may_say_all_of_them_itself()
    {
        var definition = Read(
            $"user: teams/ci/deploy, role: \"{Role}\", region: eu-north-1, id-field: id, secret-field: key, delete-after: 2d");

        definition.Should().Be(
            new AwsIamDefinition("teams/ci/deploy", Role, "eu-north-1", "id", "key") { DeleteAfter = Duration.FromDays(2) });
        (definition.UserName, definition.Arn, definition.Place).Should()
            .Be(("deploy", "arn:aws:iam::123456789012:user/teams/ci/deploy", "123456789012:user/teams/ci/deploy"));
        definition.KeylessWay.Should().Contain("oidc: true").And.Contain("123456789012").And.Contain("deploy");
    }

    [Theory]
    [InlineData("user: two words", "can't be the name of an IAM user")]
    [InlineData("user: /ci", "can't be the name of an IAM user")]
    [InlineData("user: größe", "can't be the name of an IAM user")]
    [InlineData("user: a, role: admin", "is not the ARN of an IAM role")]
    [InlineData("user: a, region: europe", "is not an AWS region")]
    [InlineData("user: a, id-field: secretAccessKey", "both name the field \"secretAccessKey\"")]
    [InlineData("user: a, password: hunter2", "would hold a secret value")]
    public void What_is_wrong_is_told(string keys, string problem) =>
        Problems(keys, "issued").Should().ContainSingle().Which.Should().Contain(problem).And.NotContain("hunter2");

    [Fact]
    public void A_vault_elsewhere_gives_no_region() =>
        SampleInventory.Problems(
            SampleInventory.With("    vault: prod\n    path: prod/payments/db\n    value: { kind: password }\n    targets:\n"
                + "      - { repository: payments-api, variable: DB_PASSWORD }\n    consumer: reads-from-vault\n",
            "    vault: azure\n    path: db\n    value: { kind: issued }\n    backend: { kind: aws-access-key, user: a }\n    targets:\n"
                + "      - { repository: payments-api, variable: DB_PASSWORD, field: accessKeyId }\n")).Should().ContainSingle().Which
            .Should().Contain("The backend has no region, and the vault \"azure\" isn't in AWS");

    [Fact]
    public void Its_value_can_t_be_generated() =>
        Problems("user: a", "hex, field: accessKeyId").Should().ContainSingle().Which.Should().Contain("AWS IAM makes the value itself");

    [Fact]
    public void A_rotated_key_has_a_grace() => Secret("user: a").Grace.Should().NotBeNull();

    private static AwsIamDefinition Read(string keys, string? vault = null) => (AwsIamDefinition)Secret(keys, vault).Backend!;

    private static ManagedSecret Secret(string keys, string? vault = null)
    {
        var yaml = Text(keys, "issued");
        var result = SampleInventory.Read(
            vault is null ? yaml : yaml.Replace("{ kind: aws-secrets-manager, region: eu-west-1 }", vault, StringComparison.Ordinal));
        result.Problems.Select(problem => problem.ToString()).Should().BeEmpty();
        return result.Inventory!.Secrets[0];
    }

    private static IEnumerable<string> Problems(string keys, string kind) => SampleInventory.Problems(Text(keys, kind));

    private static string Text(string keys, string kind) => SampleInventory.With(
        "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }\n    consumer: reads-from-vault",
        $"{{ kind: {kind} }}\n    backend: {{ kind: aws-access-key, {keys} }}\n    targets:\n"
            + "      - { repository: payments-api, variable: DB_PASSWORD, whole: true }");
}
